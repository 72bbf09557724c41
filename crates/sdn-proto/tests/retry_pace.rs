//! How many senders send under a rate limit, in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::{Duration, UNIX_EPOCH};

use sdn_proto::http::Response;
use sdn_proto::retry::{Attempt, Backoff, Next, Ticket};
use sdn_proto::{Call, CallError, InviteUser};

/// A server with a token bucket: it accepts a number of calls a second, after a burst.
#[derive(Clone, Copy)]
struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled: f64,
}

impl Bucket {
    fn new(rate: f64, burst: f64) -> Self {
        Bucket { rate, burst, tokens: burst, filled: 0.0 }
    }

    /// Responds to a call at this time: with a success, or with the delay until there is a token.
    fn take(&mut self, now: Duration) -> Result<(), f64> {
        let now = now.as_secs_f64();
        self.tokens = (self.tokens + (now - self.filled) * self.rate).min(self.burst);
        self.filled = now;
        // The clock counts nanoseconds.
        if self.tokens < 1.0 - 1e-6 {
            return Err((1.0 - self.tokens) / self.rate);
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

/// The form of a server's delay.
enum Delay {
    Exact,
    /// In whole seconds, as `Retry-After` does.
    Seconds,
    /// Always five seconds, which is assumed if the server sends no delay.
    Five,
}

impl Delay {
    fn of(&self, seconds: f64) -> Duration {
        match self {
            Delay::Exact => Duration::from_secs_f64(seconds),
            Delay::Seconds => Duration::from_secs_f64(seconds.ceil()),
            Delay::Five => Duration::from_secs(5),
        }
    }
}

struct Stage {
    senders: usize,
    bucket: Bucket,
    /// The time from a request to its response.
    latency: Duration,
    delay: Delay,
    budget: Duration,
}

/// Ten a second, a burst of ten, and an hour for each sender.
fn stage(senders: usize) -> Stage {
    Stage {
        senders,
        bucket: Bucket::new(10.0, 10.0),
        latency: Duration::ZERO,
        delay: Delay::Exact,
        budget: Duration::from_secs(3600),
    }
}

#[derive(Debug, Default)]
struct Outcome {
    accepted: usize,
    refused: usize,
    failed: usize,
    /// The same after the first minute.
    later: (usize, usize),
    questions: usize,
    end: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ask(usize),
    Arrive(usize),
    /// With the server's delay, if it refused.
    Respond(usize, Option<Duration>),
}

impl Stage {
    fn run(mut self) -> Outcome {
        let (mut backoff, mut outcome) = (Backoff::new(), Outcome::default());
        let mut attempts: Vec<_> =
            (0..self.senders).map(|_| Attempt::new(backoff.ticket(), self.budget)).collect();
        // The senders that sleep until they are woken, and the start of their sleep.
        let mut asleep = BTreeMap::<Ticket, (usize, Duration)>::new();
        let mut events: BinaryHeap<_> = (0..self.senders)
            .map(|number| Reverse((Duration::ZERO, number, Event::Ask(number))))
            .collect();
        let mut order = self.senders;
        while let Some(Reverse((now, _, event))) = events.pop() {
            let mut at = |time: Duration, event| {
                order += 1;
                events.push(Reverse((time, order, event)));
            };
            match event {
                Event::Ask(number) => {
                    outcome.questions += 1;
                    match attempts[number].next(&mut backoff, now) {
                        Next::Send => at(now + self.latency / 2, Event::Arrive(number)),
                        Next::Sleep(wait) => {
                            // Timers count whole milliseconds.
                            let wait =
                                Duration::from_millis(wait.as_nanos().div_ceil(1_000_000) as u64);
                            attempts[number].waited(wait);
                            at(now + wait, Event::Ask(number));
                        }
                        Next::WaitForOther(_) => {
                            asleep.insert(attempts[number].ticket(), (number, now));
                        }
                        Next::GiveUp(_) => outcome.failed += 1,
                    }
                }
                Event::Arrive(number) => {
                    let delay = self.bucket.take(now).err().map(|delay| self.delay.of(delay));
                    at(now + self.latency / 2, Event::Respond(number, delay));
                }
                Event::Respond(number, delay) => {
                    let result = delay.map_or(Ok(()), |delay| Err(limit(delay)));
                    let is_later = usize::from(now > Duration::from_secs(60));
                    match result.is_ok() {
                        true => (outcome.accepted += 1, outcome.later.0 += is_later),
                        false => (outcome.refused += 1, outcome.later.1 += is_later),
                    };
                    outcome.end = now;
                    match attempts[number].ended(&mut backoff, now, UNIX_EPOCH, 0.5, result) {
                        Some(result) => outcome.failed += usize::from(result.is_err()),
                        None => at(now, Event::Ask(number)),
                    }
                }
            }
            let woken = backoff.wake().and_then(|ticket| asleep.remove(&ticket));
            if let Some((number, since)) = woken {
                attempts[number].waited(now - since);
                order += 1;
                events.push(Reverse((now, order, Event::Ask(number))));
            }
        }
        assert!(asleep.is_empty(), "{} are never woken", asleep.len());
        outcome
    }
}

/// The server's 429, with a delay to the millisecond.
fn limit(delay: Duration) -> CallError {
    let milliseconds = delay.as_nanos().div_ceil(1_000_000);
    let body =
        format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","error":"","retry_after_ms":{milliseconds}}}"#);
    let response = Response::builder().status(429).body(body).unwrap();
    InviteUser::parse_response(&response).unwrap_err().into()
}

impl Outcome {
    fn check(&self, senders: usize, allowed: f64) {
        assert_eq!((self.accepted, self.failed), (senders, 0), "{self:?}");
        let (accepted, refused) = self.later;
        assert!(refused as f64 <= 0.12 * accepted as f64, "{self:?}");
        let share = self.end.as_secs_f64() / allowed;
        assert!((0.999..1.1).contains(&share), "{share} of the time allowed: {self:?}");
        assert!(self.questions <= 5 * senders, "each turn wakes one: {self:?}");
        println!("{share:.3} of the time that the server allows; {self:?}");
    }
}

#[test]
fn ten_thousand_keep_the_servers_pace() {
    for milliseconds in [0, 50, 200, 1000] {
        let latency = Duration::from_millis(milliseconds);
        Stage { latency, ..stage(10_000) }.run().check(10_000, 999.0);
    }
}

#[test]
fn rounded_delays_keep_the_pace() {
    for milliseconds in [0, 50, 200] {
        let latency = Duration::from_millis(milliseconds);
        Stage { latency, delay: Delay::Seconds, ..stage(10_000) }.run().check(10_000, 999.0);
    }
}

#[test]
fn too_long_delays_are_made_up() {
    let outcome = Stage { delay: Delay::Five, ..stage(10_000) }.run();
    assert_eq!((outcome.accepted, outcome.failed), (10_000, 0), "{outcome:?}");
    // Each limit costs the four seconds that the burst does not cover.
    assert!(outcome.end < Duration::from_secs(1600), "{outcome:?}");
    assert!(outcome.later.1 < 120, "{outcome:?}");
}

#[test]
fn any_rate_and_burst_is_learned() {
    for (rate, burst) in [(0.5, 10.0), (1.0, 2.0), (10.0, 5.0), (10.0, 100.0), (100.0, 10.0)] {
        let budget = Duration::from_secs(24 * 3600);
        let outcome = Stage { bucket: Bucket::new(rate, burst), budget, ..stage(3000) }.run();
        outcome.check(3000, (3000.0 - burst) / rate);
    }
}

#[test]
fn first_burst_is_bounded() {
    let outcome = stage(10_000).run();
    assert!(outcome.refused - outcome.later.1 < 64 + 30, "{outcome:?}");
    let Outcome { refused, end, .. } = stage(10).run();
    assert_eq!((refused, end), (0, Duration::ZERO), "nothing limits the first ten");
}

#[test]
fn budget_ends_the_wait() {
    let budget = Duration::from_secs(100);
    let outcome = Stage { budget, ..stage(10_000) }.run();
    assert_eq!(outcome.accepted + outcome.failed, 10_000, "{outcome:?}");
    assert!((980..1040).contains(&outcome.accepted), "{outcome:?}");
}

#[test]
fn endless_limit_is_retried_ever_slower() {
    let mut backoff = Backoff::new();
    let mut attempt = Attempt::new(backoff.ticket(), Duration::from_secs(600));
    let (mut now, mut sent) = (Duration::ZERO, 0);
    let error = loop {
        match attempt.next(&mut backoff, now) {
            Next::Send => {
                sent += 1;
                let result = Err::<(), _>(limit(Duration::ZERO));
                assert!(attempt.ended(&mut backoff, now, UNIX_EPOCH, 0.0, result).is_none());
            }
            Next::Sleep(wait) => {
                attempt.waited(wait);
                now += wait;
            }
            Next::GiveUp(error) => break error,
            next => panic!("{next:?}"),
        }
    };
    assert_eq!(error.api_error().unwrap().status(), 429);
    assert!((15..30).contains(&sent), "{sent} in {now:?}");
}
