//! Complete responses of every kind.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};

use super::bench::{
    Bench, ClientSettings, Exchange, OK, Outcome, Scenario, UNKNOWN, check, exchange, get,
    invitation, invite,
};
use super::reuse::pause;
use crate::script::{Connection, ScriptedServer, response, serve, serve_always, serve_once};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "answers", expected: &[OK], run: whole_request },
    Scenario { name: "answers in chunks", expected: &[OK], run: |bench| answers(bench, CHUNKED) },
    Scenario {
        name: "ends the body with the connection",
        expected: &[OK],
        run: |bench| answers(bench, UNTIL_CLOSE),
    },
    Scenario { name: "answers in HTTP/1.0", expected: &[OK], run: |bench| answers(bench, HTTP_10) },
    Scenario {
        name: "sends 103 before the answer",
        expected: &[OK],
        run: |bench| answers(bench, EARLY_HINTS),
    },
    Scenario {
        name: "sends 100 before the answer",
        expected: &[OK],
        run: |bench| answers(bench, CONTINUE),
    },
    Scenario { name: "answers a POST, a PUT and a GET", expected: &[OK], run: methods },
    Scenario {
        name: "answers before it has read the request",
        expected: &[Outcome::Answered(403)],
        run: early,
    },
    Scenario {
        name: "closes after each answer, and says so",
        expected: &[OK],
        run: connection_close,
    },
    Scenario {
        name: "compresses a body that nobody asked it to",
        expected: &[Outcome::Undecided(200)],
        run: compressed,
    },
    Scenario {
        name: "answers 429 with a delay",
        expected: &[Outcome::Answered(429)],
        run: limited,
    },
    Scenario { name: "answers 204", expected: &[Outcome::Undecided(204)], run: no_content },
    Scenario {
        name: "answers 200 with a page",
        expected: &[Outcome::Undecided(200)],
        run: |bench| page(bench, "200 OK"),
    },
    Scenario {
        name: "answers 404 with a page",
        expected: &[Outcome::Answered(404)],
        run: |bench| page(bench, "404 Not Found"),
    },
    Scenario {
        name: "answers 502 with an error object",
        expected: &[Outcome::Answered(502)],
        run: error_object,
    },
    Scenario {
        name: "answers 502 with a page",
        expected: &[Outcome::Undecided(502)],
        run: |bench| page(bench, "502 Bad Gateway"),
    },
    Scenario {
        name: "answers 503 with a page",
        expected: &[Outcome::Undecided(503)],
        run: |bench| page(bench, "503 Service Unavailable"),
    },
    Scenario {
        name: "answers 504 with a page",
        expected: &[Outcome::Undecided(504)],
        run: |bench| page(bench, "504 Gateway Timeout"),
    },
    Scenario {
        name: "redirects with 301",
        expected: &[Outcome::Answered(301)],
        run: |bench| redirect(bench, "301 Moved Permanently"),
    },
    Scenario {
        name: "redirects with 302",
        expected: &[Outcome::Answered(302)],
        run: |bench| redirect(bench, "302 Found"),
    },
    Scenario {
        name: "redirects with 303",
        expected: &[Outcome::Answered(303)],
        run: |bench| redirect(bench, "303 See Other"),
    },
    Scenario {
        name: "redirects with 307",
        expected: &[Outcome::Answered(307)],
        run: |bench| redirect(bench, "307 Temporary Redirect"),
    },
    Scenario {
        name: "redirects with 308",
        expected: &[Outcome::Answered(308)],
        run: |bench| redirect(bench, "308 Permanent Redirect"),
    },
    Scenario {
        name: "redirects a GET",
        expected: &[Outcome::Answered(302)],
        run: |bench| redirect_of(bench, "302 Found", get),
    },
];

const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
const UNTIL_CLOSE: &str = "HTTP/1.1 200 OK\r\n\r\n{}";
const HTTP_10: &str = "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const EARLY_HINTS: &str =
    "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const CONTINUE: &str =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Checks that each request was sent as it was built.
fn whole_request(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve_always(response("200 OK", "{}"));
    let request = invitation(&server.base_url());
    let exchange = exchange(&*bench.client(), &server, request.clone())?.expect(OK)?;
    check_sent(&server, &request)?;
    expect_body(exchange, "{}")
}

/// Checks that an exchange does not change the next one.
fn methods(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve_always(response("200 OK", "{}"));
    let client = bench.client();
    let post = invitation(&server.base_url());
    let mut put = post.clone();
    *put.method_mut() = Method::PUT;
    for request in [post, put, get(&server.base_url())] {
        exchange(&*client, &server, request.clone())?.expect(OK)?;
        check_sent(&server, &request)?;
    }
    exchange(&*client, &server, get(&server.base_url()))
}

/// Headers that a client may add, and `content-length` and `host`, which it must add.
const ADDED: [&str; 5] = ["accept", "connection", "content-length", "host", "user-agent"];

