//! How long to wait, with any delays.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use sdn_proto::http::Response;
use sdn_proto::retry::{Attempt, Backoff, Next, RetryBudget, Turn, is_rate_limit, retry_delay};
use sdn_proto::{ApiError, Call, CallError, InviteUser, TransportErrorKind};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn error(status: u16, retry_after: &str, body: &str) -> ApiError {
    let mut response = Response::builder().status(status);
    if !retry_after.is_empty() {
        response = response.header("retry-after", retry_after);
    }
    InviteUser::parse_response(&response.body(body.to_owned()).unwrap()).unwrap_err()
}

/// A minute before the specification's example of a date.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(784_111_777 - 60)
}

fn wait(budget: Duration, error: &ApiError) -> Option<Duration> {
    RetryBudget::new(budget).wait(error, now(), 0.0)
}

#[test]
fn every_form_of_delay_counts() {
    for (retry_after, body, seconds) in [
        ("400", "{}", 400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "{}", 60),
        ("Tue, 06 Nov 1984 08:49:37 GMT", "{}", 0),
        ("", r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}"#, 2),
        ("soon", "{}", 5),
        ("", "<html>", 5),
    ] {
        let delay = Duration::from_secs(seconds);
        let error = error(429, retry_after, body);
        assert!(is_rate_limit(&error));
        assert_eq!(wait(DAY, &error), Some(delay), "{retry_after}");
        assert_eq!(wait(delay, &error), Some(delay), "the budget may be used up");
        if seconds > 0 {
            assert_eq!(wait(delay - Duration::from_nanos(1), &error), None);
        }
    }
}

#[test]
fn endless_delay_is_not_waited_for() {
    for retry_after in [
        "315360000",
        "18446744073709551615",
        "99999999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        assert_eq!(wait(DAY, &error(429, retry_after, "{}")), None, "{retry_after}");
    }
    let forever = format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":{}}}"#, u64::MAX);
    assert_eq!(wait(DAY, &error(429, "", &forever)), None);
    assert_eq!(
        RetryBudget::new(Duration::MAX).wait(&error(429, "7", "{}"), now(), f64::NAN),
        Some(Duration::from_secs(7))
    );
}

#[test]
fn longer_wait_uses_up_the_budget() {
    let mut budget = RetryBudget::new(Duration::from_secs(3));
    assert!(budget.spend(Duration::from_secs(1)));
    assert_eq!(budget.left(), Duration::from_secs(2));
    assert!(!budget.spend(Duration::from_secs(4)));
    assert_eq!(budget.left(), Duration::ZERO);
}

#[test]
fn check_leaves_the_budget() {
    let (error, second) = (error(429, "3", "{}"), Duration::from_secs(1));
    let mut budget = RetryBudget::new(4 * second);
    for _ in 0..10 {
        assert_eq!(budget.check(&error, now(), 0.0), Some(3 * second));
        assert_eq!(budget.left(), 4 * second);
    }
    assert_eq!(budget.check(&error, now(), 0.0), None, "it counts all the same");
}

#[test]
fn retry_delay_needs_a_rate_limit() {
    assert_eq!(retry_delay(&error(429, "7", "{}"), now()), Some(Duration::from_secs(7)));
    assert_eq!(retry_delay(&error(503, "7", "{}"), now()), None);
}

/// Asks for a turn with a new ticket.
fn ask(backoff: &mut Backoff, now: Duration) -> Turn {
    let ticket = backoff.ticket();
    let turn = backoff.ask(ticket, now);
    backoff.leave(ticket);
    turn
}

#[test]
fn backoff_opens_and_widens() {
    let second = Duration::from_secs(1);
    let mut backoff = Backoff::new();
    for _ in 0..3 {
        assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    }
    backoff.limited(Duration::ZERO, 7 * second);
    backoff.done(true);
    let turn = ask(&mut backoff, 7 * second);
    assert_eq!(turn, Turn::AfterAnother, "one that began before still sends");
    backoff.done(true);
    let waiting = [(); 4].map(|()| backoff.ticket());
    assert_eq!(backoff.ask(waiting[0], 7 * second), Turn::Now);
    assert_eq!(backoff.ask(waiting[1], 7 * second), Turn::AfterAnother, "it starts with one");
    assert_eq!(backoff.ask(waiting[2], 7 * second), Turn::AfterAnother);
    backoff.done(true);
    assert_eq!(backoff.ask(waiting[1], 7 * second), Turn::Now);
    assert_eq!(backoff.ask(waiting[2], 7 * second), Turn::Now);
    assert_eq!(backoff.ask(waiting[3], 7 * second), Turn::AfterAnother, "one more than before");
    backoff.leave(waiting[3]);
    backoff.done(false);
    backoff.limited(7 * second, 10 * DAY);
    assert_eq!(ask(&mut backoff, 7 * second), Turn::After(DAY), "no server is believed for longer");
}

