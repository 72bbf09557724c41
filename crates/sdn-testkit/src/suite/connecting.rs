//! Connections that fail.

use std::net::TcpListener;
use std::time::Duration;

use http::Request;
use sdn_proto::TransportErrorKind;

use super::bench::{
    Bench, ClientSettings, Exchange, NOT_SENT, OK, Scenario, check, exchange, invitation, invite,
    send,
};
use crate::script::{Connection, response, serve, serve_tls, serve_tls_as};
use crate::server::certificate::Wanted;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "nobody listens", expected: &[NOT_SENT], run: nobody_listens },
    Scenario { name: "its name is unknown", expected: &[NOT_SENT], run: unknown_name },
    Scenario {
        name: "its name is unknown, to a GET",
        expected: &[NOT_SENT],
        run: unknown_name_get,
    },
    Scenario { name: "TLS with an added root certificate", expected: &[OK], run: trusted },
    Scenario {
        name: "TLS: a certificate for another name",
        expected: &[NOT_SENT],
        run: wrong_name,
    },
    Scenario { name: "TLS: a certificate that has run out", expected: &[NOT_SENT], run: expired },
    Scenario { name: "TLS: an authority nobody knows", expected: &[NOT_SENT], run: unknown_root },
    Scenario { name: "TLS: plain text on its port", expected: &[NOT_SENT], run: plain_on_tls },
    Scenario {
        name: "TLS: closes instead of shaking hands",
        expected: &[NOT_SENT],
        run: no_handshake,
    },
    Scenario { name: "TLS: never shakes hands", expected: &[NOT_SENT], run: silent_handshake },
];

fn nobody_listens(bench: &Bench<'_>) -> Result<Exchange, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    drop(listener);
    send(&*bench.client(), invitation(&format!("http://{address}")))
}

fn unknown_name(bench: &Bench<'_>) -> Result<Exchange, String> {
    send(&*bench.client(), invitation("https://no-such-name.invalid"))
}

fn unknown_name_get(bench: &Bench<'_>) -> Result<Exchange, String> {
    let request = Request::get("https://no-such-name.invalid/_api/client/versions");
    send(&*bench.client(), request.body(Default::default()).map_err(|error| error.to_string())?)
}

fn ok(connection: &mut Connection) {
    connection.respond_always(response("200 OK", "{}"));
}

fn trusted(bench: &Bench<'_>) -> Result<Exchange, String> {
    bench.invite_trusting(&serve_tls("localhost", ok))
}

fn wrong_name(bench: &Bench<'_>) -> Result<Exchange, String> {
    bench.invite_trusting(&serve_tls("other.example", ok))
}

fn expired(bench: &Bench<'_>) -> Result<Exchange, String> {
    bench.invite_trusting(&serve_tls_as(&Wanted { is_expired: true, ..Wanted::default() }, ok))
}

fn unknown_root(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve_tls("localhost", ok);
    let exchange = invite(&*bench.client(), &server)?;
    check(server.requests().is_empty(), || "the server received a request".to_owned())?;
    Ok(exchange)
}

fn plain_on_tls(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve(|connection| {
        let _ = connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    exchange(
        &*bench.client(),
        &server,
        invitation(&server.base_url().replace("http://", "https://")),
    )
}

fn no_handshake(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve(|_| {});
    exchange(
        &*bench.client(),
        &server,
        invitation(&server.base_url().replace("http://", "https://")),
    )
}

fn silent_handshake(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve(Connection::stall);
    let connect_timeout = Duration::from_millis(300);
    let client =
        bench.client_with(&ClientSettings { connect_timeout, ..ClientSettings::default() });
    let url = server.base_url().replace("http://", "https://");
    let exchange = exchange(&*client, &server, invitation(&url))?;
    exchange.expect_kind(TransportErrorKind::ConnectTimeout)
}
