//! Connections on which requests can be sent, over HTTP/1.1 and HTTP/2.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use sdn_proto::{TransportError, TransportErrorKind};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;

use super::wire::{Look, Writer};
use crate::sync::lock;

/// The maximum length of a response's head.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The maximum number of headers in the head of a response over HTTP/1.1.
const MAX_HEADERS: usize = 1024;
/// The time that an HTTP/2 connection may be silent before a ping is sent, with a request on it or
/// without.
const PING_AFTER: Duration = Duration::from_secs(3);
/// The time to wait for the ping's acknowledgement. With `PING_AFTER` it is less than the time for
/// which an unused connection is kept, so that a dead one is found before it is used again.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// The server's limit of streams in h2 before the server has sent one. No server can send this
/// number.
const NOT_YET: usize = usize::MAX - 1;

/// A connection for one request at a time.
pub(super) struct Http1 {
    pub(super) sender: http1::SendRequest<Full<Bytes>>,
    pub(super) writer: Writer,
}

/// A connection for many requests at a time.
pub(super) struct Http2 {
    pub(super) sender: http2::SendRequest<Full<Bytes>>,
    pub(super) writer: Writer,
    pub(super) streams: Arc<Streams>,
}

/// The maximum number of requests on an HTTP/2 connection at a time: the server's limit or the
/// client's, whichever is lower. More requests would wait within h2, which may send them after
/// their time has run out.
pub(super) struct Streams {
    free: Arc<Semaphore>,
    allowed: Mutex<Option<usize>>,
    limit: usize,
    settled: Notify,
}

impl Http1 {
    pub(super) async fn open<S>(stream: S, writer: Writer) -> Result<Self, TransportError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(not_opened)?;
        tokio::spawn(driver);
        Ok(Self { sender, writer })
    }

    /// Returns whether it can be used: the server has not closed it, and has sent nothing
    /// unexpected.
    pub(super) async fn is_usable(&self) -> bool {
        match self.writer.look() {
            Look::Nothing => {}
            Look::End => return false,
            Look::Bytes | Look::Unknown => {
                // The driver reads the available bytes, which may be a ticket of TLS.
                yield_now().await;
                if matches!(self.writer.look(), Look::Bytes | Look::End) {
                    return false;
                }
            }
        }
        self.sender.is_ready()
    }
}

impl Http2 {
    /// Waits until the server has said how many streams it allows.
    pub(super) async fn open<S>(
        stream: S,
        writer: Writer,
        limit: usize,
    ) -> Result<Self, TransportError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let executor = Watching(Arc::default());
        let (sender, driver) = http2::Builder::new(executor.clone())
            .timer(TokioTimer::new())
            .initial_max_send_streams(NOT_YET)
            .max_header_list_size(MAX_HEAD_BYTES as u32)
            .keep_alive_interval(PING_AFTER)
            .keep_alive_timeout(PING_TIMEOUT)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(not_opened)?;
        let streams = Arc::new(Streams::new(limit));
        let driver = Arc::new(Mutex::new(driver));
        let (watched, counted) = (Arc::downgrade(&driver), Arc::clone(&streams));
        let count = move || {
            if let Some(driver) = watched.upgrade() {
                counted.allow(lock(&driver).current_max_send_streams());
            }
        };
        count();
        let _ = executor.0.set(Box::new(count));
        let ended = Arc::clone(&streams);
        tokio::spawn(async move {
            let _ = poll_fn(|context| Pin::new(&mut *lock(&driver)).poll(context)).await;
            ended.close();
        });
        streams.settled.notified().await;
        if sender.is_closed() {
            return Err(not_opened("the server closed the connection before it sent its settings"));
        }
        Ok(Self { sender, writer, streams })
    }

    /// Returns whether it can be used: the server has not closed it.
    pub(super) async fn is_usable(&self) -> bool {
        let mut look = self.writer.look();
        if matches!(look, Look::Bytes | Look::Unknown) {
            // The driver reads the available bytes: perhaps the server goes away.
            yield_now().await;
            look = self.writer.look();
        }
        look != Look::End && !self.sender.is_closed()
    }
}

impl Streams {
    fn new(limit: usize) -> Self {
        let free = Arc::new(Semaphore::new(0));
        Self { free, allowed: Mutex::new(None), limit, settled: Notify::new() }
    }

    /// Waits for a free one. Fails when the connection is not used any more.
    pub(super) async fn acquire(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.free).acquire_owned().await
    }

    pub(super) fn is_idle(&self) -> bool {
        lock(&self.allowed).is_some_and(|allowed| self.free.available_permits() == allowed)
    }

    /// Accepts no more calls, and lets waiting calls use another connection.
    pub(super) fn close(&self) {
        self.free.close();
        self.settled.notify_one();
    }

    fn allow(&self, by_server: usize) {
        if by_server == NOT_YET {
            return;
        }
        let wanted = by_server.min(self.limit);
        let mut allowed = lock(&self.allowed);
        if allowed.is_none() {
            self.settled.notify_one();
        }
        let before = allowed.unwrap_or(0);
        *allowed = Some(match wanted.checked_sub(before) {
            Some(more) => {
                self.free.add_permits(more);
                wanted
            }
            // A later call takes back those in use.
            None => before - self.free.forget_permits(before - wanted),
        });
    }
}

type Count = Box<dyn Fn() + Send + Sync>;

/// Spawns the tasks of a connection, and counts its streams whenever one of them has run.
#[derive(Clone)]
struct Watching(Arc<OnceLock<Count>>);

impl<F> Executor<F> for Watching
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, task: F) {
        let count = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut task = pin!(task);
            poll_fn(|context| {
                let polled = task.as_mut().poll(context);
                if let Some(count) = count.get() {
                    count();
                }
                polled
            })
            .await;
        });
    }
}

fn not_opened(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, cause)
}
