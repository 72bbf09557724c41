//! Compares the senders' records of each invitation with the world.

use std::collections::BTreeMap;
use std::time::Duration;

use sdn_proto::client::Invites;
use sdn_proto::{CallError, Delivery};

use crate::LONGEST_EXCHANGE;
use crate::stage::{self, Stage};

/// How an invitation ended for its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Record {
    Invited,
    /// The node refused it with this status.
    Refused(u16),
    /// A page with this status, perhaps of a proxy.
    Page(u16),
    NotSent,
    Unknown,
}

impl Record {
    pub(crate) fn of(result: Result<(), CallError>) -> Self {
        let Err(error) = result else { return Record::Invited };
        match (error.delivery(), error.api_error()) {
            (Delivery::NotSent, None) => Record::NotSent,
            (Delivery::Unknown, None) => Record::Unknown,
            (Delivery::Unknown, Some(error)) => Record::Page(error.status().as_u16()),
            (Delivery::Answered, Some(error)) => Record::Refused(error.status().as_u16()),
            (delivery, error) => panic!("{delivery:?} contradicts {error:?}"),
        }
    }
}

/// A sender's record.
pub(crate) struct Entry {
    pub(crate) number: usize,
    pub(crate) record: Record,
    pub(crate) took: Duration,
}

/// Everything that is known about one invitation.
struct Account {
    record: Record,
    /// How many times the node received it.
    seen: usize,
    /// How many times it is in its room.
    in_room: usize,
}

pub(crate) struct Book {
    accounts: Vec<Account>,
    longest: Duration,
}

impl Book {
    /// Checks that every invitation has exactly one entry.
    pub(crate) fn new(size: usize, mut entries: Vec<Entry>, seen: &[usize]) -> Self {
        entries.sort_unstable_by_key(|entry| entry.number);
        assert_eq!(entries.len(), size);
        assert!(entries.iter().enumerate().all(|(index, entry)| entry.number == index));
        Book {
            longest: entries.iter().map(|entry| entry.took).max().unwrap_or_default(),
            accounts: entries
                .iter()
                .zip(seen)
                .map(|(entry, seen)| Account { record: entry.record, seen: *seen, in_room: 0 })
                .collect(),
        }
    }

    /// Compares the book with the rooms, and prints it.
    pub(crate) fn check(mut self, stage: &Stage, looks: &[Invites]) {
        let mails = stage.mails();
        for (room, look) in stage.rooms().iter().zip(looks) {
            let invitations = stage.invitations_in(room, &mails);
            let seen = stage::invitations_seen(look, &mails);
            assert_eq!(invitations, seen, "a client sees something else in {room}");
            for number in invitations {
                self.accounts[number].in_room += 1;
            }
        }
        self.print();
        for (number, account) in self.accounts.iter().enumerate() {
            account.check(number);
        }
        assert!(self.longest < LONGEST_EXCHANGE, "one exchange took {:?}", self.longest);
        self.check_variety();
    }

    fn print(&self) {
        let mut figures = BTreeMap::<Record, [usize; 2]>::new();
        for account in &self.accounts {
            figures.entry(account.record).or_default()[account.in_room.min(1)] += 1;
        }
        for (record, [absent, present]) in figures {
            let record = format!("{record:?}");
            println!("  {record:<12} {present:>6} in the room, {absent:>6} not");
        }
        println!("  longest exchange {:.0?}", self.longest);
    }

    /// A run in which everything succeeds, or everything fails, proves nothing.
    fn check_variety(&self) {
        let count =
            |record| self.accounts.iter().filter(|account| account.record == record).count();
        assert!(count(Record::Invited) > self.accounts.len() / 4);
        assert!(count(Record::NotSent) > self.accounts.len() / 100);
        assert!(count(Record::Unknown) > self.accounts.len() / 100);
        for status in [401, 403, 429, 500, 502] {
            assert!(count(Record::Refused(status)) > 0, "nothing is refused with {status}");
        }
        for status in [200, 502, 503, 504] {
            assert!(count(Record::Page(status)) > 0, "there is no page with {status}");
        }
    }
}

impl Account {
    fn check(&self, number: usize) {
        let Account { record, seen, in_room } = *self;
        let is_right = match record {
            Record::Invited => seen == 1 && in_room == 1,
            // A server that responds with 429 has not handled it.
            Record::Refused(429) => seen == 0 && in_room == 0,
            Record::Refused(_) => seen == 1 && in_room == 0,
            Record::NotSent => seen == 0 && in_room == 0,
            Record::Page(_) | Record::Unknown => in_room <= seen && seen <= 1,
        };
        assert!(
            is_right,
            "invitation {number} is {record:?}, reached the node {seen} times and is in its room {in_room} times"
        );
    }
}
