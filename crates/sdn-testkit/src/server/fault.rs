//! Ways to break an exchange.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Shared;
use super::stream::Stream;

/// How long a server that trickles waits between two bytes.
const TRICKLE: Duration = Duration::from_millis(20);
const BODY_CHUNK: &[u8] = &[b' '; 4096];

/// A way to break one exchange; the connection is closed after each.
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
    /// The whole request is read but not handled, and nothing is answered until the client gives up.
    Stall,
    /// The request is handled, and its answer cut in the middle of the body; an empty one in its headers.
    Truncate,
    /// The request is not handled, and these raw bytes are the answer.
    Garbage(Vec<u8>),
    /// The request is handled, and answered by a 200 whose headers come a byte at a time and never end.
    TrickleHeaders,
    /// The request is handled, and answered by a 200 whose headers come fast and never end.
    EndlessHeaders,
    /// The request is handled, and answered by a 200 whose body comes a byte at a time and never ends.
    TrickleBody,
    /// The request is handled, and answered by a 200 whose chunked body comes fast and never ends.
    EndlessBody,
}

/// The faults still to come.
#[derive(Default)]
pub(super) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(super) fn push(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    pub(super) fn take_close_on_accept(&self) -> bool {
        self.take_if(|fault| *fault == Fault::CloseOnAccept).is_some()
    }

    /// The fault of the request that is about to be read.
    pub(super) fn take_for_request(&self) -> Option<Fault> {
        self.take_if(|fault| *fault != Fault::CloseOnAccept)
    }

    fn take_if(&self, wanted: impl FnOnce(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.front().is_some_and(wanted).then(|| faults.pop_front()).flatten()
    }
}

impl Fault {
    pub(super) fn handles_request(&self) -> bool {
        match self {
            Fault::CloseOnAccept | Fault::CloseBeforeRequest | Fault::Stall | Fault::Garbage(_) => {
                false
            }
            Fault::CloseAfterRequest { handled } => *handled,
            Fault::Truncate
            | Fault::TrickleHeaders
            | Fault::EndlessHeaders
            | Fault::TrickleBody
            | Fault::EndlessBody => true,
        }
    }

    /// Answers a request that was read; `answer` is the proper answer if the request was handled.
    pub(super) fn answer(
        &self,
        shared: &Shared,
        mut stream: Stream,
        answer: &[u8],
    ) -> io::Result<()> {
        match self {
            Fault::CloseOnAccept | Fault::CloseBeforeRequest | Fault::CloseAfterRequest { .. } => {
                Ok(())
            }
            Fault::Stall => wait_for_end(shared, &mut stream),
            Fault::Truncate => {
                stream.write_all(&answer[..cut(answer)])?;
                stream.finish()
            }
            Fault::Garbage(bytes) => {
                stream.write_all(bytes)?;
                stream.finish()
            }
            Fault::TrickleHeaders => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nx-trickle: ")?;
                forever(shared, &mut stream, b"a", TRICKLE)
            }
            Fault::EndlessHeaders => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                forever(
                    shared,
                    &mut stream,
                    b"x-endless: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                    Duration::ZERO,
                )
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
