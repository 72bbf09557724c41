//! The node ends, restarts or is silent.

use sdn_testkit::Fault;

use super::parts::{CALM, MANY, in_flight, situation};
use crate::situation::Expect::{All, Any};
use crate::situation::Status::{Invited, Unknown};
use crate::situation::Step::*;
use crate::situation::{Situation, Step};

pub(super) fn all() -> Vec<Situation> {
    let restart = || [Start(MANY), KillNode, StartNode];
    let mut restarts: Vec<Step> = [restart(), restart(), restart()].concat();
    restarts.extend([Finish(Any), CALM]);
    vec![
        situation(
            "the node is killed with requests in flight",
            [
                &in_flight(Fault::Stall { handled: true })[..],
                &[KillNode, Finish(All(Unknown)), StartNode, CALM],
            ]
            .concat(),
        ),
        situation(
            "the node is not running",
            [CALM, KillNode, Start(MANY), Finish(All(Unknown)), StartNode, CALM],
        ),
        situation(
            "the node has restarted",
            [CALM, KillNode, StartNode, Start(MANY), Finish(All(Invited))],
        ),
        situation("the node restarts again and again", restarts),
        situation(
            "connect timeout: the node does not accept",
            [CALM, SilenceNode, Start(MANY), Finish(All(Unknown)), StartNode, CALM],
        ),
    ]
}
