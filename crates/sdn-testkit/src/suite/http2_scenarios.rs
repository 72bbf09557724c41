//! Scenarios of HTTP/2.

use super::bench::{ACCESS_TOKEN, Bench, Exchange, NOT_SENT, OK, Scenario, UNKNOWN, invite};
use super::http2::{
    ALL_STREAMS, CODES, INTERNAL_ERROR, NO_ERROR, REFUSED_STREAM, act, answer, body, go_away,
    go_away_saying, head, open, request, request_head, reset,
};
use super::reuse::pause;
use crate::script::{Connection, serve_tls_as};
use crate::server::certificate::Wanted;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "HTTP/2: answers", expected: &[OK], run: |bench| over_http2(bench, answers) },
    // These three exclude the request and have not handled it, so it may also be sent again.
    Scenario {
        name: "HTTP/2: goes away before the request",
        expected: &[NOT_SENT, OK],
        run: |bench| over_http2(bench, goes_away_before),
    },
    Scenario {
        name: "HTTP/2: goes away before the request, and does not close",
        expected: &[NOT_SENT, OK],
        run: |bench| over_http2(bench, goes_away_before_and_stays),
    },
    Scenario {
        name: "HTTP/2: goes away before the request, in two steps",
        expected: &[NOT_SENT, OK],
        run: |bench| over_http2(bench, goes_away_in_two_steps),
    },
    Scenario {
        name: "HTTP/2: goes away between two requests",
        expected: &[OK],
        run: goes_away_between,
    },
    Scenario {
        name: "HTTP/2: goes away, and answers",
        expected: &[OK],
        run: |bench| over_http2(bench, goes_away_and_answers),
    },
    // These have handled the request, although they claim otherwise.
    Scenario {
        name: "HTTP/2: goes away before the request with any error code",
        expected: &[UNKNOWN],
        run: goes_away_with_any_code,
    },
    Scenario {
        name: "HTTP/2: goes away after the request",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, goes_away_after),
    },
    Scenario {
        name: "HTTP/2: goes away with an error that repeats the token",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, goes_away_with_the_token),
    },
    Scenario {
        name: "HTTP/2: goes away after the request, without an error",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, goes_away_quietly),
    },
    Scenario {
        name: "HTTP/2: says that it will go away, and closes",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, announces_and_closes),
    },
    Scenario {
        name: "HTTP/2: goes away before the request, but within its answer",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, goes_away_in_the_body),
    },
    Scenario {
        name: "HTTP/2: refuses the stream before the request's body",
        expected: &[UNKNOWN],
        run: refuses_the_head,
    },
    Scenario {
        name: "HTTP/2: refuses the stream after the request",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, refuses),
    },
    Scenario {
        name: "HTTP/2: resets the stream after the request with any code",
        expected: &[UNKNOWN],
        run: resets_with_any_code,
    },
    Scenario {
        name: "HTTP/2: resets the stream within its answer with any code",
        expected: &[UNKNOWN],
        run: resets_in_the_body_with_any_code,
    },
    Scenario {
        name: "HTTP/2: breaks the rules of HTTP/2",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, breaks_the_rules),
    },
    Scenario {
        name: "HTTP/2: closes after the request",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, closes),
    },
];

fn over_http2(
    bench: &Bench<'_>,
    handle: impl Fn(&mut Connection, u32) -> bool + Send + Sync + 'static,
) -> Result<Exchange, String> {
    invite_with(bench, 1, request, handle)
}

/// Sends `count` invitations to a server that handles each stream that `read` returns. Returns the
/// last exchange.
fn invite_with(
    bench: &Bench<'_>,
    count: usize,
    read: fn(&mut Connection) -> Option<u32>,
    handle: impl Fn(&mut Connection, u32) -> bool + Send + Sync + 'static,
) -> Result<Exchange, String> {
    let wanted = Wanted { alpn: &["h2"], ..Wanted::default() };
    let server = serve_tls_as(&wanted, move |connection| {
        if !open(connection) {
            return;
        }
        while read(connection).is_some_and(|stream| handle(connection, stream)) {}
    });
    let client = bench.trusting(&server);
    for _ in 1..count {
        invite(&*client, &server)?.expect(OK)?;
        pause();
    }
    invite(&*client, &server)
}

