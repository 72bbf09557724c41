//! TLS on the server's side.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificate::{Wanted, server_config};
use super::stream::Stream;

pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
}

impl Tls {
    pub(crate) fn new(wanted: &Wanted<'_>) -> io::Result<Self> {
        let (config, ca_pem) = server_config(wanted)?;
        Ok(Tls { config: Arc::new(config), ca_pem })
    }

    /// The handshake happens with the first read.
    pub(crate) fn accept(&self, socket: TcpStream) -> io::Result<Stream> {
        let connection =
            ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, socket))))
    }
}
