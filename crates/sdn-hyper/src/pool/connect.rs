//! Opening connections: name, TCP and TLS.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use sdn_proto::{TransportError, TransportErrorKind as Kind};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::connection::{Http1, Http2};
use super::wire::Wire;
use crate::dial::Dial;
use crate::settings::Http2 as SpeakHttp2;

pub(super) struct Connector {
    tcp: HttpConnector,
    dial: Option<Dial>,
    tls: TlsConnector,
    pub(super) http2: SpeakHttp2,
    max_streams: usize,
}

/// A connection that has just been opened.
pub(super) enum Opened {
    Http1(Http1),
    Http2(Http2),
}

impl Connector {
    pub(super) fn new(
        dial: Option<Dial>,
        roots: RootCertStore,
        http2: SpeakHttp2,
        timeout: Duration,
        max_streams: usize,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let protocols: &[&[u8]] = match http2 {
            SpeakHttp2::Negotiate => &[b"h2", b"http/1.1"],
            SpeakHttp2::Never => &[b"http/1.1"],
            SpeakHttp2::PriorKnowledge => &[b"h2"],
        };
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Shared out among the addresses of a name, so that a silent one does not use it all up.
        tcp.set_connect_timeout(Some(timeout));
        Self { tcp, dial, tls: Arc::new(tls).into(), http2, max_streams }
    }

    pub(super) async fn open(&self, server: &Uri, is_tls: bool) -> Result<Opened, TransportError> {
        let wire = match &self.dial {
            Some(dial) => {
                let stream = dial.open(server.clone()).await;
                Wire::other(stream.map_err(|error| TransportError::new(Kind::Connect, error))?)
            }
            None => {
                let stream = self.tcp.clone().call(server.clone()).await;
                Wire::tcp(stream.map_err(no_tcp)?.into_inner())
            }
        };
        let writer = wire.writer();
        let speaks_http2 = self.http2 == SpeakHttp2::PriorKnowledge;
        if !is_tls {
            return self.speak(wire, writer, speaks_http2).await;
        }
        let tls_error =
            |error: Box<dyn StdError + Send + Sync>| TransportError::new(Kind::Tls, error);
        let host = server.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name =
            ServerName::try_from(host.to_owned()).map_err(|error| tls_error(error.into()))?;
        let stream = self.tls.connect(name, wire).await.map_err(|error| tls_error(error.into()))?;
        let speaks_http2 = speaks_http2 || stream.get_ref().1.alpn_protocol() == Some(b"h2");
        self.speak(stream, writer, speaks_http2).await
    }

    async fn speak<S>(
        &self,
        stream: S,
        writer: super::wire::Writer,
        http2: bool,
    ) -> Result<Opened, TransportError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Ok(match http2 {
            true => Opened::Http2(Http2::open(stream, writer, self.max_streams).await?),
            false => Opened::Http1(Http1::open(stream, writer).await?),
        })
    }
}

fn no_tcp(error: impl StdError + Send + Sync + 'static) -> TransportError {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause {
        Some(cause) if cause.kind() == io::ErrorKind::TimedOut => Kind::ConnectTimeout.into(),
        _ => TransportError::new(Kind::Connect, error),
    }
}
