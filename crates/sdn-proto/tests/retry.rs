//! How long to wait, whatever a server asks for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use sdn_proto::http::Response;
use sdn_proto::retry::{Pace, Patience, Turn, delay_of, is_rate_limit};
use sdn_proto::{ApiError, InviteUser};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn error(status: u16, retry_after: &str, body: &str) -> ApiError {
    let mut response = Response::builder().status(status);
    if !retry_after.is_empty() {
        response = response.header("retry-after", retry_after);
    }
    InviteUser::parse_response(&response.body(body.to_owned()).unwrap()).unwrap_err()
}

/// The moment of the specification's example of a date, a minute before.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(784_111_777 - 60)
}

fn wait(budget: Duration, error: &ApiError) -> Option<Duration> {
    Patience::new(budget).wait(error, now(), 0.0)
}

#[test]
fn every_form_of_delay_is_obeyed() {
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
fn a_server_that_says_wait_ten_years_ends_in_an_error() {
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
        Patience::new(Duration::MAX).wait(&error(429, "7", "{}"), now(), f64::NAN),
        Some(Duration::from_secs(7))
    );
}

#[test]
fn a_wait_that_took_longer_uses_the_budget_up() {
    let mut patience = Patience::new(Duration::from_secs(3));
    assert!(patience.spend(Duration::from_secs(1)));
    assert_eq!(patience.left(), Duration::from_secs(2));
    assert!(!patience.spend(Duration::from_secs(4)));
    assert_eq!(patience.left(), Duration::ZERO);
}

#[test]
fn what_is_only_allowed_takes_no_time_yet() {
    let (error, second) = (error(429, "3", "{}"), Duration::from_secs(1));
    let mut patience = Patience::new(4 * second);
    for _ in 0..10 {
        assert_eq!(patience.allows(&error, now(), 0.0), Some(3 * second));
        assert_eq!(patience.left(), 4 * second);
    }
    assert_eq!(patience.allows(&error, now(), 0.0), None, "it counts all the same");
}

#[test]
fn how_long_a_server_wants_to_be_left_alone() {
    assert_eq!(delay_of(&error(429, "7", "{}"), now()), Some(Duration::from_secs(7)));
    assert_eq!(delay_of(&error(503, "7", "{}"), now()), None);
}

#[test]
fn a_pace_opens_in_time_and_widens_with_what_began_after_the_limit() {
    let second = Duration::from_secs(1);
    let mut pace = Pace::new();
    for _ in 0..3 {
        assert_eq!(pace.ask(Duration::ZERO), Turn::Now);
    }
    pace.limited(Duration::ZERO, 7 * second);
    pace.done(true);
    assert_eq!(pace.ask(7 * second), Turn::AfterAnother, "one that began before still sends");
    pace.done(true);
    assert_eq!(pace.ask(7 * second), Turn::Now);
    assert_eq!(pace.ask(7 * second), Turn::AfterAnother, "it starts with one");
    pace.done(true);
    assert_eq!([pace.ask(7 * second), pace.ask(7 * second)], [Turn::Now; 2]);
    assert_eq!(pace.ask(7 * second), Turn::AfterAnother, "twice as many");
    pace.limited(7 * second, 10 * DAY);
    assert_eq!(pace.ask(7 * second), Turn::After(DAY), "no server is believed for longer");
}

#[test]
fn jitter_does_not_make_a_delay_too_long() {
    let (error, delay) = (error(429, "100", "{}"), Duration::from_secs(100));
    assert_eq!(Patience::new(delay).wait(&error, now(), 1.0), Some(delay));
}

#[test]
fn only_a_rate_limit_is_waited_for() {
    let limit = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"no"}"#;
    assert!(wait(DAY, &error(400, "", limit)).is_some(), "by its code");
    for status in [403, 500, 502, 503] {
        assert_eq!(wait(DAY, &error(status, "7", "{}")), None, "{status}");
    }
}

#[test]
fn a_server_that_asks_again_and_again_is_left_alone() {
    let mut patience = Patience::new(DAY);
    let error = error(429, "0", "{}");
    let waits = (0..100).filter(|_| patience.wait(&error, now(), 1.0).is_some()).count();
    assert_eq!(waits, 10);
}

proptest! {
    #[test]
    fn jitter_only_adds_and_only_so_much(seconds in 0..u64::MAX / 2, jitter in any::<f64>()) {
        let delay = Duration::from_secs(seconds);
        let error = error(429, &seconds.to_string(), "{}");
        let asked = error.retry_after().is_some();
        let waited = Patience::new(Duration::MAX).wait(&error, now(), jitter).unwrap();
        if asked && seconds < u64::from(u32::MAX) {
            prop_assert!(waited >= delay);
            prop_assert!(waited <= delay + (delay / 4).min(Duration::from_secs(30)));
        }
    }

    #[test]
    fn a_budget_is_never_exceeded(delays in prop::collection::vec(0..100_u64, 0..30), budget in 0..500_u64) {
        let budget = Duration::from_secs(budget);
        let mut patience = Patience::new(budget);
        let waited: Duration = delays
            .iter()
            .filter_map(|delay| patience.wait(&error(429, &delay.to_string(), "{}"), now(), 0.5))
            .sum();
        prop_assert!(waited <= budget);
    }

    /// Senders that do as they are told, in any order: nobody sends while the server wants silence, and one begins.
    #[test]
    fn senders_stop_and_start_as_a_whole(events in prop::collection::vec((0..4_u8, 0..20_u64), 1..200)) {
        let mut pace = Pace::new();
        let (mut now, mut sending, mut closed_until, mut limited) = (0, 0_usize, 0, false);
        for (event, value) in events {
            let time = Duration::from_secs(now);
            match event {
                0 => now += value,
                1 => match pace.ask(time) {
                    Turn::Now => {
                        prop_assert!(now >= closed_until);
                        prop_assert!(!limited || sending == 0, "one begins");
                        sending += 1;
                        limited = false;
                    }
                    Turn::After(left) => {
                        prop_assert_eq!(left, Duration::from_secs(closed_until - now));
                    }
                    Turn::AfterAnother => prop_assert!(sending > 0),
                },
                2 if sending > 0 => {
                    pace.done(true);
                    sending -= 1;
                }
                3 if sending > 0 => {
                    pace.limited(time, Duration::from_secs(value));
                    sending -= 1;
                    closed_until = closed_until.max(now + value);
                    limited = true;
                }
                _ => {}
            }
        }
    }
}
