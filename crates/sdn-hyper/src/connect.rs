//! Connections: name, TCP and TLS within one time limit, and which of them failed.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use sdn_proto::{TransportError, TransportErrorKind};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::settings::Http2;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// Makes the connections of our own client.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Connector {
    pub(crate) fn new(roots: RootCertStore, http2: Http2, timeout: Duration) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        // Shared out among the addresses of a name, so that one that is silent does not use it all up.
        http.set_connect_timeout(Some(timeout));
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let https = match http2 {
            Http2::Negotiate => https.enable_all_versions().wrap_connector(http),
            Http2::Never => https.enable_http1().wrap_connector(http),
            Http2::PriorKnowledge => https.enable_http2().wrap_connector(http),
        };
        Self { https, timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failed>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.https.poll_ready(context).map_err(Failed::from)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.timeout, self.https.call(server));
        Box::pin(async move {
            match connecting.await {
                Ok(connected) => connected.map_err(Failed::from),
                Err(_) => Err(Failed::Timeout),
            }
        })
    }
}

/// Why there is no connection. It is shared because hyper keeps it inside an error of its own.
#[derive(Debug)]
pub(crate) enum Failed {
    Tcp(Arc<dyn StdError + Send + Sync>),
    Tls(Arc<dyn StdError + Send + Sync>),
    Timeout,
}

impl From<BoxError> for Failed {
    fn from(error: BoxError) -> Self {
        // What fails before TLS, the TCP connector wraps in an error of its own; TLS reports I/O errors as they are.
        if error.is::<io::Error>() {
            return Self::Tls(error.into());
        }
        let is_timeout = error
            .source()
            .and_then(|cause| cause.downcast_ref::<io::Error>())
            .is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut);
        if is_timeout { Self::Timeout } else { Self::Tcp(error.into()) }
    }
}

impl From<&Failed> for TransportError {
    fn from(failed: &Failed) -> Self {
        match failed {
            Failed::Tcp(cause) => Self::new(TransportErrorKind::Connect, Box::new(cause.clone())),
            Failed::Tls(cause) => Self::new(TransportErrorKind::Tls, Box::new(cause.clone())),
            Failed::Timeout => TransportErrorKind::ConnectTimeout.into(),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection")
    }
}

impl StdError for Failed {}
