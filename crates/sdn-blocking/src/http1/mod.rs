//! HTTP/1.1 over a connection: one request at a time, and its response.

mod body;
mod connection;
mod head;
mod invalid;
mod request;
mod wire;

pub(crate) use connection::Connection;
