//! Connections that record whether anything was written to them.

use std::cell::Cell;

use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

thread_local! {
    static HAS_WRITTEN: Cell<bool> = const { Cell::new(false) };
}

/// Runs an exchange; also returns whether anything was written to a watched connection.
///
/// A request is written on the thread that sends it, so one flag per thread is enough.
pub(crate) fn watch<T>(exchange: impl FnOnce() -> T) -> (T, bool) {
    HAS_WRITTEN.set(false);
    let result = exchange();
    (result, HAS_WRITTEN.get())
}

/// The last link of a chain of connectors: watches the connections of those before it.
#[derive(Debug)]
pub(crate) struct Watch;

impl<T: Transport> Connector<T> for Watch {
    type Out = Watched<T>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        connection: Option<T>,
    ) -> Result<Option<Watched<T>>, ureq::Error> {
        Ok(connection.map(Watched))
    }
}

/// A connection behind TLS, so that only bytes of requests count, not those of the handshake.
#[derive(Debug)]
pub(crate) struct Watched<T>(T);

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        // Before the attempt, because a write that fails may have written a part.
        HAS_WRITTEN.set(true);
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
