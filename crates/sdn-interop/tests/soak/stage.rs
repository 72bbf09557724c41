//! The world, its servers, and the n-th invitation.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sdn_proto::client::Invites;
use sdn_proto::{
    AccessToken, IdAccessToken, InviteBy3pid, InviteUser, Node, RoomId, ServerName, Session,
    ThirdPartyId, UserId,
};
use sdn_testkit::{SeenRequest, Server, World};

const ALICE: &str = "@alice:node.example";
const MALLORY: &str = "@mallory:node.example";
const ID_SERVER: &str = "id.example:8090";
const ROOMS: usize = 15;
/// The interval at which requests are taken from the world.
const TICK: Duration = Duration::from_millis(20);
/// The time to wait for things to be noticed.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) type Mails = HashMap<String, usize>;

/// One invitation, and its session.
pub(crate) enum Invitation {
    Email(Session, InviteBy3pid),
    User(Session, InviteUser),
}

/// The reason why the node will refuse an invitation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// It does not know the token.
    Token,
    /// The sender is not in the room.
    Stranger,
    /// The identity token is unknown, or the invitee's node cannot be reached.
    Elsewhere,
}

/// A node with the sessions of several users.
struct Sessions {
    alice: Session,
    mallory: Session,
    nobody: Session,
}

pub(crate) struct Stage {
    pub(crate) size: usize,
    /// The number of invitations that senders have received.
    next: AtomicUsize,
    is_over: AtomicBool,
    most_open: AtomicUsize,
    world: World,
    rooms: Vec<RoomId>,
    id_token: IdAccessToken,
    plain: Server,
    tls: Server,
    /// This server stops after half of the invitations.
    leaving: Mutex<Option<Server>>,
    sessions: [Sessions; 3],
}

impl Stage {
    pub(crate) fn set(seed: u64, share: f64, size: usize) -> Self {
        let world = World::new();
        let alice = world.add_user(ALICE);
        let mallory = world.add_user(MALLORY);
        let id_token = world.register_identity(ID_SERVER, ALICE);
        let rooms = (0..ROOMS).map(|_| RoomId::new(world.create_room(ALICE)).unwrap()).collect();
        let (plain, tls, leaving) =
            (world.serve().unwrap(), world.serve_tls().unwrap(), world.serve().unwrap());
        let mut seeds = seed..;
        let sessions = [&plain, &tls, &leaving].map(|server| {
            server.fault_at_random(seeds.next().unwrap(), share);
            let node = Node::new(server.base_url()).unwrap();
            let [alice, mallory, nobody] = [alice.as_str(), &mallory, "nobody"]
                .map(|token| node.session(AccessToken::new(token).unwrap()));
            Sessions { alice, mallory, nobody }
        });
        Stage {
            size,
            next: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            most_open: AtomicUsize::new(0),
            world,
            rooms,
            id_token: IdAccessToken::new(id_token).unwrap(),
            plain,
            tls,
            leaving: Mutex::new(Some(leaving)),
            sessions,
        }
    }

    pub(crate) fn ca_pem(&self) -> &str {
        self.tls.ca_pem().unwrap()
    }

    /// Returns the number of an invitation for one sender.
    pub(crate) fn take(&self) -> Option<usize> {
        Some(self.next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < self.size)
    }

    pub(crate) fn invitation(&self, number: usize) -> Invitation {
        let flaw = match number % 61 {
            0 => Some(Flaw::Token),
            1 => Some(Flaw::Stranger),
            2 => Some(Flaw::Elsewhere),
            _ => None,
        };
        // Six of eight are sent to the plain server that does not stop.
        let sessions = &self.sessions[[0, 1, 2, 0, 0, 0, 0, 0][number / 2 % 8]];
        let session = match flaw {
            Some(Flaw::Token) => &sessions.nobody,
            Some(Flaw::Stranger) => &sessions.mallory,
            _ => &sessions.alice,
        };
        let (session, room) = (session.clone(), self.room(number).clone());
        let is_elsewhere = flaw == Some(Flaw::Elsewhere);
        if number % 2 == 0 {
            let address = ThirdPartyId::email(format!("u{number}@example.com")).unwrap();
            let id_server = ServerName::new(ID_SERVER).unwrap();
            let id_token = match is_elsewhere {
                true => IdAccessToken::new("nobody").unwrap(),
                false => self.id_token.clone(),
            };
            Invitation::Email(session, InviteBy3pid::new(room, address, id_server, id_token))
        } else {
            let node = if is_elsewhere { "away.example" } else { "node.example" };
            let user = UserId::new(format!("@u{number}:{node}")).unwrap();
            Invitation::User(session, InviteUser::new(room, user))
        }
    }

