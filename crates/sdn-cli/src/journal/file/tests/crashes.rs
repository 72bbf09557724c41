//! Runs that crash anywhere, with a disk that keeps any part of what was not synced.

use super::*;

const PEOPLE: [&str; 4] = [ALICE, BOB, "carol@example.com", "+1 800 555 2067"];

/// Whether the node invites, and what the command learns.
const RESPONSES: [(bool, InviteStatus); 6] = [
    (true, InviteStatus::Invited),
    (false, InviteStatus::Refused),
    (true, InviteStatus::Refused),
    (false, InviteStatus::NotSent),
    (true, InviteStatus::Unknown),
    (false, InviteStatus::Unknown),
];

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// A journal with the number of invitations that each invitee got.
struct Scene {
    path: PathBuf,
    invited: [usize; PEOPLE.len()],
    random: Random,
}

impl Scene {
    /// Looks at the room, and decides about every invitee that needs it.
    fn decide(&self, journal: &mut Journal) {
        for (text, invited) in PEOPLE.into_iter().zip(self.invited) {
            let invitee = invitee(text);
            if journal.state(&invitee).needs_decision() {
                let decision = if invited > 0 { Decision::Settle } else { Decision::Retry };
                journal.decide(&invitee, text, decision).unwrap();
            }
        }
        journal.sync().unwrap();
    }

    /// Invites until a crash. Returns the length of the file at the last sync.
    fn invite(&mut self, journal: &mut Journal) -> u64 {
        let mut synced = journal.length;
        for (index, text) in PEOPLE.into_iter().enumerate() {
            let invitee = invitee(text);
            if !journal.state(&invitee).may_be_sent() {
                continue;
            }
            journal.begin(&invitee, text).unwrap();
            synced = journal.length;
            if self.random.one_in(5) {
                break;
            }
            let (invites, status) = RESPONSES[self.random.below(6) as usize];
            self.invited[index] += usize::from(invites);
            if self.random.one_in(5) {
                break;
            }
            journal.finish(&invitee, text, status, None).unwrap();
        }
        synced
    }

    fn run_and_crash(&mut self) {
        let mut journal = Journal::open(&self.path, &room(), None).unwrap();
        if self.random.one_in(2) {
            self.decide(&mut journal);
        }
        let synced = self.invite(&mut journal);
        let kept = synced + self.random.below(journal.length - synced + 1);
        drop(journal);
        File::options().write(true).open(&self.path).unwrap().set_len(kept).unwrap();
    }
}

#[test]
fn crashes_repeat_and_forget_nothing() {
    for seed in 1..=50 {
        let (invited, random) = ([0; PEOPLE.len()], Random(seed));
        let mut scene = Scene { path: path("crashes"), invited, random };
        for _ in 0..6 {
            scene.run_and_crash();
            assert!(scene.invited.iter().all(|&count| count <= 1), "seed {seed}");
        }
        // Nothing crashes any more, and the node accepts everything.
        let mut journal = Journal::open(&scene.path, &room(), None).unwrap();
        scene.decide(&mut journal);
        for (text, invited) in PEOPLE.into_iter().zip(&mut scene.invited) {
            if journal.state(&invitee(text)).may_be_sent() {
                journal.begin(&invitee(text), text).unwrap();
                *invited += 1;
            }
        }
        assert_eq!(scene.invited, [1; PEOPLE.len()], "seed {seed}");
        fs::remove_file(&scene.path).unwrap();
    }
}
