//! One call's right to use a connection.

use std::mem::take;
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Uri};
use http_body_util::Full;
use hyper::client::conn::http2;
use sdn_proto::{TransportError, TransportErrorKind};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::connect::Connector;
use super::connection::{Http1, Http2};
use super::server::Server;
use super::stage::Stage;

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

impl Lease {
    /// Waits for a slot, and then takes a kept connection or opens one.
    pub(super) async fn take(
        server: &Arc<Server>,
        connector: &Connector,
        now: Instant,
        stage: &mut Stage,
    ) -> Result<Self, TransportError> {
        let mut is_new = false;
        loop {
            *stage = Stage::WaitsForSlot;
            if let Some(connection) = server.shared() {
                let slot = connection.streams.acquire().await;
                let slot = if connection.is_usable().await { slot.ok() } else { None };
                // Dropping this retires the connection if it gave no slot.
                let guarded = Guarded { connection, server: Arc::clone(server), is_over: false };
                let Some(slot) = slot else { continue };
                return Ok(Self { connection: Leased::Http2(guarded), is_new, slot });
            }
            let slot = match Arc::clone(&server.slots).try_acquire_owned() {
                Ok(slot) => slot,
                Err(_) => {
                    let slot = server.slot().await;
                    if server.shared().is_some() {
                        continue;
                    }
                    slot
                }
            };
            if let Some(connection) = server.kept(now).await {
                return Ok(Self { connection: Leased::Http1(connection), is_new, slot });
            }
            *stage = Stage::Connects;
            is_new = true;
            // Boxed because it is large, and most calls need none of it.
            let opening = Box::pin(server.open(connector));
            match timeout(server.limits.connect_timeout, opening).await {
                Ok(opened) => {
                    if let Some(connection) = opened? {
                        return Ok(Self { connection: Leased::Http1(connection), is_new, slot });
                    }
                }
                Err(_) => return Err(TransportErrorKind::ConnectTimeout.into()),
            }
        }
    }

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
        *stage = Stage::sends(writer);
    }

    pub(super) fn is_http1(&self) -> bool {
        matches!(self.connection, Leased::Http1(_))
    }

    /// Returns the connection to the pool. One for HTTP/1.1 is used again only if the body was read
    /// to its end.
    pub(super) fn end(self, server: &Arc<Server>, is_complete: bool) {
        match self.connection {
            Leased::Http1(connection) if is_complete => server.keep(connection, self.slot),
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
