use std::time::Duration;

/// The maximum delay, because a server may ask for a long one by mistake.
const MAX_CLOSED: Duration = Duration::from_secs(24 * 60 * 60);
/// How many may send at the same time before the first limit.
const FIRST_WIDTH: usize = 64;
/// The pace starts below the learned rate: the interval is longer by one part in this many.
const MARGIN: u32 = 19;
/// The n-th success since a limit shortens the interval by n parts in this many, times the number
/// of calls that it was learned from. More calls make the interval more certain.
const SPEED_UP: u32 = 128;
const MAX_SPEED_UP: u32 = 8192;
/// The minimum wait of all senders after the second refusal in a row; it doubles with each.
const SECOND_REFUSAL: Duration = Duration::from_millis(100);
const MAX_DOUBLINGS: u32 = 9;
/// A turn that nobody uses for this long says nothing about the server's rate.
const UNUSED: Duration = Duration::from_millis(200);
/// The rate is forgotten after this time without a call.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// The time of a sender's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now: send, then call [`Backoff::done`](super::Backoff::done) or
    /// [`Backoff::limited`](super::Backoff::limited).
    Now,
    /// After this long: ask again then.
    After(Duration),
    /// When [`Backoff::wake`](super::Backoff::wake) returns the sender's ticket: ask again then.
    AfterAnother,
}

/// How fast to send to a server, learned from what it accepts between two rate limits.
///
/// Between the ends of two limits' delays, a server accepts as many calls as its rate allows, with
/// any burst. So the number of accepted calls in that time is the rate. The pace starts a little
/// below it and speeds up with each success, slowly at first, until the next limit corrects it.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    closed_until: Duration,
    next_turn: Duration,
    /// The time from one turn to the next. It is zero until the rate is known.
    interval: Duration,
    sending: usize,
    /// How many of them began before the last limit. The next turn begins after those have ended.
    outdated: usize,
    /// The number of turns at the same time.
    width: usize,
    /// The end of the last limit's delay, if every turn since was used.
    since: Option<Duration>,
    accepted: u32,
    /// The number of calls that the interval was learned from.
    learned_from: u32,
    refused_in_a_row: u32,
    limited_since: Option<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            closed_until: Duration::ZERO,
            next_turn: Duration::ZERO,
            interval: Duration::ZERO,
            sending: 0,
            outdated: 0,
            width: FIRST_WIDTH,
            since: None,
            accepted: 0,
            learned_from: 0,
            refused_in_a_row: 0,
            limited_since: None,
        }
    }
}

impl Pace {
    /// Returns how long ago the server first limited the rate, unless that was forgotten.
    pub(super) fn limited_for(&self, now: Duration) -> Duration {
        self.limited_since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// Returns whether a turn can begin only after another ends.
    pub(super) fn is_full(&self) -> bool {
        self.outdated > 0 || self.sending >= self.width
    }

    /// Returns whether nobody sends, or has sent for so long that all is forgotten.
    pub(super) fn is_forgotten(&self, now: Duration) -> bool {
        let free = self.closed_until.max(self.next_turn);
        self.sending == 0 && now.saturating_sub(free) > FORGOTTEN
    }

    /// Asks for a turn. `has_waited` says whether the sender has asked before.
    pub(super) fn ask(&mut self, now: Duration, has_waited: bool) -> Turn {
        let free = self.closed_until.max(self.next_turn);
        if let Some(left) = free.checked_sub(now).filter(|left| !left.is_zero()) {
            return Turn::After(left);
        }
        if self.is_full() {
            return Turn::AfterAnother;
        }
        if self.sending == 0 && !has_waited {
            let unused = now.saturating_sub(free);
            if unused > FORGOTTEN {
                *self = Self::default();
            } else if unused > self.interval.max(UNUSED) {
                self.since = None;
            }
        }
        self.sending += 1;
        // A turn that begins late does not delay the next one, but only one is made up for.
        let on_time = self.next_turn.max(now.saturating_sub(self.interval));
        self.next_turn = on_time.saturating_add(self.interval);
        Turn::Now
    }

    /// Ends a turn. `is_waited_for` says whether others wait.
    pub(super) fn done(&mut self, is_success: bool, is_waited_for: bool) {
        let is_outdated = self.end();
        if !is_success {
            return;
        }
        self.accepted = self.accepted.saturating_add(1);
        if is_outdated {
            return;
        }
        self.refused_in_a_row = 0;
        if is_waited_for {
            self.width = self.width.saturating_add(1);
        }
        if self.since.is_some() {
            let parts = self.learned_from.saturating_mul(SPEED_UP).clamp(SPEED_UP, MAX_SPEED_UP);
            self.interval -= self.interval / parts * self.accepted.min(parts / 2);
        }
    }

    /// Ends a turn with a rate limit.
    pub(super) fn limited(&mut self, now: Duration, delay: Duration) {
        let is_outdated = self.end();
        self.limited_since.get_or_insert(now);
        let extra = match self.refused_in_a_row {
            0 => Duration::ZERO,
            times => SECOND_REFUSAL * (1 << (times - 1).min(MAX_DOUBLINGS)),
        };
        let reopened = now.saturating_add(delay.max(extra).min(MAX_CLOSED));
        self.closed_until = self.closed_until.max(reopened);
        self.next_turn = self.closed_until;
        // A turn that began before the last limit reports the same limit again.
        if !is_outdated {
            self.learn();
            self.outdated = self.sending;
        }
    }

    /// Ends a turn, and returns whether it began before the last limit.
    fn end(&mut self) -> bool {
        self.sending = self.sending.saturating_sub(1);
        let is_outdated = self.outdated > 0;
        self.outdated = self.outdated.saturating_sub(1);
        is_outdated
    }

    /// Learns the rate from a limit whose delay ends at `closed_until`.
    fn learn(&mut self) {
        self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
        if self.accepted == 0 {
            self.width = 1;
            self.since.get_or_insert(self.closed_until);
            return;
        }
        match self.since {
            Some(since) => {
                let each = self.closed_until.saturating_sub(since) / self.accepted;
                let interval = each.saturating_add(each / MARGIN);
                // If the pace was far too slow for a while, the average over the whole time is
                // wrong.
                let longest = self.interval.saturating_mul(2);
                self.interval = if longest.is_zero() { interval } else { interval.min(longest) };
                self.learned_from = self.accepted;
            }
            None => self.width = 1,
        }
        self.since = Some(self.closed_until);
        self.accepted = 0;
    }
}
