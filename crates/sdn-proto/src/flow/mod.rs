//! Whole journeys as state machines, still without I/O.
//!
//! A flow is asked what to do now and told what came of it. It has no clock, no randomness and no socket:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use sdn_proto::Delivery;
//! use sdn_proto::flow::{Flow, Step};
//!
//! fn run<F: Flow>(
//!     mut flow: F,
//!     carry: impl Fn(&Request<Bytes>, usize) -> Result<Response<Bytes>, Delivery>,
//! ) -> F::Outcome {
//!     loop {
//!         match flow.step() {
//!             Step::Send(outgoing) => match carry(outgoing.request(), outgoing.max_response_bytes()) {
//!                 Ok(response) => flow.response(&response),
//!                 Err(delivery) => flow.failed(delivery),
//!             },
//!             Step::Wait(duration) => {
//!                 std::thread::sleep(duration);
//!                 flow.waited();
//!             }
//!             Step::AcceptTerms(_terms) => flow.decline(), // or ask the person
//!             Step::Done(outcome) => break outcome,
//!         }
//!     }
//! }
//! ```
//!
//! Every flow ends, whatever it is told: it makes a bounded number of steps. It never repeats a request that may have
//! arrived. What it is told at the wrong time, such as an answer while it waits, it passes over.

mod accept;
mod invite;
mod pending;
mod rate_limit;
mod register;
mod revoke;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::call::Call;
use crate::error::{ApiError, Delivery};
use crate::identity::Terms;
use crate::redacted::Redacted;

pub use accept::{Accept, AcceptFailure};
pub use invite::{Arrival, Diagnosis, Invite, InviteFailure, Invited};
pub use pending::PendingInvitations;
pub use register::{Register, RegisterFailure, Registered, Stage};
pub use revoke::{Revoke, Revoked};

/// A journey of several calls.
pub trait Flow {
    /// What the journey ends with.
    type Outcome;

    /// What to do now. Asking again gives the same step, until the flow is told what came of it.
    fn step(&self) -> Step<Self::Outcome>;

    /// Tells the answer to what [`Step::Send`] gave.
    ///
    /// If it is an error that repeats that request, the flow's outcome has it
    /// [without the request's secrets](ApiError::without_secrets_of).
    fn response(&mut self, response: &Response<Bytes>);

    /// Tells that what [`Step::Send`] gave brought no answer.
    fn failed(&mut self, delivery: Delivery);

    /// Tells that the time of [`Step::Wait`] has passed.
    fn waited(&mut self);

    /// Tells which of the policies of [`Step::AcceptTerms`] the person accepts, by the URL of one language of each.
    fn accept(&mut self, urls: Vec<String>);

    /// Tells that the person accepts no terms.
    fn decline(&mut self);
}

/// To drive a flow and ask it something afterwards, such as [`Invite::id_access_token`].
impl<F: Flow + ?Sized> Flow for &mut F {
    type Outcome = F::Outcome;

    fn step(&self) -> Step<Self::Outcome> {
        (**self).step()
    }

    fn response(&mut self, response: &Response<Bytes>) {
        (**self).response(response);
    }

    fn failed(&mut self, delivery: Delivery) {
        (**self).failed(delivery);
    }

    fn waited(&mut self) {
        (**self).waited();
    }

    fn accept(&mut self, urls: Vec<String>) {
        (**self).accept(urls);
    }

    fn decline(&mut self) {
        (**self).decline();
    }
}

/// What a flow wants done.
#[derive(Debug, Clone)]
pub enum Step<O> {
    /// Carry this request; then tell [`Flow::response`] or [`Flow::failed`].
    Send(Outgoing),
    /// Wait for so long; then tell [`Flow::waited`].
    Wait(Duration),
    /// Ask the person about these terms; then tell [`Flow::accept`] or [`Flow::decline`].
    AcceptTerms(Terms),
    /// Nothing: the journey has ended.
    Done(O),
}

/// A request that a flow wants carried. `Debug` prints it without its secrets.
#[derive(Clone)]
pub struct Outgoing {
    request: Box<Request<Bytes>>,
    max_response_bytes: usize,
}

impl Outgoing {
    fn new<C: Call>(call: &C, server: &C::Server) -> Self {
        Self {
            request: Box::new(call.to_request(server)),
            max_response_bytes: C::MAX_RESPONSE_BYTES,
        }
    }

    /// The request. Its URI is absolute.
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// The request, to be carried away.
    pub fn into_request(self) -> Request<Bytes> {
        *self.request
    }

    /// How much of an answer's body to read at the most: [`Call::MAX_RESPONSE_BYTES`].
    pub fn max_response_bytes(&self) -> usize {
        self.max_response_bytes
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Redacted(&*self.request), f)
    }
}

/// Reads the response to what a flow has sent. The error does not repeat the secrets of that.
fn read<C: Call>(flow: &impl Flow, response: &Response<Bytes>) -> Result<C::Output, ApiError> {
    C::parse_response(response).map_err(|error| match flow.step() {
        Step::Send(sent) => error.without_secrets_of(sent.request()),
        _ => error,
    })
}

/// Why a call within a flow failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CallFailure {
    /// The server answered with an error.
    Api(ApiError),
    /// No answer came.
    NoAnswer(Delivery),
}

impl CallFailure {
    /// Returns what is known about the call's effect.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Api(error) => error.delivery(),
            Self::NoAnswer(Delivery::NotSent) => Delivery::NotSent,
            Self::NoAnswer(_) => Delivery::Unknown,
        }
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::NoAnswer(Delivery::NotSent) => f.write_str("it could not be reached"),
            Self::NoAnswer(_) => f.write_str("it did not answer"),
        }
    }
}
