//! Ways to break an exchange.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::Shared;
use super::stream::Stream;
use crate::answer::{self, Refusal};

/// How long a server that trickles waits between two bytes.
const TRICKLE: Duration = Duration::from_millis(20);
const BODY_CHUNK: &[u8] = &[b' '; 4096];

/// A way to break one exchange; the connection is closed after each, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The next connection is closed as soon as it is accepted: nothing is read, and there is no TLS handshake.
    ///
    /// It has to be first in the row; an exchange over a connection that is already open does not use it up.
    CloseOnAccept,
    /// The connection is closed when the first byte of a request has come; the world does not see the request.
    CloseBeforeRequest,
    /// The whole request is read, and the connection closed without an answer.
    CloseAfterRequest {
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is handled and answered, and then the connection closed.
    CloseAfterAnswer {
        /// Whether the answer says so, with `connection: close`; without, the client finds out later.
        announced: bool,
    },
    /// The whole request is read, and nothing is answered until the client gives up.
    Stall {
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is handled only after this time, whether or not the client still waits, and then answered.
    ///
    /// The connection is kept.
    HandleLate(Duration),
    /// The request is handled, and answered after this time; the connection is kept.
    AnswerLate(Duration),
    /// The request is answered by an HTML page, as by a proxy that has lost its node; the connection is kept.
    Page {
        /// The page's status, such as 502.
        status: StatusCode,
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is not handled but refused with 429 `M_LIMIT_EXCEEDED` and this delay; the connection is kept.
    LimitExceeded(Duration),
    /// The request is handled, and its answer cut in the middle of the body; an empty one in its headers.
    Truncate,
    /// These raw bytes are the answer.
    Garbage {
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether the world handles the request before.
        handled: bool,
    },
    /// The request is handled, and answered by a 200 whose headers come a byte at a time and never end.
    TrickleHeaders,
    /// The request is handled, and answered by a 200 whose headers come fast and never end.
    EndlessHeaders,
    /// The request is handled, and answered by a 200 whose body comes a byte at a time and never ends.
    TrickleBody,
    /// The request is handled, and answered by a 200 whose chunked body comes fast and never ends.
    EndlessBody,
}

impl Fault {
    fn handles_request(&self) -> bool {
        match self {
            Fault::CloseOnAccept | Fault::CloseBeforeRequest | Fault::LimitExceeded(_) => false,
            Fault::CloseAfterRequest { handled }
            | Fault::Stall { handled }
            | Fault::Page { handled, .. }
            | Fault::Garbage { handled, .. } => *handled,
            Fault::CloseAfterAnswer { .. }
            | Fault::HandleLate(_)
            | Fault::AnswerLate(_)
            | Fault::Truncate
            | Fault::TrickleHeaders
            | Fault::EndlessHeaders
            | Fault::TrickleBody
            | Fault::EndlessBody => true,
        }
    }

    /// Whether the exchange ends with a whole answer, after which the connection is kept.
    pub(super) fn keeps_connection(&self) -> bool {
        matches!(
            self,
            Fault::HandleLate(_)
                | Fault::AnswerLate(_)
                | Fault::Page { .. }
                | Fault::LimitExceeded(_)
        )
    }

    /// Whether the answer's headers let the client believe that the connection is kept.
    pub(super) fn promises_to_keep(&self) -> bool {
        self.keeps_connection() || *self == Fault::CloseAfterAnswer { announced: false }
    }

    /// The response to a request that was read; an empty one if there is none.
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

    /// Ends an exchange that does not end with a whole answer and a kept connection; `answer` is the proper one.
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

/// The middle of the body, or of the headers if there is no body to cut.
fn cut(answer: &[u8]) -> usize {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |end| end + 4);
    match answer.len().saturating_sub(head) {
        0 => head / 2,
        body => head + body / 2,
    }
}

/// Until the client closes, or the server stops, which closes the socket.
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
