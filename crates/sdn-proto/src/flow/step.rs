use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::error::TransportError;
use crate::outgoing::Outgoing;

/// A sequence of calls that depend on earlier responses.
pub trait Flow {
    /// The result of the flow.
    type Outcome;

    /// Returns the next step. It stays the same until its result is passed back.
    fn step(&self) -> Step<Self::Outcome>;

    /// Takes the response to the request of [`Step::Send`], or the error if no response arrived.
    ///
    /// The flow's error hides the request's secrets, even if the server repeats them.
    fn received(&mut self, response: Result<Response<Bytes>, TransportError>);

    /// Continues after the time of [`Step::Wait`] has passed.
    fn waited(&mut self) {}
}

/// Drives a flow that is used afterwards, for example for
/// [`InviteFlow::id_access_token`](super::InviteFlow::id_access_token).
impl<F: Flow + ?Sized> Flow for &mut F {
    type Outcome = F::Outcome;

    fn step(&self) -> Step<Self::Outcome> {
        (**self).step()
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        (**self).received(response);
    }

    fn waited(&mut self) {
        (**self).waited();
    }
}

/// The next step of a flow.
#[derive(Debug, Clone)]
pub enum Step<O> {
    /// Send this request, then call [`Flow::received`].
    Send(Outgoing),
    /// Wait this long, then call [`Flow::waited`].
    Wait(Duration),
    /// Nothing: the flow has ended.
    Done(O),
}
