//! The connections to one server, and the rights to use them.

use std::mem::take;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::Scheme;
use http::{HeaderValue, Request, Uri};
use http_body_util::Full;
use hyper::client::conn::http2;
use sdn_proto::{TransportError, TransportErrorKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::connect::{Connector, Opened};
use super::connection::{Http1, Http2};
use super::wire::Writer;
use crate::settings::Http2 as SpeakHttp2;
use crate::sync::lock;

/// The time that an unused connection is kept. Servers close connections too, and a request that is
/// written at that moment may or may not arrive.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) struct Server {
    /// Its scheme, host and port.
    uri: Uri,
    is_tls: bool,
    host: HeaderValue,
    /// Each call takes one, unless the server uses HTTP/2.
    slots: Arc<Semaphore>,
    /// The number of calls that wait for one.
    waiting: AtomicUsize,
    idle: Mutex<Vec<Idle>>,
    http2: Mutex<Option<Shared>>,
    /// Held until the server's protocol is known, so that only one HTTP/2 connection is opened.
    opening: tokio::sync::Mutex<()>,
    speaks_http1: AtomicBool,
}

struct Idle {
    connection: Http1,
    since: Instant,
}

struct Shared {
    connection: Arc<Http2>,
    used: Instant,
}

/// The progress of a call.
pub(super) enum Stage {
    WaitsForSlot,
    Connects,
    Sends(Sending),
}

/// A request that a connection has received.
pub(super) struct Sending {
    writer: Writer,
    written_before: u64,
}

/// The numbers of connections to keep and to open, and the time to try.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) max_idle: usize,
    pub(super) max_connections: usize,
}

/// One call's right to use a connection.
pub(super) struct Lease {
    pub(super) connection: Leased,
    pub(super) is_new: bool,
    slot: OwnedSemaphorePermit,
}

pub(super) enum Leased {
    Http1(Http1),
    Http2(Guarded),
}

/// An HTTP/2 connection on which a call has a stream.
///
/// If the time runs out, or the future is dropped, no other call may use it: it may have died
/// silently, and would lose every request.
pub(super) struct Guarded {
    connection: Arc<Http2>,
    server: Arc<Server>,
    is_over: bool,
}

impl Server {
    /// Returns `None` if the URI is not one of HTTP.
    pub(super) fn new(uri: &Uri, limits: Limits) -> Option<Self> {
        let scheme = uri.scheme()?;
        let (host, port) = (uri.host()?, uri.port_u16());
        let is_tls = *scheme == Scheme::HTTPS;
        let port = port.filter(|port| *port != if is_tls { 443 } else { 80 });
        let host = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self {
            uri: format!("{scheme}://{host}/").parse().ok()?,
            is_tls,
            host: host.try_into().ok()?,
            slots: Arc::new(Semaphore::new(limits.max_connections)),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
            http2: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            speaks_http1: AtomicBool::new(false),
        })
    }

    /// Waits for a slot, and then takes a kept connection or opens one.
    pub(super) async fn lease(
        self: &Arc<Self>,
        connector: &Connector,
        limits: Limits,
        now: Instant,
        stage: &mut Stage,
    ) -> Result<Lease, TransportError> {
        let mut is_new = false;
        loop {
            *stage = Stage::WaitsForSlot;
            if let Some(connection) = self.shared() {
                let slot = connection.streams.acquire().await;
                let slot = if connection.is_usable().await { slot.ok() } else { None };
                // Dropping this retires the connection if it gave no slot.
                let guarded = Guarded { connection, server: Arc::clone(self), is_over: false };
                let Some(slot) = slot else { continue };
                return Ok(Lease { connection: Leased::Http2(guarded), is_new, slot });
            }
            let slot = match Arc::clone(&self.slots).try_acquire_owned() {
                Ok(slot) => slot,
                Err(_) => {
                    let slot = self.slot().await;
                    if self.shared().is_some() {
                        continue;
                    }
                    slot
                }
            };
            if let Some(connection) = self.kept(now).await {
                return Ok(Lease { connection: Leased::Http1(connection), is_new, slot });
            }
            *stage = Stage::Connects;
            is_new = true;
            // Boxed because it is large, and most calls need none of it.
            let opening = Box::pin(self.open(connector));
            match timeout(limits.connect_timeout, opening).await {
                Ok(opened) => {
                    if let Some(connection) = opened? {
                        return Ok(Lease { connection: Leased::Http1(connection), is_new, slot });
                    }
                }
                Err(_) => return Err(TransportErrorKind::ConnectTimeout.into()),
            }
        }
    }

    async fn slot(&self) -> OwnedSemaphorePermit {
        let _waiting = Waiting::new(&self.waiting);
        Arc::clone(&self.slots).acquire_owned().await.expect("it is never closed")
    }

    fn shared(&self) -> Option<Arc<Http2>> {
        let mut http2 = lock(&self.http2);
        let shared = http2.as_mut()?;
        shared.used = Instant::now();
        Some(Arc::clone(&shared.connection))
    }

    async fn kept(&self, now: Instant) -> Option<Http1> {
        loop {
            let Idle { connection, since } = lock(&self.idle).pop()?;
            if now.duration_since(since) < IDLE_TIMEOUT && connection.is_usable().await {
                return Some(connection);
            }
        }
    }

    /// Opens a connection, unless another call has opened a shared one meanwhile.
    async fn open(&self, connector: &Connector) -> Result<Option<Http1>, TransportError> {
        let _alone = if self.may_speak_http2(connector) {
            let alone = self.opening.lock().await;
            if self.shared().is_some() {
                return Ok(None);
            }
            Some(alone).filter(|_| self.may_speak_http2(connector))
        } else {
            None
        };
        match connector.open(&self.uri, self.is_tls).await? {
            Opened::Http1(connection) => {
                self.speaks_http1.store(true, Ordering::Relaxed);
                Ok(Some(connection))
            }
            Opened::Http2(connection) => {
                let connection = Arc::new(connection);
                *lock(&self.http2) = Some(Shared { connection, used: Instant::now() });
                Ok(None)
            }
        }
    }

    fn may_speak_http2(&self, connector: &Connector) -> bool {
        match connector.http2 {
            SpeakHttp2::PriorKnowledge => true,
            SpeakHttp2::Negotiate => self.is_tls && !self.speaks_http1.load(Ordering::Relaxed),
            SpeakHttp2::Never => false,
        }
    }

    fn keep(self: &Arc<Self>, mut connection: Http1, slot: OwnedSemaphorePermit, limits: Limits) {
        if connection.sender.is_ready() {
            self.put(connection, limits);
        } else if !connection.sender.is_closed() {
            // The request is not written to its end, or the driver has not run to its end.
            let server = Arc::clone(self);
            tokio::spawn(async move {
                let ready = timeout(IDLE_TIMEOUT, connection.sender.ready()).await;
                if matches!(ready, Ok(Ok(()))) {
                    server.put(connection, limits);
                }
                drop(slot);
            });
        }
    }

    fn put(&self, connection: Http1, limits: Limits) {
        let mut idle = lock(&self.idle);
        if idle.len() < limits.max_idle + self.waiting.load(Ordering::Relaxed) {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }

    fn retire(&self, connection: &Arc<Http2>) {
        connection.streams.close();
        let mut http2 = lock(&self.http2);
        if http2.as_ref().is_some_and(|shared| Arc::ptr_eq(&shared.connection, connection)) {
            *http2 = None;
        }
    }

    /// Closes connections that have been idle for long, and returns when to do that again. Returns
    /// `None` if no connection is open.
    pub(super) fn prune(&self, limits: Limits) -> Option<Instant> {
        let mut idle = lock(&self.idle);
        idle.retain(|idle| {
            idle.since.elapsed() < IDLE_TIMEOUT && !idle.connection.sender.is_closed()
        });
        let surplus = idle.len().saturating_sub(limits.max_idle);
        idle.drain(..surplus);
        let oldest = idle.first().map(|idle| idle.since);
        let mut http2 = lock(&self.http2);
        if http2.as_ref().is_some_and(Shared::is_old) {
            *http2 = None;
        }
        let used = http2.as_ref().map(|shared| match shared.connection.streams.is_idle() {
            true => shared.used,
            false => Instant::now(),
        });
        oldest.into_iter().chain(used).min().map(|since| since + IDLE_TIMEOUT)
    }
}

