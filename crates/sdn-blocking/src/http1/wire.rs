//! A connection with a buffer for its input.

use std::io::{self, Read};

use super::invalid::Invalid;
use crate::net::Stream;

/// The size of one read. Larger reads of a body bypass the buffer.
const BUFFER_BYTES: usize = 4096;

pub(super) struct Wire<S = Stream> {
    pub(super) stream: S,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<S: Read> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, buffer: vec![0; BUFFER_BYTES], start: 0, end: 0 }
    }

    /// Returns the input that was read but not consumed.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Reads more input and returns it, or nothing at the end.
    pub(super) fn read_more(&mut self) -> io::Result<&[u8]> {
        if self.end == self.buffer.len() {
            if self.start == 0 {
                self.buffer.resize(self.buffer.len() * 2, 0);
            } else {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
        }
        let count = self.stream.read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(&self.buffer[self.end - count..self.end])
    }

    /// Reads a line, without its end, and returns `None` if the input ends before the line does.
    pub(super) fn line(&mut self, max: usize) -> io::Result<Option<Vec<u8>>> {
        let mut seen = 0;
        loop {
            let unread = self.unread();
            if let Some(length) = unread[seen..].iter().position(|&byte| byte == b'\n') {
                let line = &unread[..seen + length];
                let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
                self.consume(seen + length + 1);
                return Ok(Some(line));
            }
            seen = unread.len();
            if seen > max {
                return Err(Invalid("a line of the response is too long").into());
            }
            if self.read_more()?.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Frees the memory of a large head.
    pub(super) fn shrink(&mut self) {
        if self.unread().is_empty() && self.buffer.len() > BUFFER_BYTES {
            self.buffer.truncate(BUFFER_BYTES);
            self.buffer.shrink_to_fit();
        }
    }
}

impl<S: Read> Read for Wire<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread().is_empty() {
            if buffer.len() >= BUFFER_BYTES {
                return self.stream.read(buffer);
            }
            self.read_more()?;
        }
        let count = self.unread().len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.unread()[..count]);
        self.consume(count);
        Ok(count)
    }
}
