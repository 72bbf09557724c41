//! A tunnel through a proxy.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use http::uri::Authority;
use sdn_proto::Proxy;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::cause::BoxError;

/// Asks a proxy for a connection to the server. After that the stream leads to the server.
pub(super) async fn open_tunnel(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    server: &Authority,
    port: u16,
) -> Result<(), BoxError> {
    let failed = |error: std::io::Error| AtProxy::new(proxy, error.into());
    stream.write_all(&proxy.request(server, port)).await.map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    let mut response = Vec::new();
    while !proxy.is_open(&response)? {
        if stream.read_buf(&mut response).await.map_err(failed)? == 0 {
            return Err(failed(ErrorKind::UnexpectedEof.into()).into());
        }
    }
    Ok(())
}

/// A failure to reach a proxy, with the proxy's URL.
#[derive(Debug)]
pub(super) struct AtProxy {
    proxy: String,
    cause: BoxError,
}

impl AtProxy {
    pub(super) fn new(proxy: &Proxy, cause: BoxError) -> Self {
        Self { proxy: proxy.to_string(), cause }
    }
}

impl fmt::Display for AtProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {}", self.proxy)
    }
}

impl Error for AtProxy {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}
