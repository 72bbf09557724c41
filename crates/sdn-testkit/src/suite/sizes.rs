//! Responses that are too large.

use std::time::Duration;

use super::bench::{Bench, Exchange, MAX_RESPONSE_BYTES, OK, Outcome, Scenario, UNKNOWN, check};
use crate::script::{Connection, serve, serve_once};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "sends a body of just the limit", expected: &[OK], run: just_enough },
    Scenario { name: "sends a body of one byte more", expected: &[UNKNOWN], run: one_too_many },
    Scenario {
        name: "sends 1 GiB in chunks",
        expected: &[UNKNOWN],
        run: |bench| gigabyte(bench, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
    },
    Scenario {
        name: "sends 1 GiB, with its content-length",
        expected: &[UNKNOWN],
        run: |bench| gigabyte(bench, "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n"),
    },
    Scenario {
        name: "sends 1 GiB with a 502",
        expected: &[Outcome::Undecided(502)],
        run: gigabyte_with_502,
    },
    Scenario { name: "sends 100 headers", expected: &[OK], run: some_headers },
    Scenario { name: "sends 10,000 headers", expected: &[UNKNOWN], run: many_headers },
    Scenario { name: "sends a header of 1 MiB", expected: &[UNKNOWN], run: long_header },
    Scenario { name: "sends headers without end", expected: &[UNKNOWN], run: endless_headers },
];

/// More than the buffers of two sockets.
const MAX_WRITTEN: usize = 64 << 20;

fn body_of(bench: &Bench<'_>, length: usize) -> Result<Exchange, String> {
    let body = format!("{{}}{}", " ".repeat(length - 2));
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
    bench.invite(&serve(move |connection| {
        connection.respond(&answer);
        connection.stall();
    }))
}

fn just_enough(bench: &Bench<'_>) -> Result<Exchange, String> {
    let exchange = body_of(bench, MAX_RESPONSE_BYTES)?;
    check_length(&exchange)?;
    Ok(exchange)
}

fn one_too_many(bench: &Bench<'_>) -> Result<Exchange, String> {
    body_of(bench, MAX_RESPONSE_BYTES + 1)
}

fn gigabyte(bench: &Bench<'_>, head: &'static str) -> Result<Exchange, String> {
    limited(bench, move |connection| {
        connection.respond(head);
        let mut piece = vec![b' '; 64 * 1024];
        if head.contains("chunked") {
            piece = [b"10000\r\n", &piece[..], b"\r\n"].concat();
        }
        for _ in 0..16 * 1024 {
            if connection.write(&piece).is_err() {
                return;
            }
        }
    })
}

fn gigabyte_with_502(bench: &Bench<'_>) -> Result<Exchange, String> {
    let head = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 1073741824\r\n\r\n";
    let exchange = gigabyte(bench, head)?;
    check_length(&exchange)?;
    Ok(exchange)
}

/// Checks that the returned body is exactly as long as the limit.
fn check_length(exchange: &Exchange) -> Result<(), String> {
    let length = exchange.text.len();
    check(length == MAX_RESPONSE_BYTES, || {
        format!(
            "{length} bytes are left of the body; return the first {MAX_RESPONSE_BYTES}, \
             the limit of `Outgoing::max_response_bytes`"
        )
    })
}

fn some_headers(bench: &Bench<'_>) -> Result<Exchange, String> {
    let headers: String = (1..100).map(|number| format!("x-{number}: {number}\r\n")).collect();
    let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\n{{}}");
    let exchange = bench.invite(&serve_once(answer))?;
    let is_there = |number: usize| {
        let value = exchange.headers.get(format!("x-{number}"));
        value.is_some_and(|value| *value == number.to_string())
    };
    check((1..100).all(is_there), || {
        format!("only {} of 100 headers are returned; return all", exchange.headers.len())
    })?;
    Ok(exchange)
}

fn many_headers(bench: &Bench<'_>) -> Result<Exchange, String> {
    let headers: String = (0..10_000).map(|number| format!("x-{number}: a\r\n")).collect();
    let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\n{{}}");
    limited(bench, move |connection| {
        connection.respond(&answer);
    })
}

fn long_header(bench: &Bench<'_>) -> Result<Exchange, String> {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 2\r\n\r\n{{}}",
        "x".repeat(1024 * 1024)
    );
    limited(bench, move |connection| {
        connection.respond(&answer);
    })
}

fn endless_headers(bench: &Bench<'_>) -> Result<Exchange, String> {
    limited(bench, |connection| {
        connection.respond(b"HTTP/1.1 200 OK\r\n");
        connection.write_forever(b"x-endless: aaaaaaaaaaaaaaaa\r\n".repeat(100), Duration::ZERO);
    })
}

fn limited(
    bench: &Bench<'_>,
    handle: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> Result<Exchange, String> {
    let server = serve(handle);
    let exchange = bench.invite(&server)?;
    // The server notices a moment later that the client has gone.
    std::thread::sleep(Duration::from_millis(100));
    let written = server.written();
    check(written < MAX_WRITTEN, || {
        format!(
            "{written} bytes were taken from the server, and {MAX_WRITTEN} are too many; stop at \
             {MAX_RESPONSE_BYTES} of the body, the limit of `Outgoing::max_response_bytes`, and \
             limit the head too"
        )
    })?;
    Ok(exchange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::bench;

    #[test]
    fn cut_body_names_the_limit() {
        let client: Box<bench::Client> = Box::new(|outgoing| {
            let body = vec![b' '; outgoing.max_response_bytes() - 8248];
            Ok(http::Response::new(body.into()))
        });
        let exchange = bench::send(&*client, bench::invitation("http://node.example")).unwrap();
        let problem = "57288 bytes are left of the body; return the first 65536, the limit of \
                       `Outgoing::max_response_bytes`";
        assert_eq!(check_length(&exchange).unwrap_err(), problem);
    }
}
