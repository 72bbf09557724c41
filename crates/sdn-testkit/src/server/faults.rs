//! Chooses the fault of each exchange: first the requested ones, then some at random.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;

use super::fault::Fault;

/// The part of the share with which connections are closed when they are accepted.
const CLOSED_ON_ACCEPT: f64 = 0.25;
/// The longest random delay.
const LONGEST_DELAY_MS: u64 = 500;

/// The pending faults.
#[derive(Default)]
pub(super) struct Faults(Mutex<Plan>);

#[derive(Default)]
struct Plan {
    asked_for: VecDeque<Fault>,
    random: Option<Random>,
    count: usize,
}

impl Faults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, fault: Fault) {
        self.plan().asked_for.push_back(fault);
    }

    pub(super) fn at_random(&self, seed: u64, share: f64) {
        self.plan().random =
            (share > 0.0).then_some(Random { seed, share, connections: 0, requests: 0 });
    }

    /// Returns the number of faults so far.
    pub(super) fn count(&self) -> usize {
        self.plan().count
    }

    /// Returns whether to close the connection that was just accepted.
    pub(super) fn close_on_accept(&self) -> bool {
        let plan = &mut *self.plan();
        let is_asked_for = plan.take_if(|fault| *fault == Fault::CloseOnAccept).is_some();
        let is_drawn = plan.random.as_mut().is_some_and(Random::closes_connection);
        plan.count += usize::from(is_asked_for || is_drawn);
        is_asked_for || is_drawn
    }

    /// Returns the fault of the next request.
    pub(super) fn take_for_request(&self) -> Option<Fault> {
        let plan = &mut *self.plan();
        let drawn = plan.random.as_mut().and_then(Random::fault);
        let fault = plan.take_if(|fault| *fault != Fault::CloseOnAccept).or(drawn);
        plan.count += usize::from(fault.is_some());
        fault
    }
}

impl Plan {
    fn take_if(&mut self, wanted: impl FnOnce(&Fault) -> bool) -> Option<Fault> {
        self.asked_for.front().is_some_and(wanted).then(|| self.asked_for.pop_front()).flatten()
    }
}

/// Decides about the n-th connection and the n-th request, only from the seed and n.
struct Random {
    seed: u64,
    share: f64,
    connections: u64,
    requests: u64,
}

impl Random {
    fn closes_connection(&mut self) -> bool {
        self.connections += 1;
        Draw::new(!self.seed, self.connections).is_within(self.share * CLOSED_ON_ACCEPT)
    }

    fn fault(&mut self) -> Option<Fault> {
        self.requests += 1;
        let mut draw = Draw::new(self.seed, self.requests);
        draw.is_within(self.share).then(|| draw.fault())
    }
}

/// The random numbers of one decision: splitmix64.
struct Draw(u64);

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl Draw {
    fn new(seed: u64, number: u64) -> Self {
        Draw(Draw(seed.wrapping_add(number.wrapping_mul(GAMMA))).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    fn is_within(&mut self, share: f64) -> bool {
        // Only as many bits as fit into a float.
        ((self.next() >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    fn fault(&mut self) -> Fault {
        match self.below(14) {
            0 => Fault::CloseBeforeRequest,
            1 => Fault::CloseAfterRequest { handled: self.coin() },
            2 => Fault::CloseAfterAnswer { announced: self.coin() },
            3 => Fault::Stall { handled: self.coin() },
            4 => Fault::HandleLate(self.delay()),
            5 => Fault::AnswerLate(self.delay()),
            6 => Fault::Page { status: self.status(), handled: self.coin() },
            7 => Fault::LimitExceeded(Duration::ZERO),
            8 => Fault::Truncate,
            9 => Fault::Garbage { bytes: self.garbage().to_vec(), handled: self.coin() },
            10 => Fault::TrickleHeaders,
            11 => Fault::EndlessHeaders,
            12 => Fault::TrickleBody,
            _ => Fault::EndlessBody,
        }
    }

    fn delay(&mut self) -> Duration {
        Duration::from_millis(self.below(LONGEST_DELAY_MS))
    }

    fn status(&mut self) -> StatusCode {
        match self.below(4) {
            0 => StatusCode::OK,
            1 => StatusCode::BAD_GATEWAY,
            2 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn garbage(&mut self) -> &'static [u8] {
        match self.below(6) {
            0 => b"SSH-2.0-OpenSSH_9.6\r\n",
            1 => b"\0\x01\x02\xff\xfe",
            2 => b"HTTP/1.1 ",
            3 => b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}",
            4 => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nz\r\n{}\r\n0\r\n\r\n",
            _ => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::mem::discriminant;

    use super::*;

    fn draw(seed: u64, share: f64, count: usize) -> Vec<Option<Fault>> {
        let faults = Faults::default();
        faults.at_random(seed, share);
        (0..count).map(|_| faults.take_for_request()).collect()
    }

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // The reference implementation's first three of seed 1234567.
        let mut draw = Draw(1_234_567);
        let expected =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(expected.map(|_| draw.next()), expected);
    }

    #[test]
    fn same_seed_breaks_same_exchanges() {
        assert_eq!(draw(7, 0.5, 1000), draw(7, 0.5, 1000));
        assert_ne!(draw(7, 0.5, 1000), draw(8, 0.5, 1000));
    }

    #[test]
    fn random_faults_have_all_kinds() {
        let faults: Vec<_> = draw(1, 0.3, 10_000).into_iter().flatten().collect();
        assert!((2800..3200).contains(&faults.len()), "{}", faults.len());
        let kinds: HashSet<_> = faults.iter().map(discriminant).collect();
        assert_eq!(kinds.len(), 14, "all but the one for connections");
    }

    #[test]
    fn connections_are_drawn_apart_from_requests() {
        let faults = Faults::default();
        faults.at_random(1, 0.4);
        let closed = (0..10_000).filter(|_| faults.close_on_accept()).count();
        assert!((900..1100).contains(&closed), "{closed}");
        assert_eq!(faults.count(), closed);
        assert_eq!(faults.take_for_request(), draw(1, 0.4, 1)[0]);
    }

    #[test]
    fn requested_faults_precede_random_ones() {
        let faults = Faults::default();
        faults.at_random(1, 1.0);
        faults.push(Fault::CloseOnAccept);
        faults.push(Fault::Truncate);
        assert!(faults.close_on_accept());
        assert_eq!(faults.take_for_request(), Some(Fault::Truncate));
        assert_eq!(faults.take_for_request(), draw(1, 1.0, 2)[1]);
        faults.at_random(1, 0.0);
        assert!(!faults.close_on_accept() && faults.take_for_request().is_none());
    }
}
