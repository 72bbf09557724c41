//! A connection with or without TLS.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use rustls::ClientConnection;

use super::socket::Socket;

pub(crate) struct Stream {
    socket: Socket,
    tls: Option<Box<ClientConnection>>,
}

impl Stream {
    pub(super) fn plain(socket: Socket) -> Self {
        Self { socket, tls: None }
    }

    /// Shakes hands.
    pub(super) fn secure(mut socket: Socket, mut tls: ClientConnection) -> io::Result<Self> {
        while tls.is_handshaking() || tls.wants_write() {
            match tls.complete_io(&mut socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => drop(result?),
            }
        }
        Ok(Self { socket, tls: Some(Box::new(tls)) })
    }

    /// Begins an exchange, which must end by the deadline.
    pub(crate) fn start(&mut self, deadline: Instant) {
        self.socket.start(deadline);
    }

    /// Returns whether any byte of the exchange was written to the network.
    pub(crate) fn has_written(&self) -> bool {
        self.socket.has_written()
    }

    /// Returns, without waiting, whether there is something to read: bytes, or the end.
    pub(crate) fn has_input(&mut self) -> io::Result<bool> {
        let Self { socket, tls } = self;
        let result = socket.at_once(|mut tcp| match tls {
            None => tcp.peek(&mut [0]).map(drop),
            // Messages of TLS, such as session tickets, are not input.
            Some(tls) => loop {
                let state = tls.process_new_packets().map_err(invalid)?;
                if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
                    break Ok(());
                }
                if tls.read_tls(&mut tcp)? == 0 {
                    break Ok(());
                }
            },
        });
        match result {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { socket, tls } = self;
        let Some(tls) = tls else { return socket.read(buffer) };
        loop {
            // At the end of TCP without the end of TLS, this is an error.
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
            tls.read_tls(socket)?;
            if let Err(error) = tls.process_new_packets() {
                // Sends the alert if it can. The error itself matters more.
                let _ = tls.write_tls(socket);
                return Err(invalid(error));
            }
        }
    }
}

/// TLS may keep written bytes until a flush. Both can fail with [`ErrorKind::WouldBlock`], and can
/// then be repeated.
impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.tls.is_some() {
            self.flush()?;
        }
        match &mut self.tls {
            None => self.socket.write(bytes),
            Some(tls) => tls.writer().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let Self { socket, tls: Some(tls) } = self else { return Ok(()) };
        while tls.wants_write() {
            if tls.write_tls(socket)? == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }
}
