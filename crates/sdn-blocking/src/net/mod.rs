//! Connections: opening them, reading and writing within limits of time, and keeping idle ones.

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