#[test]
fn backoff_forgets_after_a_quiet_minute() {
    let minute = Duration::from_secs(60);
    let mut backoff = Backoff::new();
    assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    backoff.limited(Duration::ZERO, minute);
    assert_eq!(ask(&mut backoff, minute), Turn::Now);
    assert_eq!(ask(&mut backoff, minute), Turn::AfterAnother);
    backoff.done(true);
    for _ in 0..64 {
        assert_eq!(ask(&mut backoff, 3 * minute), Turn::Now);
    }
    assert_eq!(ask(&mut backoff, 3 * minute), Turn::AfterAnother, "no more at first");
}

#[test]
fn learned_pace_is_kept() {
    let second = Duration::from_secs(1);
    let mut backoff = Backoff::new();
    assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    backoff.limited(Duration::ZERO, second);
    for _ in 0..2 {
        assert_eq!(ask(&mut backoff, second), Turn::Now);
        backoff.done(true);
    }
    assert_eq!(ask(&mut backoff, second), Turn::Now);
    backoff.limited(second, 4 * second);
    assert_eq!(ask(&mut backoff, 5 * second), Turn::Now, "two were accepted in four seconds");
    let Turn::After(wait) = ask(&mut backoff, 5 * second) else { panic!("{backoff:?}") };
    assert!(wait > 2 * second && wait < 2 * second + second / 5, "{wait:?}");
}

#[test]
fn jitter_keeps_within_budget() {
    let (error, delay) = (error(429, "100", "{}"), Duration::from_secs(100));
    assert_eq!(RetryBudget::new(delay).wait(&error, now(), 1.0), Some(delay));
}

#[test]
fn only_rate_limits_are_waited_for() {
    let limit = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"no"}"#;
    assert!(wait(DAY, &error(400, "", limit)).is_some(), "by its code");
    for status in [403, 500, 502, 503] {
        assert_eq!(wait(DAY, &error(status, "7", "{}")), None, "{status}");
    }
}

#[test]
fn repeated_limits_end_after_ten() {
    let mut budget = RetryBudget::new(DAY);
    let error = error(429, "0", "{}");
    let waits = (0..100).filter(|_| budget.wait(&error, now(), 1.0).is_some()).count();
    assert_eq!(waits, 10);
}

proptest! {
    #[test]
    fn jitter_adds_a_bounded_share(seconds in 0..u64::MAX / 2, jitter in any::<f64>()) {
        let delay = Duration::from_secs(seconds);
        let error = error(429, &seconds.to_string(), "{}");
        let asked = error.retry_after().is_some();
        let waited = RetryBudget::new(Duration::MAX).wait(&error, now(), jitter).unwrap();
        if asked && seconds < u64::from(u32::MAX) {
            prop_assert!(waited >= delay);
            prop_assert!(waited <= delay + (delay / 4).min(Duration::from_secs(30)));
        }
    }

    #[test]
    fn budget_is_never_exceeded(delays in prop::collection::vec(0..100_u64, 0..30), budget in 0..500_u64) {
        let budget = Duration::from_secs(budget);
        let mut left = RetryBudget::new(budget);
        let waited: Duration = delays
            .iter()
            .filter_map(|delay| left.wait(&error(429, &delay.to_string(), "{}"), now(), 0.5))
            .sum();
        prop_assert!(waited <= budget);
    }

    /// In any order, no sender sends during the server's delay, and one begins after it.
    #[test]
    fn senders_stop_and_start_together(events in prop::collection::vec((0..4_u8, 0..20_u64), 1..200)) {
        let mut backoff = Backoff::new();
        let (mut now, mut sending, mut closed_until, mut limited) = (0, 0_usize, 0, false);
        for (event, value) in events {
            let time = Duration::from_secs(now);
            match event {
                0 => now += value,
                1 => match ask(&mut backoff, time) {
                    Turn::Now => {
                        prop_assert!(now >= closed_until);
                        prop_assert!(!limited || sending == 0, "one begins");
                        sending += 1;
                        limited = false;
                    }
                    Turn::After(left) => {
                        // Longer after refusals in a row, or at a learned pace.
                        prop_assert!(left >= Duration::from_secs(closed_until.saturating_sub(now)));
                    }
                    Turn::AfterAnother => prop_assert!(sending > 0),
                },
                2 if sending > 0 => {
                    backoff.done(true);
                    sending -= 1;
                }
                3 if sending > 0 => {
                    backoff.limited(time, Duration::from_secs(value));
                    sending -= 1;
                    closed_until = closed_until.max(now + value);
                    limited = true;
                }
                _ => {}
            }
        }
    }

    /// Times that go back do not lead to a panic.
    #[test]
    fn backoff_takes_any_times(events in prop::collection::vec((0..4_u8, any::<Duration>(), any::<Duration>()), 1..50)) {
        let mut backoff = Backoff::new();
        for (event, now, delay) in events {
            match event {
                0 => backoff.limited(now, delay),
                1 => backoff.done(true),
                2 => backoff.done(false),
                _ => {
                    ask(&mut backoff, now);
                }
            }
        }
    }
}

