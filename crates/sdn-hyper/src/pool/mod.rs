//! The client's connections, and an exchange over one of them.
//!
//! ```text
//! Pool ── Server ──┬── idle Http1, one request at a time ──┬── Wire ── TLS or not ── socket
//!                  └── shared Http2, many at a time ───────┘
//! ```

mod connect;
mod connection;
mod server;
mod tunnel;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use sdn_proto::{Outgoing, TransportError, TransportErrorKind as Kind};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::cause::classify_of_request;
use crate::reading::Reading;
use crate::settings::{Builder, TOTAL_TIMEOUT};
use crate::sync::lock;
use connect::Connector;
use server::{IDLE_TIMEOUT, Limits, Server, Stage};

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
        let exchange = self.send(outgoing.into_request(), &mut stage, &mut reading);
        let result = match timeout_at(now + self.total_timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(stage.timed_out().into()),
        };
        reading.end(result)
    }

    async fn send(
        self: &Arc<Self>,
        mut request: Request<Bytes>,
        stage: &mut Stage,
        reading: &mut Reading,
    ) -> Result<(), TransportError> {
        let server = self.server(request.uri()).ok_or_else(|| {
            TransportError::new(Kind::Connect, "the URI is not absolute, or not one of HTTP")
        })?;
        request.headers_mut().entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        let has_body = !request.body().is_empty();
        let mut request = request.map(Full::new);
        loop {
            let mut lease = server.lease(&self.connector, self.limits, stage).await?;
            let mut error = match lease.send(request, &server, stage).await {
                Ok(response) => {
                    let read = reading.read(response).await;
                    lease.end(&server, read.is_ok(), self.limits);
                    return read;
                }
                Err(error) => error,
            };
            match error.take_message() {
                // Nothing of it was written, and the server may have closed the connection long
                // ago.
                Some(returned) if !lease.is_new => request = returned,
                Some(_) => return Err(TransportError::new(Kind::Connect, error.into_error())),
                None => {
                    let error = error.into_error();
                    let is_unwritten = lease.is_http1() && stage.is_unwritten();
                    lease.end(&server, false, self.limits);
                    return Err(match is_unwritten {
                        true => TransportError::new(Kind::Connect, error),
                        false => classify_of_request(error, has_body),
                    });
                }
            }
        }
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
                let next = server.prune(self.limits);
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
