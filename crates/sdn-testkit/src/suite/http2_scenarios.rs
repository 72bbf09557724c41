//! The same over HTTP/2.

use super::bench::{Bench, Exchange, NOT_SENT, OK, Scenario, UNKNOWN};
use super::http2::{
    INTERNAL_ERROR, NO_ERROR, REFUSED_STREAM, act, answer, go_away, open, request, reset,
};
use crate::script::{Connection, serve_tls_as};
use crate::server::certificate::Wanted;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "HTTP/2: answers", expected: &[OK], run: |bench| over_http2(bench, answers) },
    // These two say that the request was not acted on, so it may also be sent once more.
    Scenario {
        name: "HTTP/2: refuses the stream",
        expected: &[NOT_SENT, OK],
        run: |bench| over_http2(bench, refuses),
    },
    Scenario {
        name: "HTTP/2: goes away before the request",
        expected: &[NOT_SENT, OK],
        run: |bench| over_http2(bench, goes_away_before),
    },
    Scenario {
        name: "HTTP/2: goes away after the request",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, goes_away_after),
    },
    Scenario {
        name: "HTTP/2: goes away after the request, without an error",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, goes_away_quietly),
    },
    Scenario {
        name: "HTTP/2: resets the stream after the request",
        expected: &[UNKNOWN],
        run: |bench| over_http2(bench, resets),
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
    let wanted = Wanted { alpn: &["h2"], ..Wanted::default() };
    let server = serve_tls_as(&wanted, move |connection| {
        if !open(connection) {
            return;
        }
        while request(connection).is_some_and(|stream| handle(connection, stream)) {}
    });
    bench.invite_trusting(&server)
}

// Each says whether the connection is kept.

fn answers(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    connection.write(answer(stream)).is_ok()
}

fn refuses(connection: &mut Connection, stream: u32) -> bool {
    connection.write(reset(stream, REFUSED_STREAM)).is_ok()
}

fn goes_away_before(connection: &mut Connection, _: u32) -> bool {
    let _ = connection.write(go_away(0, NO_ERROR));
    false
}

fn goes_away_after(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    let _ = connection.write(go_away(stream, INTERNAL_ERROR));
    false
}

fn goes_away_quietly(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    let _ = connection.write(go_away(stream, NO_ERROR));
    false
}

fn resets(connection: &mut Connection, stream: u32) -> bool {
    act(connection);
    connection.write(reset(stream, INTERNAL_ERROR)).is_ok()
}

fn closes(connection: &mut Connection, _: u32) -> bool {
    act(connection);
    false
}
