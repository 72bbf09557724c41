//! `sdn-blocking`, with a thread for each invitation.

use std::fs;
use std::thread::{self, JoinHandle};

use super::sender::{CONNECT_TIMEOUT, Outcome, Pending, Route, Sender};
use crate::node::{Invitation, Node};

pub(super) struct Blocking {
    client: sdn_blocking::Client,
    url: String,
}

impl Blocking {
    pub(super) fn new(route: &Route) -> Self {
        let mut builder = sdn_blocking::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .total_timeout(route.timeout);
        if let Some(authority) = &route.authority {
            builder = builder.add_root_certificate(fs::read(authority).unwrap()).unwrap();
        }
        Self { client: builder.build(), url: route.url.clone() }
    }
}

impl Sender for Blocking {
    fn start(&mut self, node: &Node, numbers: Vec<usize>) -> Pending {
        let session = node.session(&self.url);
        let send = |number| {
            let (client, session) = (self.client.clone(), session.clone());
            let invitation = node.invitation(number);
            thread::spawn(move || {
                let result = match &invitation {
                    Invitation::Email(invite) => client.send(&session, invite),
                    Invitation::User(invite) => client.send(&session, invite),
                };
                Outcome::of(number, result)
            })
        };
        let threads: Vec<_> = numbers.into_iter().map(send).collect();
        let finish = |thread: JoinHandle<Outcome>| thread.join().unwrap();
        Box::new(move || threads.into_iter().map(finish).collect())
    }
}
