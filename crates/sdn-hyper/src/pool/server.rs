//! The connections to one server.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use sdn_proto::TransportError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::connect::{Connector, Opened};
use super::connection::{Http1, Http2};
use crate::settings::Http2 as SpeakHttp2;
use crate::sync::lock;

/// The time that an unused connection is kept. Servers close connections too, and a request that is
/// written at that moment may or may not arrive.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) struct Server {
    /// Its scheme, host and port.
    pub(super) uri: Uri,
    is_tls: bool,
    pub(super) host: HeaderValue,
    /// Each call takes one, unless the server uses HTTP/2.
    pub(super) slots: Arc<Semaphore>,
    /// The number of calls that wait for one.
    waiting: AtomicUsize,
    pub(super) limits: Limits,
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

/// The numbers of connections to keep and to open, and the time to try.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) max_idle: usize,
    pub(super) max_connections: usize,
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
            limits,
            idle: Mutex::default(),
            http2: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            speaks_http1: AtomicBool::new(false),
        })
    }

    pub(super) async fn slot(&self) -> OwnedSemaphorePermit {
        let _waiting = Waiting::new(&self.waiting);
        Arc::clone(&self.slots).acquire_owned().await.expect("it is never closed")
    }

    pub(super) fn shared(&self) -> Option<Arc<Http2>> {
        let mut http2 = lock(&self.http2);
        let shared = http2.as_mut()?;
        shared.used = Instant::now();
        Some(Arc::clone(&shared.connection))
    }

    pub(super) async fn kept(&self, now: Instant) -> Option<Http1> {
        loop {
            let Idle { connection, since } = lock(&self.idle).pop()?;
            if now.duration_since(since) < IDLE_TIMEOUT && connection.is_usable().await {
                return Some(connection);
            }
        }
    }

    /// Opens a connection, unless another call has opened a shared one meanwhile.
    pub(super) async fn open(
        &self,
        connector: &Connector,
    ) -> Result<Option<Http1>, TransportError> {
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

    pub(super) fn keep(self: &Arc<Self>, mut connection: Http1, slot: OwnedSemaphorePermit) {
        if connection.sender.is_ready() {
            self.put(connection);
        } else if !connection.sender.is_closed() {
            // The request is not written to its end, or the driver has not run to its end.
            let server = Arc::clone(self);
            tokio::spawn(async move {
                let ready = timeout(IDLE_TIMEOUT, connection.sender.ready()).await;
                if matches!(ready, Ok(Ok(()))) {
                    server.put(connection);
                }
                drop(slot);
            });
        }
    }

    fn put(&self, connection: Http1) {
        let mut idle = lock(&self.idle);
        if idle.len() < self.limits.max_idle + self.waiting.load(Ordering::Relaxed) {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }

    pub(super) fn retire(&self, connection: &Arc<Http2>) {
        connection.streams.close();
        let mut http2 = lock(&self.http2);
        if http2.as_ref().is_some_and(|shared| Arc::ptr_eq(&shared.connection, connection)) {
            *http2 = None;
        }
    }

    /// Closes connections that have been idle for long, and returns when to do that again. Returns
    /// `None` if no connection is open.
    pub(super) fn prune(&self) -> Option<Instant> {
        let mut idle = lock(&self.idle);
        idle.retain(|idle| {
            idle.since.elapsed() < IDLE_TIMEOUT && !idle.connection.sender.is_closed()
        });
        let surplus = idle.len().saturating_sub(self.limits.max_idle);
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