#[test]
fn attempt_without_budget_returns_the_limit() {
    let mut backoff = Backoff::new();
    let mut attempt = Attempt::new(backoff.ticket(), Duration::from_secs(6));
    assert!(matches!(attempt.next(&mut backoff, Duration::ZERO), Next::Send));
    let limit = CallError::from(error(429, "7", "{}"));
    let result = attempt.ended(&mut backoff, Duration::ZERO, now(), 0.0, Err::<(), _>(limit));
    assert_eq!(result.unwrap().unwrap_err().api_error().unwrap().status(), 429);
    assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::After(Duration::from_secs(7)));
}

#[test]
fn attempt_limited_elsewhere_is_not_sent() {
    let mut backoff = Backoff::new();
    assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    backoff.limited(Duration::ZERO, Duration::from_secs(7));
    let mut attempt = Attempt::new(backoff.ticket(), Duration::from_secs(6));
    let Next::GiveUp(CallError::Transport(error)) = attempt.next(&mut backoff, Duration::ZERO)
    else {
        panic!("{attempt:?}")
    };
    assert_eq!(error.kind(), TransportErrorKind::RateLimited);
    assert_eq!(backoff.wake(), None, "it has left");
}

#[test]
fn attempt_waits_for_another_within_budget() {
    let second = Duration::from_secs(1);
    let mut backoff = Backoff::new();
    assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    backoff.limited(Duration::ZERO, second);
    assert_eq!(ask(&mut backoff, second), Turn::Now);
    let mut attempt = Attempt::new(backoff.ticket(), 3 * second);
    let next = attempt.next(&mut backoff, second);
    assert!(matches!(next, Next::WaitForOther(wait) if wait == 3 * second), "{next:?}");
    attempt.waited(4 * second);
    assert!(matches!(attempt.next(&mut backoff, 5 * second), Next::GiveUp(_)));
    backoff.done(true);
    assert!(matches!(attempt.next(&mut backoff, 5 * second), Next::Send));
}

#[test]
fn unlimited_attempt_keeps_its_budget() {
    let second = Duration::from_secs(1);
    let mut backoff = Backoff::new();
    for _ in 0..64 {
        assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    }
    let mut attempt = Attempt::new(backoff.ticket(), Duration::ZERO);
    let next = attempt.next(&mut backoff, Duration::ZERO);
    assert!(matches!(next, Next::WaitForOther(wait) if wait == second), "{next:?}");
    attempt.waited(second);
    assert!(matches!(attempt.next(&mut backoff, second), Next::WaitForOther(_)));
    backoff.done(true);
    assert_eq!(backoff.wake(), Some(attempt.ticket()));
    assert!(matches!(attempt.next(&mut backoff, 2 * second), Next::Send));
}

#[test]
fn attempt_counts_wait_after_limit() {
    let second = Duration::from_secs(1);
    let mut backoff = Backoff::new();
    for _ in 0..64 {
        assert_eq!(ask(&mut backoff, Duration::ZERO), Turn::Now);
    }
    let mut attempt = Attempt::new(backoff.ticket(), 10 * second);
    let next = attempt.next(&mut backoff, Duration::ZERO);
    assert!(matches!(next, Next::WaitForOther(wait) if wait == 10 * second), "{next:?}");
    backoff.limited(6 * second, second);
    attempt.waited(10 * second);
    let next = attempt.next(&mut backoff, 10 * second);
    assert!(
        matches!(next, Next::WaitForOther(wait) if wait == 6 * second),
        "four after it: {next:?}"
    );
}
