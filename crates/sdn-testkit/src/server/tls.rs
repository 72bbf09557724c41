//! TLS on the server's side.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificate::{Wanted, server_config};
use super::stream::Stream;

pub(super) struct Tls {
    config: Arc<ServerConfig>,
    pub(super) ca_pem: String,
}

impl Tls {
    pub(super) fn new() -> io::Result<Self> {
        let (config, ca_pem) = server_config(&Wanted::default())?;
        Ok(Tls { config: Arc::new(config), ca_pem })
    }

    /// The handshake itself happens with the first read.
    pub(super) fn accept(&self, socket: TcpStream) -> io::Result<Stream> {
        let connection =
            ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, socket))))
    }
}
