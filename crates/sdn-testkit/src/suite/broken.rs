//! Incomplete and invalid responses.

use super::bench::{Bench, Exchange, OK, Outcome, Scenario, UNKNOWN, check, invite};
use crate::script::{response, serve, serve_once};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "accepts and closes", expected: &[UNKNOWN], run: accepts_and_closes },
    Scenario {
        name: "reads the request and closes",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, ""),
    },
    Scenario {
        name: "breaks off in the headers",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 200 OK\r\ncontent-le"),
    },
    Scenario {
        name: "breaks off in a 502's headers",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 502 Bad Gateway\r\ncontent-le"),
    },
    Scenario {
        name: "sends 103 and closes",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"),
    },
    Scenario {
        name: "breaks off in the body",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"),
    },
    Scenario {
        name: "names a content-length that is too long",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{}"),
    },
    Scenario { name: "names a content-length that is too short", expected: &[OK], run: too_short },
    Scenario {
        name: "breaks off in a 502's body",
        expected: &[Outcome::Undecided(502)],
        run: |bench| breaks(bench, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 200\r\n\r\n<html>"),
    },
    Scenario {
        name: "breaks off between chunks",
        expected: &[UNKNOWN],
        run: |bench| {
            breaks(bench, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n")
        },
    },
    Scenario {
        name: "breaks off in a chunk",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"),
    },
    Scenario {
        name: "sends chunks with nonsense for a length",
        expected: &[UNKNOWN],
        run: |bench| {
            breaks(
                bench,
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nmany\r\n{}\r\n0\r\n\r\n",
            )
        },
    },
    Scenario {
        name: "sends a nonsense content-length",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}"),
    },
    Scenario {
        name: "speaks another protocol",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, "SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    },
    Scenario {
        name: "sends bytes that are no text",
        expected: &[UNKNOWN],
        run: |bench| breaks(bench, b"\xff\xfe\x00\x01\r\n\r\n"),
    },
];

/// The connection ends while it is unknown whether the request arrived.
fn accepts_and_closes(bench: &Bench<'_>) -> Result<Exchange, String> {
    bench.invite(&serve(|connection| {
        // One byte has arrived, so the client expects that the connection works.
        let _ = connection.read_exactly(1);
    }))
}

fn breaks(bench: &Bench<'_>, bytes: impl AsRef<[u8]>) -> Result<Exchange, String> {
    let server = serve_once(bytes.as_ref());
    let exchange = bench.invite(&server)?;
    check(server.requests().len() == 1, || "it was sent again".to_owned())?;
    Ok(exchange)
}

/// The bytes after the body are not a response, and must not be read as the next one.
fn too_short(bench: &Bench<'_>) -> Result<Exchange, String> {
    let forged = response("418 Forged", "forged");
    let server = serve_once(format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{{}}{forged}"));
    let client = bench.client();
    invite(&*client, &server)?.expect(OK)?;
    let exchange = invite(&*client, &server)?;
    check(exchange.text == "{}", || format!("the body is {:?}", exchange.text))?;
    Ok(exchange)
}
