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
//! Every flow ends after a bounded number of steps, with any responses. It never repeats a request
//! that may have arrived. It ignores a response while it waits or after it has ended.
//!
//! A flow with a wait budget waits after a rate limit at any of its calls, and then sends the same
//! request again. The budget is for the whole flow.
//!
//! A flow that needs a person or a wallet ends. Its error contains the terms to accept
//! ([`PendingTerms`]), or its outcome the message to sign ([`Challenge`]). `accept` or `answer`
//! returns the flow that continues. So no driver blocks while the person reads.

mod accept;
mod diagnosis;
mod discover;
mod discover_error;
mod identity_server_at;
mod invite;
mod invite_error;
mod login;
mod login_error;
mod pending_terms;
mod rate_limit;
mod reference;
mod register;
mod register_error;
mod revoke;
mod stage;
mod step;

pub use accept::{AcceptError, AcceptFlow};
pub use diagnosis::Diagnosis;
pub use discover::{DiscoverFlow, Discovered};
pub use discover_error::DiscoverError;
pub use identity_server_at::IdentityServerAt;
pub use invite::{Arrival, InviteError, InviteFlow, Invited};
pub use login::{Challenge, LoginFlow, SignedLoginFlow};
pub use login_error::LoginError;
pub use pending_terms::PendingTerms;
pub use register::{RegisterError, RegisterFlow, Registered};
pub use revoke::{RevokeError, RevokeFlow, Revoked};
pub use stage::Stage;
pub use step::{Flow, Step};