/// Returns the exchange with the first of these codes whose outcome is known, or the last exchange.
fn with_any_code(
    bench: &Bench<'_>,
    frames: fn(u32, u32) -> Vec<u8>,
    codes: impl Iterator<Item = u32>,
) -> Result<Exchange, String> {
    let mut last = Err("there is no code".to_owned());
    for code in codes {
        let exchange = over_http2(bench, move |connection, stream| {
            act(connection);
            connection.write(frames(stream, code)).is_ok()
        })?;
        if exchange.outcome != UNKNOWN {
            return Ok(exchange);
        }
        last = Ok(exchange);
    }
    last
}

fn goes_away_with_any_code(bench: &Bench<'_>) -> Result<Exchange, String> {
    with_any_code(bench, |_, code| go_away(0, code), CODES.filter(|code| *code != NO_ERROR))
}

fn resets_with_any_code(bench: &Bench<'_>) -> Result<Exchange, String> {
    with_any_code(bench, reset, CODES)
}

fn resets_in_the_body_with_any_code(bench: &Bench<'_>) -> Result<Exchange, String> {
    with_any_code(bench, |stream, code| [head(stream), reset(stream, code)].concat(), CODES)
}

fn goes_away_between(bench: &Bench<'_>) -> Result<Exchange, String> {
    invite_with(bench, 3, request, |connection, stream| {
        act(connection);
        let farewell = [answer(stream), go_away(stream, NO_ERROR)].concat();
        let _ = connection.write(farewell);
        false
    })
}

fn refuses_the_head(bench: &Bench<'_>) -> Result<Exchange, String> {
    invite_with(bench, 1, request_head, refuses)
}

// Each function returns whether the connection is kept.

fn answers(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    connection.write(answer(stream)).is_ok()
}

fn goes_away_before(connection: &mut Connection, _: u32) -> bool {
    let _ = connection.write(go_away(0, NO_ERROR));
    false
}

fn goes_away_before_and_stays(connection: &mut Connection, _: u32) -> bool {
    connection.write(go_away(0, NO_ERROR)).is_ok()
}

fn goes_away_in_two_steps(connection: &mut Connection, _: u32) -> bool {
    let steps = [go_away(ALL_STREAMS, NO_ERROR), go_away(0, NO_ERROR)].concat();
    connection.write(steps).is_ok()
}

fn goes_away_and_answers(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    let _ = connection.write([go_away(stream, NO_ERROR), answer(stream)].concat());
    false
}

fn goes_away_after(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    let _ = connection.write(go_away(stream, INTERNAL_ERROR));
    false
}

fn goes_away_with_the_token(connection: &mut Connection, _: u32) -> bool {
    act(connection);
    let words = format!("ENHANCE_YOUR_CALM: authorization: Bearer {ACCESS_TOKEN}");
    let _ = connection.write(go_away_saying(0, INTERNAL_ERROR, words.as_bytes()));
    false
}

fn goes_away_quietly(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    let _ = connection.write(go_away(stream, NO_ERROR));
    false
}

fn announces_and_closes(connection: &mut Connection, _: u32) -> bool {
    act(connection);
    let _ = connection.write(go_away(ALL_STREAMS, NO_ERROR));
    false
}

fn goes_away_in_the_body(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    connection.write([head(stream), go_away(0, NO_ERROR)].concat()).is_ok()
}

fn refuses(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    connection.write(reset(stream, REFUSED_STREAM)).is_ok()
}

fn breaks_the_rules(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    connection.write(body(stream)).is_ok()
}

fn closes(connection: &mut Connection, _: u32) -> bool {
    act(connection);
    false
}
