//! A connection that accepts every write, then returns a script's input and error.

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

/// Creates connections that read `input` and then fail with `error`.
///
/// Without `input`, connecting fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    pub(crate) input: Option<&'static str>,
    pub(crate) error: fn() -> Error,
}

impl Connector<()> for Script {
    type Out = Scripted;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Scripted>, Error> {
        let input = self.input.ok_or_else(self.error)?;
        Ok(Some(Scripted { buffers: LazyBuffers::new(1024, 1024), input, error: self.error }))
    }
}

#[derive(Debug)]
pub(crate) struct Scripted {
    buffers: LazyBuffers,
    input: &'static str,
    error: fn() -> Error,
}

impl Transport for Scripted {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        if self.input.is_empty() {
            return Err((self.error)());
        }
        let (buffer, length) = (self.buffers.input_append_buf(), self.input.len());
        buffer[..length].copy_from_slice(self.input.as_bytes());
        self.buffers.input_appended(length);
        self.input = "";
        Ok(true)
    }

    fn is_open(&mut self) -> bool {
        true
    }
}
