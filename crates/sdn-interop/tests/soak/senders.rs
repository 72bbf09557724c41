//! Both transports, with many senders at a time.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sdn_proto::client::{GetInvites, Invites};
use tokio::runtime::Runtime;

use crate::book::{Entry, Record};
use crate::stage::{Invitation, Stage};

/// Short, so that a stalled exchange costs little time.
const TOTAL_TIMEOUT: Duration = Duration::from_millis(250);
/// For the state of a large room.
const PATIENT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
pub(crate) enum Transport {
    Hyper,
    Blocking,
}

impl Transport {
    /// The number of senders at a time.
    pub(crate) fn senders(self) -> usize {
        match self {
            Transport::Hyper => 64,
            Transport::Blocking => 16,
        }
    }

    /// Sends every invitation of the stage, and waits until the client is gone.
    pub(crate) fn send_all(self, stage: &Arc<Stage>) -> Vec<Entry> {
        match self {
            Transport::Hyper => over_hyper(stage, self.senders()),
            Transport::Blocking => over_blocking(stage, self.senders()),
        }
    }

    /// Returns a client's view of each room.
    pub(crate) fn look_into_rooms(self, stage: &Stage) -> Vec<Invites> {
        let looks = stage.rooms().iter().cloned().map(GetInvites::new);
        match self {
            Transport::Hyper => {
                let (client, runtime) = (hyper(stage, PATIENT), Runtime::new().unwrap());
                looks
                    .map(|look| runtime.block_on(client.send(stage.alice(), &look)).unwrap())
                    .collect()
            }
            Transport::Blocking => {
                let client = blocking(stage, PATIENT);
                looks.map(|look| client.send(stage.alice(), &look).unwrap()).collect()
            }
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Hyper => "sdn-hyper",
            Transport::Blocking => "sdn-blocking",
        })
    }
}

fn hyper(stage: &Stage, timeout: Duration) -> sdn_hyper::Client {
    let builder = sdn_hyper::Client::builder().total_timeout(timeout).max_idle_per_host(64);
    builder.add_root_certificate(stage.ca_pem()).unwrap().build()
}

fn over_hyper(stage: &Arc<Stage>, senders: usize) -> Vec<Entry> {
    let runtime = Runtime::new().unwrap();
    let client = hyper(stage, TOTAL_TIMEOUT);
    let send = async |client: &sdn_hyper::Client, stage: &Stage, number| {
        let invitation = stage.invitation(number);
        let begun = Instant::now();
        let record = match invitation {
            Invitation::Email(session, invite) => Record::of(client.send(&session, &invite).await),
            Invitation::User(session, invite) => Record::of(client.send(&session, &invite).await),
        };
        Entry { number, record, took: begun.elapsed() }
    };
    let tasks: Vec<_> = (0..senders)
        .map(|_| {
            let (stage, client) = (Arc::clone(stage), client.clone());
            runtime.spawn(async move {
                let mut entries = Vec::new();
                while let Some(number) = stage.take() {
                    entries.push(send(&client, &stage, number).await);
                }
                entries
            })
        })
        .collect();
    let entries = tasks.into_iter().flat_map(|task| runtime.block_on(task).unwrap()).collect();
    drop(client);
    // Before the runtime ends, because its end would close connections that a client forgot.
    stage.settle();
    entries
}

fn blocking(stage: &Stage, timeout: Duration) -> sdn_blocking::Client {
    let builder = sdn_blocking::Client::builder().total_timeout(timeout).max_idle_per_host(16);
    builder.add_root_certificate(stage.ca_pem()).unwrap().build()
}

fn over_blocking(stage: &Stage, senders: usize) -> Vec<Entry> {
    let client = blocking(stage, TOTAL_TIMEOUT);
    let send = |number| {
        let invitation = stage.invitation(number);
        let begun = Instant::now();
        let record = match invitation {
            Invitation::Email(session, invite) => Record::of(client.send(&session, &invite)),
            Invitation::User(session, invite) => Record::of(client.send(&session, &invite)),
        };
        Entry { number, record, took: begun.elapsed() }
    };
    let send_some = || std::iter::from_fn(|| stage.take()).map(send).collect::<Vec<_>>();
    let entries = thread::scope(|scope| {
        let threads: Vec<_> = (0..senders).map(|_| scope.spawn(send_some)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    drop(client);
    stage.settle();
    entries
}
