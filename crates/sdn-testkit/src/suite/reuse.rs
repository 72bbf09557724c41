//! Connections that are reused, or can no longer be reused.

use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::bench::{
    Bench, Client, Exchange, NOT_SENT, OK, Scenario, UNKNOWN, check, exchange, get, invitation,
    invite, send,
};
use crate::script::{
    Connection, ScriptedServer, response, serve, serve_always, serve_at, serve_once,
};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "keeps the connection", expected: &[OK], run: kept },
    Scenario { name: "closed the kept connection meanwhile", expected: &[OK], run: closed_before },
    Scenario {
        name: "closes the kept connection after the next request",
        expected: &[UNKNOWN],
        run: closed_after,
    },
    Scenario {
        name: "closes the kept connection after the next GET",
        expected: &[UNKNOWN],
        run: closed_after_get,
    },
    Scenario { name: "answers once more than it was asked", expected: &[OK], run: unasked },
    Scenario { name: "is gone in the middle of a batch", expected: &[NOT_SENT], run: gone },
    Scenario { name: "restarts in the middle of a batch", expected: &[OK], run: restarted },
    Scenario { name: "breaks off, and then behaves", expected: &[OK], run: recovers },
];

/// Waits until a client has kept a connection, or noticed that it was closed.
pub(super) fn pause() {
    thread::sleep(Duration::from_millis(150));
}

fn well_behaved() -> ScriptedServer {
    serve_always(response("200 OK", "{}"))
}

fn invite_ok(client: &Client, server: &ScriptedServer, count: usize) -> Result<(), String> {
    for _ in 0..count {
        invite(client, server)?.expect(OK)?;
        pause();
    }
    Ok(())
}

fn kept(bench: &Bench<'_>) -> Result<Exchange, String> {
    let (server, client) = (well_behaved(), bench.client());
    invite_ok(&*client, &server, 4)?;
    let exchange = invite(&*client, &server)?;
    check(server.connections() == 1, || {
        format!("{} connections for five requests instead of one", server.connections())
    })?;
    Ok(exchange)
}

fn closed_before(bench: &Bench<'_>) -> Result<Exchange, String> {
    // The server promises to keep the connection, and closes it.
    let server = serve(|connection| {
        connection.respond(response("200 OK", "{}"));
    });
    let client = bench.client();
    invite_ok(&*client, &server, 3)?;
    invite(&*client, &server)
}

fn closed_after(bench: &Bench<'_>) -> Result<Exchange, String> {
    closed_after_next(bench, invitation)
}

fn closed_after_get(bench: &Bench<'_>) -> Result<Exchange, String> {
    closed_after_next(bench, get)
}

fn closed_after_next(
    bench: &Bench<'_>,
    request: fn(&str) -> Request<Bytes>,
) -> Result<Exchange, String> {
    let server = serve(|connection| {
        connection.respond(response("200 OK", "{}"));
        connection.request();
    });
    let client = bench.client();
    invite_ok(&*client, &server, 1)?;
    let exchange = exchange(&*client, &server, request(&server.base_url()))?;
    check(server.requests().len() == 2, || "it was sent again".to_owned())?;
    Ok(exchange)
}

/// A response without a request must not be read as that of the next request.
fn unasked(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve(|connection: &mut Connection| {
        connection.respond(response("200 OK", "{}"));
        let _ = connection.write(response("418 Forged", "forged"));
        connection.respond_always(response("200 OK", "{}"));
    });
    let client = bench.client();
    invite_ok(&*client, &server, 2)?;
    invite(&*client, &server)
}

fn gone(bench: &Bench<'_>) -> Result<Exchange, String> {
    let (server, client) = (well_behaved(), bench.client());
    invite_ok(&*client, &server, 3)?;
    let url = server.base_url();
    drop(server);
    pause();
    send(&*client, invitation(&url))
}

fn restarted(bench: &Bench<'_>) -> Result<Exchange, String> {
    let (server, client) = (well_behaved(), bench.client());
    invite_ok(&*client, &server, 3)?;
    let (port, url) = (server.port(), server.base_url());
    drop(server);
    pause();
    send(&*client, invitation(&url))?.expect(NOT_SENT)?;
    let server = serve_at(port, |connection| connection.respond_always(response("200 OK", "{}")));
    invite_ok(&*client, &server, 2)?;
    server.cut_connections();
    pause();
    invite(&*client, &server)
}

fn recovers(bench: &Bench<'_>) -> Result<Exchange, String> {
    let client = bench.client();
    for bytes in ["", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        invite(&*client, &serve_once(bytes))?.expect(UNKNOWN)?;
    }
    invite(&*client, &well_behaved())
}
