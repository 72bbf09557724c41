//! Opens connections: name, TCP, the proxy and TLS.

use std::error::Error as StdError;
use std::io;

use http::Uri;
use http::uri::InvalidUri;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::ServerName;
use sdn_proto::{Proxy, TransportError, TransportErrorKind as Kind};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::connection::{Http1, Http2};
use super::tunnel::{AtProxy, open_tunnel};
use super::wire::{Wire, Writer};
use crate::cause::BoxError;
use crate::dial::Dial;
use crate::settings::{Builder, Http2 as SpeakHttp2};

pub(super) struct Connector {
    tcp: HttpConnector,
    dial: Option<Dial>,
    proxy: Option<Proxy>,
    /// The settings of TLS, or the reason why TLS is not possible.
    tls: Result<TlsConnector, TransportError>,
    pub(super) http2: SpeakHttp2,
    max_streams: usize,
}

/// A connection that has just been opened.
pub(super) enum Opened {
    Http1(Http1),
    Http2(Http2),
}

impl Connector {
    pub(super) fn new(settings: &Builder, max_streams: usize) -> Self {
        let http2 = settings.http2;
        let protocols: &[&[u8]] = match http2 {
            SpeakHttp2::Negotiate => &[b"h2", b"http/1.1"],
            SpeakHttp2::Never => &[b"http/1.1"],
            SpeakHttp2::PriorKnowledge => &[b"h2"],
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Shared out among the addresses of a name, so that a silent one does not use it all up.
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        Self {
            tcp,
            dial: settings.dial.clone(),
            proxy: settings.proxy.clone(),
            tls: settings.tls.config(protocols).map(TlsConnector::from),
            http2,
            max_streams,
        }
    }

    pub(super) async fn open(&self, server: &Uri, is_tls: bool) -> Result<Opened, TransportError> {
        let tls = if is_tls { Some(self.tls.clone()?) } else { None };
        let wire = match &self.proxy {
            None => self.reach(server).await?,
            Some(proxy) => self.reach_through(proxy, server, is_tls).await?,
        };
        let writer = wire.writer();
        let speaks_http2 = self.http2 == SpeakHttp2::PriorKnowledge;
        let Some(tls) = tls else { return self.speak(wire, writer, speaks_http2).await };
        let tls_error =
            |error: Box<dyn StdError + Send + Sync>| TransportError::new(Kind::Tls, error);
        let host = server.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name =
            ServerName::try_from(host.to_owned()).map_err(|error| tls_error(error.into()))?;
        let stream = tls.connect(name, wire).await.map_err(|error| tls_error(error.into()))?;
        let speaks_http2 = speaks_http2 || stream.get_ref().1.alpn_protocol() == Some(b"h2");
        self.speak(stream, writer, speaks_http2).await
    }

    async fn reach(&self, server: &Uri) -> Result<Wire, TransportError> {
        match &self.dial {
            Some(dial) => {
                let stream = dial.open(server.clone()).await;
                let stream = stream.map_err(|error| TransportError::new(Kind::Connect, error))?;
                Ok(Wire::other(stream))
            }
            None => {
                let stream = self.tcp.clone().call(server.clone()).await;
                Ok(Wire::tcp(stream.map_err(no_tcp)?.into_inner()))
            }
        }
    }

    async fn reach_through(
        &self,
        proxy: &Proxy,
        server: &Uri,
        is_tls: bool,
    ) -> Result<Wire, TransportError> {
        let no_tunnel = |error: BoxError| TransportError::new(Kind::Connect, error);
        let uri = proxy.to_string().parse().map_err(|error: InvalidUri| no_tunnel(error.into()))?;
        let mut wire = self.reach(&uri).await.map_err(|error| match error.kind() {
            Kind::ConnectTimeout => error,
            _ => no_tunnel(AtProxy::new(proxy, error.into()).into()),
        })?;
        if let Some(authority) = server.authority() {
            let port = server.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
            open_tunnel(&mut wire, proxy, authority, port).await.map_err(no_tunnel)?;
        }
        Ok(wire)
    }

    async fn speak<S>(
        &self,
        stream: S,
        writer: Writer,
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
