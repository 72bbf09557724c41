//! Breaks an exchange according to its fault.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::fault::Fault;
use super::shared::Shared;
use super::stream::Stream;
use crate::answer::{self, Refusal};

/// The time between two bytes of a trickling server.
const TRICKLE: Duration = Duration::from_millis(20);
const BODY_CHUNK: &[u8] = &[b' '; 4096];

impl Fault {
    /// Returns the response to a request, or an empty one if the fault has none.
    pub(super) fn respond(&self, shared: &Shared, request: Request<Bytes>) -> Response<Bytes> {
        if let Fault::HandleLate(delay) = self {
            shared.pause(*delay);
        }
        let response = match self.handles_request() {
            true => shared.world.handle(request),
            false => Response::default(),
        };
        match self {
            Fault::AnswerLate(delay) => {
                shared.pause(*delay);
                response
            }
            Fault::Page { status, .. } => answer::into_response(Err(Refusal::Page {
                status: *status,
                title: status.canonical_reason().unwrap_or_default(),
                text: "The proxy has lost its node.".to_owned(),
            })),
            Fault::LimitExceeded(delay) => {
                answer::into_response(Err(Refusal::limit_exceeded(*delay)))
            }
            _ => response,
        }
    }

    /// Ends an exchange after which the connection is closed. `answer` is the proper response.
    pub(super) fn end(&self, shared: &Shared, mut stream: Stream, answer: &[u8]) -> io::Result<()> {
        match self {
            Fault::CloseOnAccept | Fault::CloseBeforeRequest | Fault::CloseAfterRequest { .. } => {
                Ok(())
            }
            Fault::CloseAfterAnswer { announced: false } => {
                stream.write_all(answer)?;
                stream.flush()
            }
            Fault::CloseAfterAnswer { announced: true }
            | Fault::HandleLate(_)
            | Fault::AnswerLate(_)
            | Fault::Page { .. }
            | Fault::LimitExceeded(_) => finish_with(stream, answer),
            Fault::Truncate => finish_with(stream, &answer[..cut(answer)]),
            Fault::Garbage { bytes, .. } => finish_with(stream, bytes),
            Fault::Stall { .. } => wait_for_end(shared, &mut stream),
            Fault::TrickleHeaders => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nx-trickle: ")?;
                forever(shared, &mut stream, b"a", TRICKLE)
            }
            Fault::EndlessHeaders => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                let header = b"x-endless: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
                forever(shared, &mut stream, header, Duration::ZERO)
            }
            Fault::TrickleBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")?;
                forever(shared, &mut stream, b" ", TRICKLE)
            }
            Fault::EndlessBody => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
                stream.write_all(head.as_bytes())?;
                let mut chunk = format!("{:x}\r\n", BODY_CHUNK.len()).into_bytes();
                chunk.extend_from_slice(BODY_CHUNK);
                chunk.extend_from_slice(b"\r\n");
                forever(shared, &mut stream, &chunk, Duration::ZERO)
            }
        }
    }
}

fn finish_with(mut stream: Stream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.finish()
}

/// Returns the middle of the body, or of the headers if the body is empty.
fn cut(answer: &[u8]) -> usize {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |end| end + 4);
    match answer.len().saturating_sub(head) {
        0 => head / 2,
        body => head + body / 2,
    }
}

/// Waits until the client closes, or the server stops, which closes the socket.
fn wait_for_end(shared: &Shared, stream: &mut Stream) -> io::Result<()> {
    let mut ignored = [0; 1024];
    while !shared.is_stopped() {
        match stream.read(&mut ignored) {
            Ok(0) => return Ok(()),
            Err(error)
                if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

fn forever(shared: &Shared, stream: &mut Stream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    while !shared.is_stopped() {
        stream.write_all(bytes)?;
        if !pause.is_zero() {
            thread::sleep(pause);
        }
    }
    Ok(())
}
