//! Responses as hyper's client parses them, over a connection in memory.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use hyper::body::Body as _;
use hyper::client::conn::http1::{Builder, Connection};
use hyper::rt::{Read, ReadBufCursor, Write};
use sdn_proto::http::{HeaderMap, Method, Request, StatusCode};

/// More headers than a head of 64 KiB usually has.
const MAX_HEADERS: usize = 1000;

/// A response that hyper accepts.
pub(crate) struct Parsed {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether hyper would send another request over the connection.
    pub(crate) is_reusable: bool,
}

/// Parses a response from what a server sends before it waits, or before it closes the connection.
pub(crate) fn parse(input: &[u8], method: &Method, is_closed: bool) -> Option<Parsed> {
    let mut cx = Context::from_waker(Waker::noop());
    let server = Server { input: input.to_vec(), read_bytes: 0, has_request: false, is_closed };
    let mut builder = Builder::new();
    builder.max_headers(MAX_HEADERS).allow_obsolete_multiline_headers_in_responses(true);
    let (mut sender, connection) = ready(pin!(builder.handshake(server)).poll(&mut cx))?.ok()?;
    let mut connection = Some(connection);

    let request = Request::builder().method(method).uri("/").body(String::new()).ok()?;
    let mut response = pin!(sender.send_request(request));
    let response = drive(&mut connection, &mut cx, |cx| response.as_mut().poll(cx))?.ok()?;
    let (head, mut incoming) = response.into_parts();
    let mut body = Vec::new();
    while let Some(frame) =
        drive(&mut connection, &mut cx, |cx| Pin::new(&mut incoming).poll_frame(cx))?
    {
        if let Ok(data) = frame.ok()?.into_data() {
            body.extend_from_slice(&data);
        }
    }
    drop(incoming);
    let is_ready = drive(&mut connection, &mut cx, |cx| sender.poll_ready(cx));
    let is_reusable = is_ready.is_some_and(|ready| ready.is_ok());
    Some(Parsed { status: head.status, headers: head.headers, body, is_reusable })
}

/// Runs the connection until something is ready. `None` if the server would have to send more.
fn drive<T>(
    connection: &mut Option<Connection<Server, String>>,
    cx: &mut Context<'_>,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    // A connection that has nothing to do waits for its user, and then has.
    for _ in 0..3 {
        if let Some(running) = connection {
            if Pin::new(running).poll(cx).is_ready() {
                *connection = None;
            }
        }
        if let Poll::Ready(value) = poll(cx) {
            return Some(value);
        }
    }
    None
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Sends its input after a request.
struct Server {
    input: Vec<u8>,
    read_bytes: usize,
    has_request: bool,
    is_closed: bool,
}

impl Read for Server {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.input[self.read_bytes..];
        if !self.has_request || (rest.is_empty() && !self.is_closed) {
            return Poll::Pending;
        }
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        self.read_bytes += count;
        Poll::Ready(Ok(()))
    }
}

impl Write for Server {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.has_request = true;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
