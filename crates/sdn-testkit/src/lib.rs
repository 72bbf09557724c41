//! In-memory SDN nodes and identity servers to test invitations against.
#![deny(missing_docs, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod answer;
mod identity;
mod node;
mod request;
mod room;
mod seen;
mod world;

pub use identity::Mail;
pub use room::Event;
pub use seen::SeenRequest;
pub use world::World;
