//! One request and its response, over the client's transport.

use std::sync::Arc;

use http::Response;
use sdn_proto::{Outgoing, TransportError};

use crate::sender::Sender;

/// The sender of requests.
#[derive(Clone)]
pub(crate) enum Transport {
    Own(Arc<Sender>),
    #[cfg(feature = "ureq")]
    Agent(crate::agent::AgentSender),
}

/// Sends a request and reads the response's body up to its limit.
#[cfg(feature = "tracing")]
pub(crate) fn exchange(
    transport: &Transport,
    outgoing: Outgoing,
) -> Result<Response<Vec<u8>>, TransportError> {
    let traced = crate::trace::Traced::new(&outgoing);
    let result = traced.span.in_scope(|| send(transport, outgoing));
    traced.ended(&result);
    result
}

#[cfg(not(feature = "tracing"))]
pub(crate) use send as exchange;

/// Sends a request and reads the response's body up to its limit.
pub(crate) fn send(
    transport: &Transport,
    outgoing: Outgoing,
) -> Result<Response<Vec<u8>>, TransportError> {
    let limit = outgoing.max_response_bytes();
    match transport {
        Transport::Own(sender) => sender.send(outgoing.request(), limit),
        #[cfg(feature = "ureq")]
        Transport::Agent(agent) => agent.send(outgoing.into_request(), limit),
    }
}
