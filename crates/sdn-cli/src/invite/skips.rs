//! Decides which invitees are skipped because their invitations would fail too.

use sdn_proto::InviteStatus;

use super::outcome::{Outcome, Stop};
use crate::invitee::Invitee;

/// Why the remaining invitees are skipped, if they are.
#[derive(Debug, Default)]
pub(super) struct Skips {
    all: Option<&'static str>,
    third_parties: Option<&'static str>,
    streak: Streak,
}

impl Skips {
    /// Returns why to skip an invitee, if there is a reason.
    pub(super) fn why(&self, invitee: &Invitee) -> Option<&'static str> {
        match invitee {
            Invitee::ThirdParty(_) => self.all.or(self.third_parties),
            Invitee::User(_) => self.all,
        }
    }

    /// Takes the outcome of the last invitation into account.
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome.stop {
            Some(Stop::All(why)) => self.all = Some(why),
            Some(Stop::ThirdParties(why)) => self.third_parties = Some(why),
            None => {}
        }
        self.all = self.all.or(self.streak.add(outcome));
    }
}

/// The number of equal failures in a row. Each of them may have sent a mail.
#[derive(Debug, Default)]
struct Streak {
    last: Option<Outcome>,
    length: usize,
}

impl Streak {
    /// Counts an outcome. Returns why to stop, if it is the fifth of its kind.
    fn add(&mut self, outcome: Outcome) -> Option<&'static str> {
        if outcome.status == InviteStatus::NotSent {
            return None;
        }
        let is_like = self.last.as_ref().is_some_and(|last| last.is_like(&outcome));
        self.length = if is_like { self.length + 1 } else { 1 };
        let why = match outcome.status {
            InviteStatus::Unknown => "skipped: the outcome of the previous five is unknown",
            _ => "skipped: the previous five were refused with the same message",
        };
        self.last = Some(outcome);
        (self.length == 5).then_some(why)
    }
}