/// Compares the last request that arrived with the one to send.
fn check_sent(server: &ScriptedServer, request: &Request<Bytes>) -> Result<(), String> {
    let Some(sent) = server.requests().pop() else {
        return Err("no request arrived".to_owned());
    };
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    let line = format!("{} {target}", request.method());
    let line_sent = format!("{} {}", sent.method, sent.path);
    check(line_sent == line, || format!("{line_sent:?} came instead of {line:?}"))?;
    check(sent.body == request.body(), || format!("the body of {line:?} is different"))?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let wanted = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let wanted: Vec<_> = wanted.chain([("host", authority.as_bytes())]).collect();
    for (name, value) in &wanted {
        let values: Vec<_> = sent.headers.iter().filter(|(sent, _)| sent == name).collect();
        let is_sent = matches!(values[..], [(_, sent)] if sent.as_bytes() == *value);
        check(is_sent, || format!("{name} does not come once and unchanged: {values:?}"))?;
    }
    for (sent, _) in &sent.headers {
        let mut names = wanted.iter().map(|(name, _)| *name).chain(ADDED);
        check(names.any(|name| sent == name), || format!("{sent} was added"))?;
    }
    Ok(())
}

fn limited(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve_always(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\n{}",
    );
    let exchange = bench.invite(&server)?;
    let is_there = exchange.headers.get("retry-after").is_some_and(|value| value == "7");
    check(is_there, || "the response's retry-after is lost".to_owned())?;
    expect_body(exchange, "{}")
}

fn answers(bench: &Bench<'_>, bytes: &str) -> Result<Exchange, String> {
    expect_body(bench.invite(&serve_once(bytes))?.expect(OK)?, "{}")
}

fn expect_body(exchange: Exchange, body: &str) -> Result<Exchange, String> {
    check(exchange.text == body, || format!("the body is {:?}", exchange.text))?;
    Ok(exchange)
}

/// The server then either closes the connection, or reads nothing more.
fn early(bench: &Bench<'_>) -> Result<Exchange, String> {
    early_and_then(bench, |_| pause())?.expect(Outcome::Answered(403))?;
    early_and_then(bench, Connection::hold)
}

fn early_and_then(bench: &Bench<'_>, end: fn(&mut Connection)) -> Result<Exchange, String> {
    let error = r#"{"errcode":"M_TOO_LARGE","error":"The request is too large"}"#;
    let server = serve(move |connection| {
        if connection.read_exactly(1000).is_some() {
            connection.count_request();
            let _ = connection.write(response("403 Forbidden", error));
            end(connection);
        }
    });
    let timeout = Duration::from_secs(2);
    let settings = ClientSettings { total_timeout: timeout, ..ClientSettings::default() };
    // More than the buffers of two sockets.
    let request = invitation(&server.base_url()).map(|_| vec![b' '; 16 << 20].into());
    let exchange = exchange(&*bench.client_with(&settings), &server, request)?;
    if exchange.outcome == UNKNOWN { Ok(exchange) } else { expect_body(exchange, error) }
}

fn connection_close(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve_once("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
    let client = bench.client();
    invite(&*client, &server)?.expect(OK)?;
    invite(&*client, &server)
}

fn compressed(bench: &Bench<'_>) -> Result<Exchange, String> {
    // An empty gzip file, which is not text.
    const GZIP: [u8; 20] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n";
    let exchange = bench.invite(&serve_once([head.as_bytes(), &GZIP].concat()))?;
    expect_body(exchange, &String::from_utf8_lossy(&GZIP))
}

fn no_content(bench: &Bench<'_>) -> Result<Exchange, String> {
    expect_body(bench.invite(&serve_always("HTTP/1.1 204 No Content\r\n\r\n"))?, "")
}

fn page(bench: &Bench<'_>, status: &str) -> Result<Exchange, String> {
    let body = "<html><body><h1>It is not your fault.</h1></body></html>";
    expect_body(bench.invite(&serve_always(response(status, body)))?, body)
}

fn error_object(bench: &Bench<'_>) -> Result<Exchange, String> {
    let body = r#"{"errcode":"M_UNKNOWN","error":"Cannot reach the other node"}"#;
    expect_body(bench.invite(&serve_always(response("502 Bad Gateway", body)))?, body)
}

fn redirect(bench: &Bench<'_>, status: &str) -> Result<Exchange, String> {
    redirect_of(bench, status, invitation)
}

fn redirect_of(
    bench: &Bench<'_>,
    status: &str,
    request: fn(&str) -> Request<Bytes>,
) -> Result<Exchange, String> {
    let other = serve(|connection: &mut Connection| {
        connection.respond(response("200 OK", "{}"));
    });
    for location in [other.base_url(), "/elsewhere".to_owned()] {
        let server = serve_always(format!(
            "HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        ));
        let request = request(&server.base_url());
        let exchange = exchange(&*bench.client(), &server, request)?;
        check(server.requests().len() == 1, || "it came back".to_owned())?;
        check(other.connections() == 0, || "it was followed".to_owned())?;
        if location.starts_with('/') {
            return Ok(exchange);
        }
    }
    unreachable!("the second location is a path")
}
