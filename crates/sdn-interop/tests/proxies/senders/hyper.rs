//! `sdn-hyper`.

use std::fs;

use tokio::task::JoinHandle;

use super::sender::{CONNECT_TIMEOUT, Outcome, Pending, Route, Sender};
use crate::node::{Invitation, Node};
use crate::runtime::runtime;

pub(super) struct Hyper {
    client: sdn_hyper::Client,
    url: String,
}

impl Hyper {
    pub(super) fn new(route: &Route) -> Self {
        let mut builder = sdn_hyper::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .total_timeout(route.timeout);
        if let Some(authority) = &route.authority {
            builder = builder.add_root_certificate(fs::read(authority).unwrap()).unwrap();
        }
        Self { client: builder.build(), url: route.url.clone() }
    }
}

impl Sender for Hyper {
    fn start(&mut self, node: &Node, numbers: Vec<usize>) -> Pending {
        let session = node.session(&self.url);
        let send = |number| {
            let (client, session) = (self.client.clone(), session.clone());
            let invitation = node.invitation(number);
            runtime().spawn(async move {
                let result = match &invitation {
                    Invitation::Email(invite) => client.send(&session, invite).await,
                    Invitation::User(invite) => client.send(&session, invite).await,
                };
                Outcome::of(number, result)
            })
        };
        let tasks: Vec<_> = numbers.into_iter().map(send).collect();
        let finish = |task: JoinHandle<Outcome>| runtime().block_on(task).unwrap();
        Box::new(move || tasks.into_iter().map(finish).collect())
    }
}
