//! Connections: opens them, reads and writes within time limits, and keeps idle ones.

mod connect;
mod lookup;
mod pool;
mod server;
mod socket;
mod stream;
mod tunnel;

pub(crate) use connect::Connector;
pub(crate) use pool::Pool;
pub(crate) use server::Server;
pub(crate) use socket::is_late;
pub(crate) use stream::Stream;
