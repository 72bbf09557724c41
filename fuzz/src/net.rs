//! Stands for the module `net` of sdn-blocking: connections in memory.

#[path = "../../crates/sdn-blocking/src/net/server.rs"]
#[allow(dead_code)]
mod server;

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;
use std::time::Instant;

pub(crate) use server::Server;

/// A connection to a server that sends fixed bytes, some at a time.
pub(crate) struct Stream {
    input: Vec<u8>,
    /// How many bytes each read returns at most, in turns.
    steps: [usize; 2],
    reads: usize,
    read_bytes: Rc<Cell<usize>>,
    /// How many bytes of the request the server reads before it stops.
    room: usize,
    has_written: bool,
}

impl Stream {
    pub(crate) fn new(input: Vec<u8>, steps: [usize; 2], room: usize) -> Self {
        let read_bytes = Rc::default();
        Self { input, steps, reads: 0, read_bytes, room, has_written: false }
    }

    /// Counts the bytes that were read so far.
    pub(crate) fn read_bytes(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.read_bytes)
    }

    /// No time passes.
    pub(crate) fn start(&mut self, _: Instant) {}

    pub(crate) fn has_written(&self) -> bool {
        self.has_written
    }

    /// The end of the connection is input too.
    pub(crate) fn has_input(&mut self) -> io::Result<bool> {
        Ok(true)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.read_bytes.get();
        let step = self.steps[self.reads % self.steps.len()];
        let count = step.min(buffer.len()).min(self.input.len() - start);
        buffer[..count].copy_from_slice(&self.input[start..start + count]);
        self.read_bytes.set(start + count);
        self.reads += 1;
        Ok(count)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.room);
        self.room -= count;
        self.has_written |= count > 0;
        if count == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn is_late(_: &io::Error) -> bool {
    false
}
