//! The proxy ends, restarts, reloads or is stopped.

use sdn_testkit::Fault;

use super::parts::{CALM, IMPATIENT, MANY, in_flight, ms, situation};
use crate::situation::Expect::{All, Any, One};
use crate::situation::Status::{Invited, Unknown};
use crate::situation::Step::*;
use crate::situation::{Situation, Step};

pub(super) fn all() -> Vec<Situation> {
    [ends(), restarts(), reloads()].into_iter().flatten().collect()
}

fn ends() -> Vec<Situation> {
    let unanswered = |name, end| {
        let after = [end, Finish(All(Unknown)), StartNode, StartProxy, CALM];
        let steps = [&in_flight(Fault::Stall { handled: true })[..], &after].concat();
        situation(name, steps)
    };
    let answered = [DrainProxy, Finish(One(Invited)), StartNode, StartProxy, CALM];
    let answered = [&in_flight(Fault::AnswerLate(ms(500)))[..], &answered].concat();
    vec![
        unanswered("the proxy is killed with requests in flight", KillProxy),
        unanswered("the proxy is ended with requests in flight", EndProxy),
        unanswered("the proxy drains, and the node is silent", DrainProxy),
        situation("the proxy drains, and the node responds", answered),
        Situation {
            client: IMPATIENT,
            ..situation(
                "the proxy is stopped, and continues later",
                [CALM, FreezeProxy, Start(MANY), Finish(Any), ThawProxy, CALM],
            )
        },
    ]
}

fn restarts() -> Vec<Situation> {
    let restart = |end| [Start(MANY), end, StartProxy];
    let mut restarts: Vec<Step> =
        [restart(KillProxy), restart(EndProxy), restart(KillProxy)].concat();
    restarts.extend([Finish(Any), CALM]);
    vec![
        situation(
            "the proxy restarts between requests",
            [CALM, EndProxy, StartProxy, Pause(ms(200)), Start(MANY), Finish(All(Invited))],
        ),
        situation("the proxy restarts again and again", restarts),
    ]
}

fn reloads() -> Vec<Situation> {
    let reload = || [ReloadProxy, Start(MANY), Pause(ms(50)), Start(MANY)];
    let once = [Finish(One(Invited)), StartNode, CALM];
    let once = [&in_flight(Fault::AnswerLate(ms(500)))[..], &reload(), &once].concat();
    // HAProxy resets connections that the earlier process has not accepted, and the last ones may
    // be among them.
    let more = [Finish(Any), Pause(ms(500)), Send(2, One(Invited))];
    let more = [&[Start(MANY)], &reload()[..], &reload(), &more].concat();
    vec![
        situation("the proxy reloads with requests in flight", once),
        situation("the proxy reloads again and again", more),
    ]
}
