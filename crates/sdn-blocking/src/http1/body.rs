//! A response's body.

use std::io::{self, ErrorKind, Read};

use super::head::Framing;
use super::invalid::Invalid;
use super::wire::Wire;
use crate::net::Stream;

/// The maximum length of a line with a chunk's size, and of a trailer.
const MAX_LINE_BYTES: usize = 4096;
/// The maximum number of bytes of a chunked body's extensions and trailers in all.
const MAX_EXTRA_BYTES: usize = 64 * 1024;

/// Reads a body up to its end.
pub(super) struct Body<'a, S = Stream> {
    wire: &'a mut Wire<S>,
    state: State,
    extra_bytes: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// This many bytes are left.
    Length(u64),
    UntilClose,
    ChunkSize,
    /// This many bytes of the chunk are left.
    Chunk(u64),
    ChunkEnd,
    Trailers,
    Done,
}

impl<'a, S: Read> Body<'a, S> {
    pub(super) fn new(wire: &'a mut Wire<S>, framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize,
            Framing::UntilClose => State::UntilClose,
        };
        Self { wire, state, extra_bytes: 0 }
    }

    /// Whether the body was read to its end.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Reads up to `left` bytes, and fails at the end of the connection.
    fn read_part(&mut self, buffer: &mut [u8], left: u64) -> io::Result<u64> {
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        match self.wire.read(&mut buffer[..room])? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => Ok(count as u64),
        }
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        self.wire.line(MAX_LINE_BYTES)?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    fn count_extra(&mut self, bytes: usize) -> io::Result<()> {
        self.extra_bytes += bytes;
        if self.extra_bytes > MAX_EXTRA_BYTES {
            return Err(Invalid("the response has too many extensions or trailers").into());
        }
        Ok(())
    }

    fn chunk_size(&mut self) -> io::Result<u64> {
        let line = self.line()?;
        let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
        self.count_extra(line.len() - digits.len())?;
        size(digits.trim_ascii_end()).ok_or_else(|| Invalid("a chunk has an invalid size").into())
    }
}

fn size(digits: &[u8]) -> Option<u64> {
    // Parsing would accept a sign.
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

impl<S: Read> Read for Body<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            self.state = match self.state {
                State::Done | State::Length(0) => {
                    self.state = State::Done;
                    return Ok(0);
                }
                State::UntilClose => {
                    let count = self.wire.read(buffer)?;
                    if count == 0 {
                        self.state = State::Done;
                    }
                    return Ok(count);
                }
                State::Length(left) => {
                    let count = self.read_part(buffer, left)?;
                    self.state = State::Length(left - count);
                    return Ok(count as usize);
                }
                State::Chunk(0) => State::ChunkEnd,
                State::Chunk(left) => {
                    let count = self.read_part(buffer, left)?;
                    self.state = State::Chunk(left - count);
                    return Ok(count as usize);
                }
                State::ChunkSize => match self.chunk_size()? {
                    0 => State::Trailers,
                    size => State::Chunk(size),
                },
                State::ChunkEnd => match self.line()?.len() {
                    0 => State::ChunkSize,
                    _ => return Err(Invalid("a chunk is longer than its size").into()),
                },
                State::Trailers => match self.line()?.len() {
                    0 => State::Done,
                    length => {
                        self.count_extra(length)?;
                        State::Trailers
                    }
                },
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a few bytes at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len());
            self.0.take(count as u64).read(buffer).inspect(|&count| self.0 = &self.0[count..])
        }
    }

    /// Reads a body that arrives in parts of this many bytes, and the bytes after it.
    fn read(framing: Framing, input: &[u8], step: usize) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let mut wire = Wire::new(Trickle(input, step));
        let (mut bytes, mut rest) = (Vec::new(), Vec::new());
        let mut body = Body::new(&mut wire, framing);
        body.read_to_end(&mut bytes)?;
        assert!(body.is_done());
        wire.read_to_end(&mut rest)?;
        Ok((bytes, rest))
    }

    #[test]
    fn body_is_read_to_its_end() {
        for (framing, input, body, rest) in [
            (Framing::Length(3), "abcd", "abc", "d"),
            (Framing::Length(0), "abcd", "", "abcd"),
            (Framing::UntilClose, "abcd", "abcd", ""),
            (Framing::Chunked, "3\r\nabc\r\n0\r\n\r\nd", "abc", "d"),
            (Framing::Chunked, "0a ; x=\"y\"\r\n0123456789\r\n1\nx\n00\n\nd", "0123456789x", "d"),
            (Framing::Chunked, "1\r\n\n\r\n0\r\nx: y\r\nz: \r\n\r\nd", "\n", "d"),
            (Framing::Chunked, "0\r\n\r\n", "", ""),
        ] {
            for step in 1..=input.len() {
                let read = read(framing, input.as_bytes(), step).unwrap();
                assert_eq!(read, (body.into(), rest.into()), "{input:?} by {step}");
            }
        }
    }

    #[test]
    fn cut_bodies_are_errors() {
        for (framing, input) in
            [(Framing::Length(9), "abcd"), (Framing::Chunked, "3\r\nabc\r\n0\r\nx: y\r\n\r\n")]
        {
            for end in 0..input.len() {
                let error = read(framing, &input.as_bytes()[..end], 2).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{end}: {error:?}");
            }
        }
    }

    #[test]
    fn bad_chunks_are_rejected() {
        let extensions = format!("1;{}\r\nx\r\n", "x".repeat(4000)).repeat(20);
        let long_line = format!("1;{}", "x".repeat(10_000));
        let trailers = format!("0\r\n{}", "x: y\r\n".repeat(20_000));
        for input in [
            "\r\n",
            "x\r\n",
            "+1\r\nx",
            "-1\r\nx",
            "1 1\r\nx",
            " 1\r\nx",
            ";\r\n",
            "1\r\nxy\r\n",
            "10000000000000000\r\nx",
            &extensions,
            &long_line,
            &trailers,
        ] {
            let error = read(Framing::Chunked, input.as_bytes(), 100).unwrap_err();
            let start: String = input.chars().take(20).collect();
            assert!(Invalid::is_cause_of(&error), "{start:?}: {error:?}");
        }
    }

    #[test]
    fn largest_size_is_not_allocated() {
        let error = read(Framing::Chunked, b"ffffffffffffffff\r\nabc", 100).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
}
