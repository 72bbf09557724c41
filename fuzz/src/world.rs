//! Requests as the embedded world reads them. Its HTTP/1.1, its paths and its JSON are its own code.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;

use arbitrary::{Result, Unstructured};
use sdn_proto::bytes::Bytes;
use sdn_proto::generate::{Compose, Hostile, HostileText, Parts};
use sdn_proto::http::Request;
use sdn_proto::{
    AccessToken, Call, IdAccessToken, InviteBy3pid, InviteUser, Node, RoomId, ServerName, Session,
    ThirdPartyId, UserId,
};
use sdn_testkit::{Event, Server, World};

use crate::invariants::calls::{self, Described, Visitor};

const ALICE: &str = "@alice:node.example";

/// Data that end early skip the last checks.
pub(crate) fn check(data: &[u8]) {
    let _ = draw(&mut Unstructured::new(data));
}

fn draw(u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=2)? {
        0 => {
            let which = u.choose_index(calls::COUNT)?;
            calls::visit(which, OverTheWire(u));
            Ok(())
        }
        1 => invite_user(u),
        _ => invite_by_3pid(u),
    }
}

/// Writes any call to a socket, part by part.
struct OverTheWire<'u, 'a>(&'u mut Unstructured<'a>);

impl Visitor for OverTheWire<'_, '_> {
    type Output = ();

    fn visit<C>(self, _: &Described)
    where
        C: Call + Compose,
        C::Server: Compose,
    {
        let mut parts = Parts::drawn(self.0, true);
        let server = C::Server::compose(&mut parts).unwrap();
        let request = C::compose(&mut parts).unwrap().to_request(&server);
        WIRE.with_borrow_mut(|wire| wire.get_or_insert_with(Wire::connect).send(&request));
    }
}

thread_local! {
    static WIRE: RefCell<Option<Wire>> = const { RefCell::new(None) };
}

struct Wire {
    server: Server,
    stream: TcpStream,
}

impl Wire {
    fn connect() -> Self {
        let world = World::new();
        world.add_sdn_node("node.example");
        world.add_identity_server("id.example");
        let server = world.serve().unwrap();
        let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { server, stream }
    }

    fn send(&mut self, request: &Request<Bytes>) {
        let path = request.uri().path_and_query().unwrap().as_str();
        let authority = request.uri().authority().unwrap();
        let mut bytes = format!("{} {path} HTTP/1.1\r\nhost: {authority}\r\n", request.method());
        let length = request.body().len();
        bytes.push_str(&format!("content-length: {length}\r\n"));
        let mut headers = vec![
            ("host".to_owned(), authority.to_string()),
            ("content-length".to_owned(), length.to_string()),
        ];
        for (name, value) in request.headers() {
            let value = value.to_str().unwrap();
            bytes.push_str(&format!("{name}: {value}\r\n"));
            // Spaces around a value do not belong to it.
            headers.push((name.to_string(), value.trim().to_owned()));
        }
        bytes.push_str("\r\n");
        self.stream.write_all(bytes.as_bytes()).unwrap();
        self.stream.write_all(request.body()).unwrap();
        self.read_response();

        let seen = self.server.world().take_requests();
        let [seen] = &seen[..] else { panic!("{} requests were seen", seen.len()) };
        assert_eq!((&*seen.method, &*seen.path), (request.method().as_str(), path));
        assert_eq!(seen.headers, headers);
        assert_eq!(seen.body, request.body());
    }

    /// Reads to the end of a response, so that the connection can be used again.
    fn read_response(&mut self) {
        let mut response = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let count = self.stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0, "the connection is closed");
            response.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&response).to_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.expect("a length").trim().parse().unwrap();
            if body.len() >= length {
                return;
            }
        }
    }
}

/// The room shows the invited user and the reason.
fn invite_user(u: &mut Unstructured<'_>) -> Result<()> {
    let (Hostile(user), HostileText(reason)): (Hostile<UserId>, _) = u.arbitrary()?;
    let (world, session, room) = world();
    world.add_node(user.server_name());
    let call = InviteUser::new(room.clone(), user.clone()).with_reason(&reason);
    let event = event_of(&world, &call, &session, &room);
    if let Some(event) = event {
        assert_eq!(event.state_key.as_deref(), Some(user.as_str()));
        assert_eq!(event.content["reason"], reason);
    } else {
        assert_eq!(user.as_str(), ALICE);
    }
    Ok(())
}

/// The identity server finds the user that the address is bound to.
fn invite_by_3pid(u: &mut Unstructured<'_>) -> Result<()> {
    let (Hostile(id), Hostile(id_server)): (Hostile<ThirdPartyId>, Hostile<ServerName>) =
        u.arbitrary()?;
    let (world, session, room) = world();
    let token = world.register_identity(id_server.as_str(), ALICE);
    let bob = "@bob:node.example";
    world.bind(id_server.as_str(), id.medium().as_str(), id.address(), bob);
    let token = IdAccessToken::new(token).unwrap();
    let call = InviteBy3pid::new(room.clone(), id.clone(), id_server, token);
    match event_of(&world, &call, &session, &room) {
        Some(event) => assert_eq!(event.state_key.as_deref(), Some(bob)),
        None => {
            // Like a real one, the node looks up the address as it is. The identity server has it in lower case.
            let is_folded = |char: char| char.is_ascii() && !char.is_ascii_uppercase();
            assert!(!id.address().chars().all(is_folded), "{call:?}");
        }
    }
    Ok(())
}

fn world() -> (World, Session, RoomId) {
    let world = World::new();
    let token = AccessToken::new(world.add_user(ALICE)).unwrap();
    let room = RoomId::new(world.create_room(ALICE)).unwrap();
    let session = Node::new("https://node.example").unwrap().session(token);
    (world, session, room)
}

/// Returns the event that a call makes in the world, if the call is accepted.
fn event_of<C: Call<Output = (), Server = Session>>(
    world: &World,
    call: &C,
    session: &Session,
    room: &RoomId,
) -> Option<Event> {
    let before = world.events(room.as_str()).len();
    let response = world.handle(call.to_request(session));
    C::parse_response(&response).ok()?;
    let events = world.events(room.as_str());
    assert_eq!(events.len(), before + 1);
    events.into_iter().last()
}
