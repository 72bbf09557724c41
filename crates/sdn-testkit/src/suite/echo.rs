//! Servers that repeat the request, with its tokens.

use http::Response;
use sdn_proto::{Call, InviteBy3pid};
use serde_json::json;

use super::bench::{
    ACCESS_TOKEN, Bench, Exchange, Outcome, Scenario, UNKNOWN, check, check_clean, exchange,
    invitation,
};
use crate::script::{response, serve};
use crate::seen::SeenRequest;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "repeats the request in its error",
        expected: &[Outcome::Answered(403)],
        run: in_error,
    },
    Scenario {
        name: "sends the request back",
        expected: &[UNKNOWN],
        run: |bench| repeats(bench, received),
    },
    Scenario {
        name: "repeats the token in its status",
        expected: &[Outcome::Answered(403)],
        run: |bench| repeats(bench, |request| response(&format!("403 {}", token(request)), "")),
    },
    Scenario {
        name: "repeats the token in a bad header",
        expected: &[UNKNOWN],
        run: |bench| {
            repeats(bench, |request| format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n{{}}", token(request)))
        },
    },
    Scenario {
        name: "repeats the token in a bad content-length",
        expected: &[UNKNOWN],
        run: |bench| {
            repeats(bench, |request| {
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{{}}", token(request))
            })
        },
    },
    Scenario {
        name: "repeats the token as a chunk's length",
        expected: &[UNKNOWN],
        run: |bench| {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            repeats(bench, move |request| format!("{head}{}\r\n{{}}\r\n0\r\n\r\n", token(request)))
        },
    },
    Scenario {
        name: "repeats the token in a bad redirect",
        expected: &[Outcome::Answered(302)],
        run: |bench| {
            repeats(bench, |request| {
                let location = format!("http://[{}", token(request));
                format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
            })
        },
    },
];

fn repeats(
    bench: &Bench<'_>,
    respond: impl Fn(&SeenRequest) -> String + Send + Sync + 'static,
) -> Result<Exchange, String> {
    let server = serve(move |connection| {
        if let Some(request) = connection.request() {
            let _ = connection.write(respond(&request));
        }
    });
    // Every exchange checks that the error's text has no token.
    bench.invite(&server)
}

/// The response itself is unchanged. Tokens can be removed from the error that a call reads from it.
fn in_error(bench: &Bench<'_>) -> Result<Exchange, String> {
    let server = serve(|connection| {
        if let Some(request) = connection.request() {
            let error = json!({ "errcode": "M_FORBIDDEN", "error": received(&request) });
            let _ = connection.write(response("403 Forbidden", &error.to_string()));
        }
    });
    let request = invitation(&server.base_url());
    let exchange = exchange(&*bench.client(), &server, request.clone())?;
    check(exchange.text.contains(ACCESS_TOKEN), || "the response was changed".to_owned())?;
    let response = Response::builder().status(403).body(&exchange.text);
    let response = response.map_err(|error| error.to_string())?;
    let Err(error) = InviteBy3pid::parse_response(&response) else {
        return Err("an error response was a success".to_owned());
    };
    let error = error.without_secrets_of(&request);
    check_clean(&format!("{error} {error:?} {:?} {:?}", error.message(), error.body()))?;
    Ok(exchange)
}

fn token(request: &SeenRequest) -> &str {
    let header = request.header("authorization").unwrap_or_default();
    header.strip_prefix("Bearer ").unwrap_or_default()
}

fn received(request: &SeenRequest) -> String {
    let SeenRequest { method, path, headers, body } = request;
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let (headers, body) = (headers.collect::<String>(), String::from_utf8_lossy(body));
    format!("{method} {path} HTTP/1.1\r\n{headers}\r\n{body}")
}
