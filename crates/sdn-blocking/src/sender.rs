//! Sends requests over the client's connections.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use sdn_proto::{TransportError, TransportErrorKind as Kind};

use crate::http1::Connection;
use crate::net::{Connector, Pool, Server};

/// The settings of a client, and its idle connections.
pub(crate) struct Sender {
    pub(crate) connect_timeout: Duration,
    pub(crate) total_timeout: Duration,
    pub(crate) user_agent: HeaderValue,
    pub(crate) connector: Connector,
    pub(crate) pool: Pool<Connection>,
}

impl Sender {
    /// Sends a request and reads its response, with at most `limit` bytes of its body.
    pub(crate) fn send(
        &self,
        request: &Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let deadline = Instant::now() + self.total_timeout;
        let server = Server::of(request.uri())
            .map_err(|problem| TransportError::new(Kind::Connect, problem))?;
        while let Some(connection) = self.take_idle(&server) {
            match self.exchange(connection, request, &server, limit, deadline) {
                // The server closed it at this moment, and nothing was written.
                Err(error) if error.kind() == Kind::Connect => {}
                result => return result,
            }
        }
        let connection = self.connect(&server, deadline)?;
        self.exchange(connection, request, &server, limit, deadline)
    }

    fn take_idle(&self, server: &Server) -> Option<Connection> {
        loop {
            let mut connection = self.pool.take(server)?;
            if connection.is_idle() {
                return Some(connection);
            }
        }
    }

    fn exchange(
        &self,
        mut connection: Connection,
        request: &Request<Bytes>,
        server: &Server,
        limit: usize,
        deadline: Instant,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let exchanged = connection.exchange(request, server, &self.user_agent, limit, deadline)?;
        if exchanged.is_reusable {
            self.pool.put(server.clone(), connection);
        }
        Ok(exchanged.response)
    }

    fn connect(&self, server: &Server, deadline: Instant) -> Result<Connection, TransportError> {
        let deadline = deadline.min(Instant::now() + self.connect_timeout);
        self.connector.connect(server, deadline).map(Connection::new)
    }
}