impl Shared {
    fn is_old(&self) -> bool {
        let Http2 { sender, streams, .. } = &*self.connection;
        sender.is_closed() || (streams.is_idle() && self.used.elapsed() >= IDLE_TIMEOUT)
    }
}

impl Stage {
    /// Returns whether nothing of the request has been written.
    pub(super) fn is_unwritten(&self) -> bool {
        match self {
            Self::Sends(sending) => sending.is_unwritten(),
            _ => true,
        }
    }

    /// Returns the error after the total time has run out.
    pub(super) fn timed_out(&self) -> TransportErrorKind {
        match self {
            Self::WaitsForSlot => TransportErrorKind::NoSlot,
            Self::Connects => TransportErrorKind::ConnectTimeout,
            Self::Sends(sending) => {
                // None of it may be written later either.
                if sending.is_unwritten() {
                    sending.writer.stop();
                }
                match sending.is_unwritten() {
                    true => TransportErrorKind::NoSlot,
                    false => TransportErrorKind::TotalTimeout,
                }
            }
        }
    }
}

impl Sending {
    /// Returns whether the connection has written nothing since.
    fn is_unwritten(&self) -> bool {
        self.writer.written() == self.written_before
    }
}

impl Lease {
    /// Gives the request the form of the connection's protocol. It is handed over next.
    pub(super) fn prepare(
        &self,
        request: &mut Request<Full<Bytes>>,
        server: &Server,
        stage: &mut Stage,
    ) {
        let path = take(request.uri_mut()).into_parts().path_and_query;
        let writer = match &self.connection {
            Leased::Http1(connection) => {
                request.headers_mut().entry(HOST).or_insert_with(|| server.host.clone());
                *request.uri_mut() = path.map(Uri::from).unwrap_or_default();
                &connection.writer
            }
            Leased::Http2(Guarded { connection, .. }) => {
                let mut uri = server.uri.clone().into_parts();
                uri.path_and_query = path;
                *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
                &connection.writer
            }
        };
        let written_before = writer.written();
        *stage = Stage::Sends(Sending { writer: writer.clone(), written_before });
    }

    pub(super) fn is_http1(&self) -> bool {
        matches!(self.connection, Leased::Http1(_))
    }

    /// Returns the connection to the pool. One for HTTP/1.1 is used again only if the body was read
    /// to its end.
    pub(super) fn end(self, server: &Arc<Server>, is_complete: bool, limits: Limits) {
        match self.connection {
            Leased::Http1(connection) if is_complete => server.keep(connection, self.slot, limits),
            Leased::Http1(_) => {}
            Leased::Http2(mut guarded) => guarded.is_over = true,
        }
    }
}

impl Guarded {
    pub(super) fn sender(&self) -> http2::SendRequest<Full<Bytes>> {
        self.connection.sender.clone()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !self.is_over {
            self.server.retire(&self.connection);
        }
    }
}

/// Counts a call for as long as it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
