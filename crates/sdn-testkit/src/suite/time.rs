//! Slow servers.

use std::time::Duration;

use sdn_proto::TransportErrorKind;

use super::bench::{
    Bench, ClientSettings, Exchange, GRACE, Outcome, Scenario, UNKNOWN, check, invite,
};
use crate::script::{Connection, serve};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "never answers", expected: &[UNKNOWN], run: |bench| falls_silent(bench, "") },
    Scenario {
        name: "falls silent in the headers",
        expected: &[UNKNOWN],
        run: |bench| falls_silent(bench, "HTTP/1.1 200 OK\r\ncontent-le"),
    },
    Scenario {
        name: "falls silent in the body",
        expected: &[UNKNOWN],
        run: |bench| falls_silent(bench, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"),
    },
    Scenario {
        name: "falls silent in a 502's body",
        expected: &[Outcome::Undecided(502)],
        run: silent_page,
    },
    Scenario {
        name: "trickles headers without end",
        expected: &[UNKNOWN],
        run: |bench| trickles(bench, "HTTP/1.1 200 OK\r\nx-trickle: "),
    },
    Scenario {
        name: "trickles a body without end",
        expected: &[UNKNOWN],
        run: |bench| trickles(bench, "HTTP/1.1 200 OK\r\n\r\n"),
    },
];

const SHORT: Duration = Duration::from_millis(400);

fn impatient(
    bench: &Bench<'_>,
    serve: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> Result<Exchange, String> {
    let client =
        bench.client_with(&ClientSettings { total_timeout: SHORT, ..ClientSettings::default() });
    let server = self::serve(serve);
    let start = std::time::Instant::now();
    let exchange = invite(&*client, &server)?;
    let taken = start.elapsed();
    // Timers count whole milliseconds.
    let in_time = SHORT - Duration::from_millis(20)..SHORT + GRACE;
    check(in_time.contains(&taken), || {
        format!("it took {taken:?} instead of {SHORT:?}, `ClientSettings::total_timeout`")
    })?;
    Ok(exchange)
}

fn falls_silent(bench: &Bench<'_>, bytes: &'static str) -> Result<Exchange, String> {
    let exchange = impatient(bench, move |connection| {
        connection.respond(bytes);
        connection.stall();
    })?;
    exchange.expect_kind(TransportErrorKind::TotalTimeout)
}

fn silent_page(bench: &Bench<'_>) -> Result<Exchange, String> {
    impatient(bench, |connection| {
        connection.respond(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 100\r\n\r\n<html>");
        connection.stall();
    })
}

fn trickles(bench: &Bench<'_>, bytes: &'static str) -> Result<Exchange, String> {
    let exchange = impatient(bench, move |connection| {
        connection.respond(bytes);
        connection.write_forever(b" ", Duration::from_millis(50));
    })?;
    exchange.expect_kind(TransportErrorKind::TotalTimeout)
}