    fn room(&self, number: usize) -> &RoomId {
        &self.rooms[number % ROOMS]
    }

    pub(crate) fn rooms(&self) -> &[RoomId] {
        &self.rooms
    }

    /// Returns the session of a member of every room.
    pub(crate) fn alice(&self) -> &Session {
        &self.sessions[0].alice
    }

    /// Counts how many times each invitation reaches the node, until the end. Meanwhile one of the
    /// servers stops.
    pub(crate) fn count_requests(&self) -> Vec<usize> {
        let mut seen = vec![0; self.size];
        loop {
            // This order ensures that the last requests are counted.
            let is_over = self.is_over.load(Ordering::SeqCst);
            for request in self.world.take_requests() {
                if let Some(number) = invited_by(&request) {
                    seen[number] += 1;
                }
            }
            if is_over {
                return seen;
            }
            let open = self.plain.open_connections() + self.tls.open_connections();
            self.most_open.fetch_max(open, Ordering::Relaxed);
            if self.next.load(Ordering::Relaxed) >= self.size / 2 {
                drop(self.leaving.lock().unwrap_or_else(PoisonError::into_inner).take());
            }
            thread::sleep(TICK);
        }
    }

    /// Ends the faults, and waits until no request is in flight and no connection is open.
    pub(crate) fn settle(&self) {
        for server in [&self.plain, &self.tls] {
            server.fault_at_random(0, 0.0);
            wait_until("no open connections", 0, || server.open_connections());
        }
    }

    /// Ends [`count_requests`](Self::count_requests).
    pub(crate) fn close(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Returns the maximum number of connections at once that was seen.
    pub(crate) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::Relaxed)
    }

    /// Returns the records of the servers that do not stop.
    pub(crate) fn figures(&self) -> String {
        let servers = [&self.plain, &self.tls];
        let faults: usize = servers.iter().map(|server| server.faults()).sum();
        let connections: usize = servers.iter().map(|server| server.connections()).sum();
        format!("{faults} faults, {connections} connections, {} at once", self.most_open())
    }

    /// Returns the token of each mail, and the number of its invitation.
    pub(crate) fn mails(&self) -> Mails {
        let mails = self.world.mails(ID_SERVER).into_iter();
        mails.map(|mail| (mail.token, number_in(&mail.to))).collect()
    }

    /// Returns the numbers of a room's invitations, in their order.
    pub(crate) fn invitations_in(&self, room: &RoomId, mails: &Mails) -> Vec<usize> {
        let events = self.world.events(room.as_str());
        let invites = events.iter().filter_map(|event| {
            let key = event.state_key.as_deref()?;
            match event.kind.as_str() {
                "m.room.third_party_invite" => Some(mails[key]),
                "m.room.member" if event.content["membership"] == "invite" => Some(number_in(key)),
                _ => None,
            }
        });
        sorted(invites.inspect(|number| assert_eq!(self.room(*number), room)))
    }
}

/// Returns the same numbers from a client's view.
pub(crate) fn invitations_seen(look: &Invites, mails: &Mails) -> Vec<usize> {
    let pending = look.pending.iter().map(|invite| mails[invite.token.as_str()]);
    let invited = look.invited.iter().map(|user| number_in(user.user_id.as_str()));
    sorted(pending.chain(invited))
}

fn sorted(numbers: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// Returns the number of the invitation, if the request is one.
fn invited_by(request: &SeenRequest) -> Option<usize> {
    let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
    let invitee = body.get("address").or(body.get("user_id"))?;
    Some(number_in(invitee.as_str()?))
}

/// `u17@example.com` and `@u17:node.example` are both 17.
fn number_in(invitee: &str) -> usize {
    let invitee = invitee.trim_start_matches('@').trim_start_matches('u');
    invitee.split(['@', ':']).next().unwrap().parse().unwrap()
}

/// Waits until a value is the expected one.
pub(crate) fn wait_until<T: PartialEq + Debug>(what: &str, wanted: T, is: impl Fn() -> T) {
    let begun = Instant::now();
    loop {
        let now = is();
        if now == wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "not {what} even after {PATIENCE:?}: {now:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
