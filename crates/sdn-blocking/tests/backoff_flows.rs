//! Flows and finished requests through a shared backoff.

use std::thread;
use std::time::{Duration, Instant};

use sdn_blocking::{BackoffClient, Client};
use sdn_proto::client::WhoAmI;
use sdn_proto::flow::{IdentityServerAt, InviteFlow, RevokeFlow, Revoked};
use sdn_proto::http::{Request, StatusCode};
use sdn_proto::id::InviteToken;
use sdn_proto::{
    AccessToken, ApiError, Delivery, IdentityServer, Node, Outgoing, RoomId, ServerName, Session,
    ThirdPartyId, TransportErrorKind, UserId,
};
use sdn_testkit::World;
use sdn_testkit::script::{ScriptedServer, response, serve_always, serve_in_turn};

const ALICE: &str = "@alice:node.example";
const ID_SERVER: &str = "id.example";
const NOT_FOUND: &str = r#"{"errcode":"M_NOT_FOUND","error":""}"#;

fn client(budget: Duration) -> BackoffClient {
    Client::new().with_shared_backoff(budget)
}

/// Returns a response that limits the rate for this many seconds.
fn limit(delay: u32) -> String {
    let body = format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":{}}}"#, delay * 1000);
    response("429 Too Many Requests", &body)
}

fn session(server: &ScriptedServer) -> Session {
    Node::new(server.base_url()).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

/// Runs a flow at a node that refuses the first request, and does not have the invitation.
fn revoke(delay: u32) -> (ScriptedServer, RevokeFlow) {
    let server = serve_in_turn(&[&limit(delay), &response("404 Not Found", NOT_FOUND)]);
    let token = InviteToken::new("tok").unwrap();
    let flow = RevokeFlow::new(session(&server), RoomId::new("!a:b").unwrap(), token);
    (server, flow)
}

#[test]
fn limited_flows_invite_once() {
    let world = World::new();
    world.add_identity_server(ID_SERVER);
    let token = AccessToken::new(world.add_user(ALICE)).unwrap();
    let room = RoomId::new(world.create_room(ALICE)).unwrap();
    let server = world.serve().unwrap();
    let session = Node::new(server.base_url()).unwrap().session(token);
    let base = IdentityServer::new(server.base_url()).unwrap();
    world.limit_next_invitations(3, Duration::from_millis(100));
    let client = client(Duration::from_secs(60));
    thread::scope(|scope| {
        for number in 0..10 {
            let name = ServerName::new(ID_SERVER).unwrap();
            let at = IdentityServerAt::Server { base: base.clone(), name };
            let address = ThirdPartyId::email(format!("user{number}@example.com")).unwrap();
            let flow = InviteFlow::new(session.clone(), room.clone(), address, at)
                .with_user_id(UserId::new(ALICE).unwrap());
            let client = client.clone();
            scope.spawn(move || client.run(flow).unwrap());
        }
    });
    assert_eq!(world.mails(ID_SERVER).len(), 10);
}

#[test]
fn shared_wait_spends_no_flow_budget() {
    let (server, flow) = revoke(1);
    let start = Instant::now();
    let flow = flow.with_wait_budget(Duration::from_millis(1));
    assert_eq!(client(Duration::from_secs(5)).run(flow).unwrap(), Revoked::NotFound);
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn limit_beyond_budget_reaches_flow() {
    let (server, flow) = revoke(1);
    let start = Instant::now();
    let flow = flow.with_wait_budget(Duration::from_secs(5));
    assert_eq!(client(Duration::from_millis(100)).run(flow).unwrap(), Revoked::NotFound);
    assert!(start.elapsed() >= Duration::from_secs(1), "the flow waited itself");
    assert_eq!(server.requests().len(), 2);

    let (server, flow) = revoke(1);
    let error = client(Duration::from_millis(100)).run(flow).unwrap_err();
    assert_eq!(error.api_error().map(ApiError::status), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(server.requests().len(), 1, "the flow has no budget");
}

#[test]
fn limited_response_is_returned() {
    let server = serve_always(limit(30));
    let client = client(Duration::from_secs(10));
    let outgoing = || {
        let request = Request::get(format!("{}/there", server.base_url()));
        Outgoing::from_request(request.body("".into()).unwrap(), 100)
    };
    let response = client.execute(outgoing()).unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let error = client.execute(outgoing()).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::RateLimited);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn limit_leaves_other_servers() {
    let limited = serve_always(limit(3600));
    let other = serve_always(response("200 OK", r#"{"user_id":"@alice:other.example"}"#));
    let client = client(Duration::from_secs(60));
    for _ in 0..2 {
        client.send(&session(&limited), &WhoAmI::new()).unwrap_err();
        client.send(&session(&other), &WhoAmI::new()).unwrap();
    }
    assert_eq!((limited.requests().len(), other.requests().len()), (1, 2));
}
