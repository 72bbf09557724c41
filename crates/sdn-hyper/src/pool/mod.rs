//! The client's connections, and an exchange over one of them.
//!
//! ```text
//! Pool ── Server ──┬── idle Http1, one request at a time ──┬── Wire ── TLS or not ── socket
//!                  └── shared Http2, many at a time ───────┘
//! ```

mod connect;
mod connection;
mod lease;
mod server;
mod stage;
mod tunnel;
mod wire;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Response, Uri};
use http_body_util::Full;
use sdn_proto::{Outgoing, TransportError, TransportErrorKind as Kind};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use crate::cause::classify_of_request;
use crate::reading::Reading;
use crate::settings::{Builder, TOTAL_TIMEOUT};
use crate::sync::lock;
use connect::Connector;
use lease::{Lease, Leased};
use server::{IDLE_TIMEOUT, Limits, Server};
use stage::Stage;

/// The maximum number of requests on an HTTP/2 connection, if connections are limited.
const MAX_STREAMS: usize = 100;

pub(crate) struct Pool {
    connector: Connector,
    limits: Limits,
    total_timeout: Duration,
    user_agent: HeaderValue,
    servers: Mutex<Servers>,
}

/// The servers by their authority as it is written.
#[derive(Default)]
struct Servers {
    http: BTreeMap<Box<str>, Arc<Server>>,
    https: BTreeMap<Box<str>, Arc<Server>>,
    /// Whether a task closes unused connections.
    are_watched: bool,
}

impl Pool {
    pub(crate) fn new(settings: Builder) -> Arc<Self> {
        let max_connections = settings.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        let max_streams =
            if max_connections == Semaphore::MAX_PERMITS { max_connections } else { MAX_STREAMS };
        let limits = Limits {
            connect_timeout: settings.connect_timeout,
            max_idle: settings.max_idle_per_host,
            max_connections,
        };
        Arc::new(Self {
            connector: Connector::new(&settings, max_streams),
            limits,
            total_timeout: settings.total_timeout.unwrap_or(TOTAL_TIMEOUT),
            user_agent: settings.own_user_agent(),
            servers: Mutex::default(),
        })
    }

    /// Sends a request and reads its response. Its time begins when this is first polled.
    pub(crate) async fn exchange(
        self: Arc<Self>,
        outgoing: Outgoing,
    ) -> Result<Response<Bytes>, TransportError> {
        let now = Instant::now();
        let mut stage = Stage::WaitsForSlot;
        let mut reading = Reading::new(outgoing.max_response_bytes());
        // `timeout_at` would move the large future about.
        let result = {
            let mut exchange = pin!(self.send(outgoing, now, &mut stage, &mut reading));
            let mut timer = pin!(sleep_until(now + self.total_timeout));
            poll_fn(|context| match exchange.as_mut().poll(context) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending => timer.as_mut().poll(context).map(|()| None),
            })
            .await
        };
        reading.end(result.unwrap_or_else(|| Err(stage.timed_out().into())))
    }

    async fn send(
        self: &Arc<Self>,
        outgoing: Outgoing,
        now: Instant,
        stage: &mut Stage,
        reading: &mut Reading,
    ) -> Result<(), TransportError> {
        let server = self.server(outgoing.request().uri()).ok_or_else(|| {
            TransportError::new(Kind::Connect, "the URI is not absolute, or not one of HTTP")
        })?;
        let has_body = !outgoing.request().body().is_empty();
        // Boxed, so that the future of the exchange is small. Allocators are slow with large ones.
        let mut request = Box::new(outgoing.into_request().map(Full::new));
        request.headers_mut().entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        let (lease, response) = loop {
            let mut lease = Lease::take(&server, &self.connector, now, stage).await?;
            lease.prepare(&mut request, &server, stage);
            let sent = match &mut lease.connection {
                Leased::Http1(http1) => http1.sender.try_send_request(*request).await,
                Leased::Http2(http2) => http2.sender().try_send_request(*request).await,
            };
            let mut error = match sent {
                Ok(response) => break (lease, response),
                Err(error) => error,
            };
            match error.take_message() {
                // Nothing of it was written, and the server may have closed the connection long
                // ago.
                Some(returned) if !lease.is_new => *request = returned,
                Some(_) => return Err(TransportError::new(Kind::Connect, error.into_error())),
                None => {
                    let error = error.into_error();
                    let is_unwritten = lease.is_http1() && stage.is_unwritten();
                    lease.end(&server, false);
                    return Err(match is_unwritten {
                        true => TransportError::new(Kind::Connect, error),
                        false => classify_of_request(error, has_body),
                    });
                }
            }
        };
        let read = reading.read(response).await;
        lease.end(&server, read.is_ok());
        read
    }

    fn server(self: &Arc<Self>, uri: &Uri) -> Option<Arc<Server>> {
        let mut servers = lock(&self.servers);
        if !servers.are_watched {
            servers.are_watched = true;
            tokio::spawn(watch(Watched(Arc::downgrade(self))));
        }
        let of_scheme = match uri.scheme()?.as_str() {
            "http" => &mut servers.http,
            "https" => &mut servers.https,
            _ => return None,
        };
        let authority = uri.authority()?.as_str();
        if let Some(server) = of_scheme.get(authority) {
            return Some(Arc::clone(server));
        }
        let server = Arc::new(Server::new(uri, self.limits)?);
        of_scheme.insert(authority.into(), Arc::clone(&server));
        Some(server)
    }

    /// Closes connections that have been idle for long, and returns when to do that again. Returns
    /// `None` if no connection is open and no call sends.
    fn prune(&self) -> Option<Instant> {
        let mut servers = lock(&self.servers);
        let Servers { http, https, are_watched } = &mut *servers;
        let mut earliest = None;
        for of_scheme in [http, https] {
            of_scheme.retain(|_, server| {
                let is_used = Arc::strong_count(server) > 1;
                let next = server.prune();
                let next = next.or(is_used.then(|| Instant::now() + IDLE_TIMEOUT));
                earliest = earliest.into_iter().chain(next).min();
                next.is_some()
            });
        }
        *are_watched = earliest.is_some();
        earliest
    }
}

/// The pool that a task watches, to close unused connections. If the task's runtime ends, the next
/// call starts another task.
struct Watched(Weak<Pool>);

async fn watch(pool: Watched) {
    while let Some(next) = pool.0.upgrade().and_then(|pool| pool.prune()) {
        sleep_until(next).await;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            lock(&pool.servers).are_watched = false;
        }
    }
}
