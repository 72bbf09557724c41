//! The bytes of one connection: the number of written ones, and a look at the socket.

use std::io::{self, ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use crate::dial::BoxStream;
use crate::sync::lock;

/// A stream of bytes that hyper reads and writes, perhaps through TLS.
///
/// An error of writing is kept until the reader has read everything that the server sent before.
pub(super) struct Wire {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Writer,
}

/// The writing half, which the pool also checks.
#[derive(Clone)]
pub(super) struct Writer(Arc<Mutex<Written>>);

struct Written {
    /// `None` when the connection has ended.
    half: Option<Box<dyn Half>>,
    bytes: u64,
    error: Option<io::Error>,
}

trait Half: AsyncWrite + Send + Unpin {
    fn look(&self) -> Look;
}

/// The unread bytes of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Nothing,
    Bytes,
    End,
    /// It is not the client's socket.
    Unknown,
}

impl Half for OwnedWriteHalf {
    fn look(&self) -> Look {
        // tokio's own `peek` would ask the runtime, which may not have looked for a while.
        match SockRef::from(self.as_ref()).peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => Look::End,
            Ok(_) => Look::Bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Look::Nothing,
            Err(_) => Look::End,
        }
    }
}

impl Half for WriteHalf<BoxStream> {
    fn look(&self) -> Look {
        Look::Unknown
    }
}

impl Wire {
    pub(super) fn tcp(stream: TcpStream) -> Self {
        let (reader, half) = stream.into_split();
        Self::new(Box::new(reader), Box::new(half))
    }

    pub(super) fn other(stream: BoxStream) -> Self {
        let (reader, half) = split(stream);
        Self::new(Box::new(reader), Box::new(half))
    }

    fn new(reader: Box<dyn AsyncRead + Send + Unpin>, half: Box<dyn Half>) -> Self {
        let written = Written { half: Some(half), bytes: 0, error: None };
        Self { reader, writer: Writer(Arc::new(Mutex::new(written))) }
    }

    pub(super) fn writer(&self) -> Writer {
        self.writer.clone()
    }
}

impl Writer {
    /// Returns how many bytes were written.
    pub(super) fn written(&self) -> u64 {
        lock(&self.0).bytes
    }

    /// Prevents further writes.
    pub(super) fn stop(&self) {
        lock(&self.0).half = None;
    }

    pub(super) fn look(&self) -> Look {
        match &*lock(&self.0) {
            Written { half: Some(half), error: None, .. } => half.look(),
            _ => Look::End,
        }
    }

    fn write(
        &self,
        length: usize,
        write: impl FnOnce(Pin<&mut dyn Half>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let mut written = lock(&self.0);
        let Written { half: Some(half), bytes, error } = &mut *written else {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        };
        if error.is_none() {
            match ready!(write(Pin::new(&mut **half))) {
                Ok(count) => {
                    *bytes += count as u64;
                    return Poll::Ready(Ok(count));
                }
                Err(failed) => *error = Some(failed),
            }
        }
        // hyper would stop reading, although a complete response may wait in the socket.
        Poll::Ready(Ok(length))
    }

    fn finish(
        &self,
        finish: impl FnOnce(Pin<&mut dyn Half>) -> Poll<io::Result<()>>,
    ) -> Poll<io::Result<()>> {
        match &mut *lock(&self.0) {
            Written { half: Some(half), error: None, .. } => finish(Pin::new(&mut **half)),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.reader).poll_read(context, buffer))?;
        let is_end = buffer.filled().len() == before && buffer.remaining() > 0;
        match is_end.then(|| lock(&self.writer.0).error.take()).flatten() {
            Some(error) => Poll::Ready(Err(error)),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writer.write(bytes.len(), |half| half.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = parts.iter().map(|part| part.len()).sum();
        self.writer.write(length, |half| half.poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        lock(&self.writer.0).half.as_ref().is_some_and(|half| half.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.finish(|half| half.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.finish(|half| half.poll_shutdown(context))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.writer.stop();
    }
}
