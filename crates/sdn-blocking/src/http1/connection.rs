//! One request and its response over a connection.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use sdn_proto::{TransportError, TransportErrorKind as Kind};

use super::body::Body;
use super::head::{self, Framing, Head};
use super::invalid::Invalid;
use super::request;
use super::wire::Wire;
use crate::net::{Server, Stream, is_late};

/// The maximum length of a response's head, with all interim responses before it.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Bodies up to this length are written together with the head.
const SMALL_BODY_BYTES: usize = 16 * 1024;
/// The maximum memory that a content-length alone reserves for a body.
const MAX_RESERVED_BYTES: usize = 64 * 1024;

/// A connection for one request after the other.
pub(crate) struct Connection {
    wire: Wire,
    /// The length of this exchange's heads until now.
    head_bytes: usize,
}

/// A response, and whether its connection can be used again.
pub(crate) struct Exchanged {
    pub(crate) response: Response<Vec<u8>>,
    pub(crate) is_reusable: bool,
}

impl Connection {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { wire: Wire::new(stream), head_bytes: 0 }
    }

    /// Returns whether the connection is open and has no unread bytes.
    pub(crate) fn is_idle(&mut self) -> bool {
        matches!(self.wire.stream.has_input(), Ok(false))
    }

    /// Sends a request and reads its response, with at most `limit` bytes of its body.
    ///
    /// If nothing was written, the error is [`Kind::Connect`] or [`Kind::ConnectTimeout`].
    pub(crate) fn exchange(
        &mut self,
        request: &Request<Bytes>,
        server: &Server,
        user_agent: &HeaderValue,
        limit: usize,
        deadline: Instant,
    ) -> Result<Exchanged, TransportError> {
        self.wire.stream.start(deadline);
        self.head_bytes = 0;
        let method = request.method();
        match self.write(request, server, user_agent) {
            Ok(None) => {
                let head = self.read_head(method).map_err(|error| self.failed(error))?;
                self.read_body(head, limit)
            }
            // The server would read the rest of this request as the next one.
            Ok(Some(head)) => self.read_body(Head { keeps: false, ..head }, limit),
            Err(error) if !self.wire.stream.has_written() => Err(self.failed(error)),
            // The server may have responded before it closed the connection.
            Err(error) => match self.read_head(method) {
                Ok(head) => self.read_body(Head { keeps: false, ..head }, limit),
                Err(_) => Err(self.failed(error)),
            },
        }
    }

    /// Writes a request, and stops at the head of a response that arrives before everything is
    /// written.
    fn write(
        &mut self,
        request: &Request<Bytes>,
        server: &Server,
        user_agent: &HeaderValue,
    ) -> io::Result<Option<Head>> {
        let body = &request.body()[..];
        let (with_head, rest) =
            if body.len() <= SMALL_BODY_BYTES { (body, &[][..]) } else { (&[][..], body) };
        let mut head = request::head(request, server, user_agent, with_head.len());
        head.extend_from_slice(with_head);
        match self.write_all(&head, request.method())? {
            None if !rest.is_empty() => self.write_all(rest, request.method()),
            early => Ok(early),
        }
    }

    fn write_all(&mut self, mut bytes: &[u8], method: &Method) -> io::Result<Option<Head>> {
        loop {
            let stream = &mut self.wire.stream;
            let written = match bytes {
                [] => stream.flush().map(|()| None),
                bytes => stream.write(bytes).map(Some),
            };
            match written {
                Ok(None) => return Ok(None),
                Ok(Some(0)) => return Err(ErrorKind::WriteZero.into()),
                Ok(Some(count)) => bytes = &bytes[count..],
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                // Input before the first byte was written is not a response.
                Err(_) if !stream.has_written() || !stream.has_input()? => {}
                Err(_) if self.wire.read_more()?.is_empty() => {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                Err(_) => {
                    if let Some(head) = self.parse_head(method)? {
                        return Ok(Some(head));
                    }
                }
            }
        }
    }

    fn read_head(&mut self, method: &Method) -> io::Result<Head> {
        let mut may_be_whole = !self.wire.unread().is_empty();
        loop {
            if may_be_whole {
                if let Some(head) = self.parse_head(method)? {
                    return Ok(head);
                }
            }
            let is_first = self.wire.unread().is_empty();
            let more = self.wire.read_more()?;
            if more.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            // Otherwise a head that arrives byte by byte would be parsed for each byte.
            may_be_whole = is_first || more.contains(&b'\n');
            may_be_whole |= self.wire.unread().len() > MAX_HEAD_BYTES;
        }
    }

    /// Parses the response's head, if it is complete, and skips interim responses before it.
    fn parse_head(&mut self, method: &Method) -> io::Result<Option<Head>> {
        loop {
            let parsed = head::parse(self.wire.unread(), method)?;
            let length = parsed.as_ref().map_or(self.wire.unread().len(), |(_, length)| *length);
            if self.head_bytes + length > MAX_HEAD_BYTES {
                return Err(Invalid("the response's head is too long").into());
            }
            let Some((head, length)) = parsed else { return Ok(None) };
            let status = head.response.status();
            if status == StatusCode::SWITCHING_PROTOCOLS {
                // It stays unread, because the bytes after it are not a response.
                return Err(Invalid("the server switches to another protocol").into());
            }
            self.head_bytes += length;
            self.wire.consume(length);
            if !status.is_informational() {
                return Ok(Some(head));
            }
        }
    }

    fn read_body(&mut self, head: Head, limit: usize) -> Result<Exchanged, TransportError> {
        let Head { response, framing, keeps } = head;
        let mut bytes = Vec::new();
        if let Framing::Length(length) = framing {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            bytes.reserve_exact(length.min(limit).min(MAX_RESERVED_BYTES));
        }
        let mut body = Body::new(&mut self.wire, framing);
        // One more than the limit, to detect a longer body.
        let longest = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let result = body.by_ref().take(longest).read_to_end(&mut bytes);
        let is_whole = body.is_done();
        let error = match result {
            _ if bytes.len() > limit => Some(Kind::BodyTooLarge { limit }.into()),
            Err(error) => Some(self.failed(error)),
            Ok(_) => None,
        };
        bytes.truncate(limit);
        match error {
            // Any other status says that the call failed, even if the body is incomplete.
            Some(error) if response.status() == StatusCode::OK => Err(error),
            _ => {
                let is_reusable = keeps && is_whole && self.wire.unread().is_empty();
                self.wire.shrink();
                Ok(Exchanged { response: response.map(|()| bytes), is_reusable })
            }
        }
    }

    /// Classifies an error by the bytes written, not by its cause.
    fn failed(&self, error: io::Error) -> TransportError {
        match (self.wire.stream.has_written(), is_late(&error)) {
            (false, true) => Kind::ConnectTimeout.into(),
            (false, false) => TransportError::new(Kind::Connect, error),
            (true, true) => Kind::TotalTimeout.into(),
            (true, false) if Invalid::is_cause_of(&error) => {
                TransportError::new(Kind::Protocol, error)
            }
            (true, false) => TransportError::new(Kind::ConnectionLost, error),
        }
    }
}
