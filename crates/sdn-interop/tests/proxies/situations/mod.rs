//! The situations: what is unusual about the proxy, the sender and the node, and what happens.

mod exchanges;
mod limits;
mod node;
mod not_sent;
mod parts;
mod proxy;

use crate::situation::Situation;

pub(crate) fn all() -> Vec<Situation> {
    [not_sent::all(), exchanges::all(), node::all(), proxy::all(), limits::all()]
        .into_iter()
        .flatten()
        .collect()
}
