//! A tunnel through a proxy.

use std::io::{self, ErrorKind, Read, Write};

use sdn_proto::Proxy;

use super::server::Server;

/// Asks a proxy for a connection to the server. After that the stream leads to the server.
pub(super) fn open_tunnel(
    stream: &mut (impl Read + Write),
    proxy: &Proxy,
    server: &Server,
) -> io::Result<()> {
    let request = proxy.request(server.authority(), server.port);
    let mut rest = &request[..];
    while !rest.is_empty() {
        match stream.write(rest) {
            Ok(count) => rest = &rest[count..],
            // A write that stalls for a moment.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    let (mut response, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        response.extend_from_slice(&buffer[..count]);
        if proxy.is_open(&response).map_err(io::Error::other)? {
            return Ok(());
        }
    }
}
