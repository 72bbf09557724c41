//! The trait of every sender.

use std::path::PathBuf;
use std::time::Duration;

use sdn_proto::{CallError, Delivery};

use crate::node::Node;
use crate::place::Place;
use crate::situation::{ClientSettings, Status, Target};

/// The connect timeout of a sender.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A sender's result for one invitation.
pub(crate) struct Outcome {
    pub(crate) number: usize,
    pub(crate) status: Status,
    /// The error, if there is one.
    pub(crate) text: String,
}

/// Waits for the outcomes of invitations that were started.
pub(crate) type Pending = Box<dyn FnOnce() -> Vec<Outcome>>;

pub(crate) trait Sender {
    /// Starts to send the invitations of these numbers, as many at a time as it can.
    fn start(&mut self, node: &Node, numbers: Vec<usize>) -> Pending;

    /// Sends the invitations of these numbers, one after another.
    fn send(&mut self, node: &Node, numbers: Vec<usize>) -> Vec<Outcome> {
        numbers.into_iter().flat_map(|number| self.start(node, vec![number])()).collect()
    }

    /// Runs every list a second time, and returns the outcomes of invitations that were attempted
    /// again.
    fn run_again(&mut self, _node: &Node) -> Vec<Outcome> {
        Vec::new()
    }
}

/// A sender's way to the node.
pub(crate) struct Route {
    pub(super) url: String,
    pub(super) authority: Option<PathBuf>,
    pub(super) timeout: Duration,
}

impl Route {
    pub(super) fn new(place: &Place, settings: ClientSettings) -> Self {
        let url = match settings.to {
            Target::Front => place.url(),
            Target::FrontOverTls => format!("https://{}", place.front),
            Target::UnknownName => "https://no-such-name.invalid".to_owned(),
        };
        let authority = settings.trusts_front.then(|| place.authority());
        Self { url, authority, timeout: settings.timeout }
    }
}

impl Outcome {
    pub(super) fn of(number: usize, result: Result<(), CallError>) -> Self {
        let Err(error) = result else {
            return Self { number, status: Status::Invited, text: String::new() };
        };
        let status = match error.delivery() {
            Delivery::NotSent => Status::NotSent,
            Delivery::Answered => Status::Refused,
            Delivery::Unknown => Status::Unknown,
        };
        Self { number, status, text: format!("{error:?}") }
    }
}
