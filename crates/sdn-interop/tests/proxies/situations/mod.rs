//! The situations: unusual settings of the proxy, the sender and the node, and events.

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
