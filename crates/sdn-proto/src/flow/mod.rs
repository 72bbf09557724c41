//! Flows: several calls as one state machine, without I/O.
//!
//! A flow returns its next step, and its driver passes each response back. It has no clock, no
//! randomness and no socket:
//!
//! ```
//! use bytes::Bytes;
//! use http::Response;
//! use sdn_proto::flow::{Flow, Step};
//! use sdn_proto::{Outgoing, TransportError};
//!
//! fn run<F: Flow>(
//!     mut flow: F,
//!     execute: impl Fn(Outgoing) -> Result<Response<Bytes>, TransportError>,
//! ) -> F::Outcome {
//!     loop {
//!         match flow.step() {
//!             Step::Send(outgoing) => flow.received(execute(outgoing)),
//!             Step::Wait(duration) => {
//!                 std::thread::sleep(duration);
//!                 flow.waited();
//!             }
//!             Step::Done(outcome) => break outcome,
//!         }
//!     }
//! }
//! ```
//!
//! Every flow ends, whatever it receives, after a bounded number of steps. It never repeats a
//! request that may have arrived. It ignores a response while it waits or after it has ended.
//!
//! Where a person is needed, the flow is done: its error holds the terms to accept
//! ([`PendingTerms`]), and accepting them returns the flow that continues. So no driver blocks while
//! the person reads.

mod accept;
mod diagnosis;
mod identity_server_at;
mod invite;
mod invite_error;
mod pending_terms;
mod rate_limit;
mod register;
mod register_error;
mod revoke;

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::call::Call;
use crate::error::{CallError, TransportError};
use crate::outgoing::Outgoing;

pub use accept::{AcceptError, AcceptFlow};
pub use diagnosis::Diagnosis;
pub use identity_server_at::IdentityServerAt;
pub use invite::{InviteFlow, Invited};
pub use invite_error::{Arrival, InviteError};
pub use pending_terms::PendingTerms;
pub use register::{RegisterFlow, Registered};
pub use register_error::{RegisterError, Stage};
pub use revoke::{RevokeFlow, Revoked};

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

/// Drives a flow that can be asked something afterwards, such as [`InviteFlow::id_access_token`].
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

/// Reads the response to the request that a flow has sent. The error does not repeat the request's
/// secrets.
fn read<C: Call>(
    sent: &Outgoing,
    response: &Result<Response<Bytes>, TransportError>,
) -> Result<C::Output, CallError> {
    match response {
        Ok(response) => C::parse_response(response).map_err(CallError::Api),
        Err(error) => Err(CallError::Transport(error.clone())),
    }
    .map_err(|error| error.without_secrets_of(sent.request()))
}
