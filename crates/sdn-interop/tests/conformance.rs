//! The conformance data of `sdn-proto`, in the embedded world and over both transports.
//!
//! A transport sends to a loopback address instead of the node in the data. So the host differs,
//! and everything else on the wire must equal the data.

use std::fs;

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::{
    AccessToken, Call, CallError, Dialect, InviteBy3pid, InviteUser, Node, RoomId, Session, UserId,
};
use sdn_testkit::{Server, World};
use serde_json::{Value, json};

fn cases(subject: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdn-proto/tests/conformance");
    let file: Value =
        serde_json::from_slice(&fs::read(format!("{folder}/{subject}.json")).unwrap()).unwrap();
    let list = if subject.starts_with("calls/") { "requests" } else { "cases" };
    file[list].as_array().unwrap().clone()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no {key} in {case}"))
}

/// Returns the session of a case, at another base.
fn session(case: &Value, base: &str) -> Session {
    let dialect: Dialect = text(case, "dialect").parse().unwrap();
    let node = Node::new(base).unwrap().with_dialect(dialect);
    node.session(AccessToken::new(text(case, "access_token")).unwrap())
}

fn by_3pid(case: &Value) -> InviteBy3pid {
    let [room, address, token, server, medium] =
        ["room_id", "address", "id_access_token", "id_server", "medium"].map(|key| text(case, key));
    InviteBy3pid::from_strings(room, address, token, server, medium).unwrap()
}

fn by_id(case: &Value) -> InviteUser {
    let invite = InviteUser::new(
        RoomId::new(text(case, "room_id")).unwrap(),
        UserId::new(text(case, "user_id")).unwrap(),
    );
    match case.get("reason") {
        Some(reason) => invite.with_reason(reason.as_str().unwrap()),
        None => invite,
    }
}

/// Runs every case that has a request through `send`, and compares the request that the world
/// received with the data.
fn check_requests(world: &World, send: impl Fn(&Value)) {
    world.respond_always(Some(Response::new(Bytes::from_static(b"{}"))));
    for case in
        cases("calls/client/invite_by_3pid").iter().chain(&cases("calls/client/invite_user"))
    {
        let Some(expected) = case.get("request") else { continue };
        world.clear_requests();
        send(case);
        let seen = world.requests();
        assert_eq!(seen.len(), 1, "{}", case["name"]);
        let (_, rest) = text(expected, "uri").split_once("://").unwrap();
        let path = &rest[rest.find('/').unwrap()..];
        assert_eq!(seen[0].method, "POST", "{}", case["name"]);
        assert_eq!(seen[0].path, path, "{}", case["name"]);
        assert_eq!(seen[0].body, text(expected, "body").as_bytes(), "{}", case["name"]);
        let added = ["host", "content-length", "user-agent"];
        let mut headers: Vec<Value> = seen[0]
            .headers
            .iter()
            .filter(|(name, _)| !added.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| json!([name.to_ascii_lowercase(), value]))
            .collect();
        headers.sort_by_key(Value::to_string);
        assert_eq!(Value::Array(headers), expected["headers"], "{}", case["name"]);
    }
}

/// Returns the base of a case, at a server on loopback.
fn at(server: &Server, case: &Value) -> String {
    let (_, rest) = text(case, "node").split_once("://").unwrap();
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    format!("{}{path}", server.base_url())
}

fn build<C: Call<Server = Session>>(call: &C, case: &Value) -> Request<Bytes> {
    call.to_request(&session(case, text(case, "node")))
}

#[test]
fn requests_handled_by_the_world() {
    let world = World::new();
    check_requests(&world, |case| {
        let is_user = case.get("user_id").is_some();
        let request = if is_user { build(&by_id(case), case) } else { build(&by_3pid(case), case) };
        world.handle(request);
    });
}

#[test]
fn requests_over_blocking() {
    let world = World::new();
    let server = world.serve().unwrap();
    let client = sdn_blocking::Client::new();
    check_requests(&world, |case| {
        let session = session(case, &at(&server, case));
        let result = if case.get("user_id").is_some() {
            client.send(&session, &by_id(case))
        } else {
            client.send(&session, &by_3pid(case))
        };
        result.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    });
}

#[test]
fn requests_over_hyper() {
    let world = World::new();
    let server = world.serve().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = sdn_hyper::Client::new();
    check_requests(&world, |case| {
        let session = session(case, &at(&server, case));
        let result = if case.get("user_id").is_some() {
            runtime.block_on(client.send(&session, &by_id(case)))
        } else {
            runtime.block_on(client.send(&session, &by_3pid(case)))
        };
        result.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    });
}

fn response(case: &Value) -> Response<Bytes> {
    let body = match case.get("body_hex") {
        Some(_) => {
            let hex = text(case, "body_hex");
            (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect()
        }
        None => {
            let times = case.get("body_repeat").map_or(1, |times| times.as_u64().unwrap());
            text(case, "body").repeat(times.try_into().unwrap()).into_bytes()
        }
    };
    let mut builder =
        Response::builder().status(u16::try_from(case["status"].as_u64().unwrap()).unwrap());
    for header in case["headers"].as_array().unwrap() {
        builder = builder.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    builder.body(Bytes::from(body)).unwrap()
}

/// Checks that a response has the same result over a transport.
fn check_responses(world: &World, send: impl Fn(&InviteBy3pid) -> Result<(), CallError>) {
    // No response contains these tokens, because a transport would remove them.
    let invite =
        InviteBy3pid::from_strings("!a:b", "a@b", "id_secret", "id.example", "email").unwrap();
    for case in cases("invite_response") {
        let response = response(&case);
        world.respond_always(Some(response.clone()));
        let received = send(&invite).map_err(|error| match error {
            CallError::Api(error) => error,
            CallError::Transport(error) => panic!("{}: {error}", case["name"]),
        });
        let read = InviteBy3pid::parse_response(&response);
        assert_eq!(format!("{received:?}"), format!("{read:?}"), "{}", case["name"]);
        if let (Err(received), Err(read)) = (received, read) {
            assert_eq!(received.body(), read.body(), "{}", case["name"]);
        }
    }
}

fn any_session(server: &Server) -> Session {
    Node::new(server.base_url()).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

#[test]
fn responses_over_blocking() {
    let world = World::new();
    let server = world.serve().unwrap();
    let (client, session) = (sdn_blocking::Client::new(), any_session(&server));
    check_responses(&world, |invite| client.send(&session, invite));
}

#[test]
fn responses_over_hyper() {
    let world = World::new();
    let server = world.serve().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (client, session) = (sdn_hyper::Client::new(), any_session(&server));
    check_responses(&world, |invite| runtime.block_on(client.send(&session, invite)));
}
