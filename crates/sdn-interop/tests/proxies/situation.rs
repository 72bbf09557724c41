//! The parts of a situation.

use std::fmt;
use std::time::Duration;

use sdn_testkit::Fault;

use crate::place::{Protocol, Settings, Software};

/// A sender's status of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Invited,
    Refused,
    NotSent,
    Unknown,
}

impl Status {
    pub(crate) const ALL: [Self; 4] = [Self::Invited, Self::Refused, Self::NotSent, Self::Unknown];
}

/// One kind of trouble, for every sender and every proxy that supports it.
pub(crate) struct Situation {
    pub(crate) name: &'static str,
    /// `None` if HAProxy cannot be brought into this situation.
    pub(crate) haproxy: Option<Settings>,
    pub(crate) nginx: Option<Settings>,
    pub(crate) protocols: &'static [Protocol],
    /// Whether it can happen to a list, which has one request in flight at a time.
    pub(crate) lists: bool,
    pub(crate) client: ClientSettings,
    pub(crate) steps: Vec<Step>,
}

impl Situation {
    pub(crate) fn settings(&self, software: Software) -> Option<Settings> {
        match software {
            Software::Haproxy => self.haproxy,
            Software::Nginx => self.nginx,
        }
    }
}

/// The normal situation, from which the others are derived.
pub(crate) const USUAL: Situation = Situation {
    name: "",
    haproxy: Some(&[]),
    nginx: Some(&[]),
    protocols: &[Protocol::Plain, Protocol::Tls],
    lists: true,
    client: USUAL_CLIENT,
    steps: Vec::new(),
};

/// The timeout is longer than those of the proxies.
pub(crate) const USUAL_CLIENT: ClientSettings =
    ClientSettings { to: Target::Front, trusts_front: true, timeout: Duration::from_secs(6) };

/// The settings of a sender.
#[derive(Clone, Copy)]
pub(crate) struct ClientSettings {
    pub(crate) to: Target,
    pub(crate) trusts_front: bool,
    /// In whole seconds, as the command's timeout is.
    pub(crate) timeout: Duration,
}

/// The URL that invitations are sent to.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// The proxy's.
    Front,
    /// The proxy's, with `https` although it speaks plain HTTP.
    FrontOverTls,
    /// A name that is unknown everywhere (RFC 6761).
    UnknownName,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends this many invitations, one after another.
    Send(usize, Expect),
    /// Starts this many invitations at the same time.
    Start(usize),
    /// Waits until the node has handled this many of the started ones, or the sender's maximum.
    AwaitNode(usize),
    /// Waits for the outcomes of the started ones.
    Finish(Expect),
    Pause(Duration),
    /// Breaks the next exchanges of the node.
    Break(usize, Fault),
    /// The node ends: its connections close, and new ones are refused.
    KillNode,
    /// The node neither accepts nor refuses connections.
    SilenceNode,
    StartNode,
    /// The proxy is killed (SIGKILL).
    KillProxy,
    /// The proxy ends at once (SIGTERM).
    EndProxy,
    /// The proxy accepts no more connections, and ends after its requests.
    DrainProxy,
    StartProxy,
    /// A proxy with the same configuration replaces it, while the earlier one ends its requests.
    ReloadProxy,
    /// The proxy is stopped (SIGSTOP).
    FreezeProxy,
    ThawProxy,
    /// Fills the queue of connections that the frozen proxy has not accepted.
    FillQueue,
}

/// The outcomes that a step must have, in addition to agreement with the node's record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    Any,
    All(Status),
    /// At least one.
    One(Status),
    No(Status),
}

impl Expect {
    /// Returns whether these outcomes are expected. A list stops early, so its last rows may be
    /// `NotSent`.
    pub(crate) fn holds(self, outcomes: &[Status], is_list: bool) -> bool {
        match self {
            Self::Any => true,
            Self::All(wanted) if is_list && wanted != Status::Invited => {
                outcomes.iter().all(|status| [wanted, Status::NotSent].contains(status))
                    && outcomes.first() == Some(&wanted)
            }
            Self::All(wanted) => outcomes.iter().all(|status| *status == wanted),
            Self::One(wanted) => outcomes.contains(&wanted),
            Self::No(unwanted) => !outcomes.contains(&unwanted),
        }
    }
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
