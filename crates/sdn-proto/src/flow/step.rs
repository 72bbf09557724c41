use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::error::TransportError;
use crate::outgoing::Outgoing;

/// Several calls, of which each depends on the responses before it.
pub trait Flow {
    /// What the flow ends with.
    type Outcome;

    /// Returns what to do now. The step stays the same until its result is passed back.
    fn step(&self) -> Step<Self::Outcome>;

    /// Takes the response to the request of [`Step::Send`], or why there is none.
    ///
    /// If the server repeats the request's secrets, the flow's error does not.
    fn received(&mut self, response: Result<Response<Bytes>, TransportError>);

    /// Continues after the time of [`Step::Wait`] has passed.
    fn waited(&mut self) {}
}

/// Drives a flow that can be asked something afterwards, such as [`InviteFlow::id_access_token`](super::InviteFlow::id_access_token).
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

/// What a flow needs next.
#[derive(Debug, Clone)]
pub enum Step<O> {
    /// Send this request, then call [`Flow::received`].
    Send(Outgoing),
    /// Wait this long, then call [`Flow::waited`].
    Wait(Duration),
    /// Nothing: the flow has ended.
    Done(O),
}
