//! Parts of several situations.

use std::time::Duration;

use sdn_testkit::Fault;

use crate::situation::Expect::All;
use crate::situation::Status::Invited;
use crate::situation::Step::{AwaitNode, Break, Send, Start};
use crate::situation::{ClientSettings, Situation, Step, USUAL, USUAL_CLIENT};

/// The number of invitations in flight at an event.
pub(super) const MANY: usize = 6;
/// Two invitations that arrive. They leave kept connections, and show that everything works.
pub(super) const CALM: Step = Send(2, All(Invited));

pub(super) const IMPATIENT: ClientSettings =
    ClientSettings { timeout: Duration::from_secs(1), ..USUAL_CLIENT };

pub(super) fn situation(name: &'static str, steps: impl Into<Vec<Step>>) -> Situation {
    Situation { name, steps: steps.into(), ..USUAL }
}

/// Many requests that the node has read, and breaks in this way.
pub(super) fn in_flight(fault: Fault) -> [Step; 4] {
    [CALM, Break(MANY, fault), Start(MANY), AwaitNode(MANY)]
}

pub(super) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
