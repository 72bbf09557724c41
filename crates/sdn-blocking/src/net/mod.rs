//! Connections: opening them, reading and writing within limits of time, and keeping idle ones.

mod connect;
mod lookup;
mod pool;
mod server;
mod socket;
mod stream;
mod tls;

pub(crate) use connect::connect;
pub(crate) use pool::Pool;
pub(crate) use server::Server;
pub(crate) use socket::is_late;
pub(crate) use stream::Stream;
pub(crate) use tls::tls_config;
