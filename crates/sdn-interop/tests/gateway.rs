//! The gateway example: the requests that it forwards, and its responses if the node fails.

use sdn_hyper::Client;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::Request;
use sdn_proto::{
    AccessToken, ApiErrorKind, CallError, Delivery, InviteUser, Node, Outgoing, RoomId, UserId,
};
use sdn_testkit::World;
use sdn_testkit::script::serve_once;

#[path = "../examples/gateway.rs"]
mod gateway_example;

#[test]
fn gateway_example_invites() {
    gateway_example::main().unwrap();
}

/// Invites through a gateway in front of `authority`.
async fn invite(authority: &str, room: &str, token: &str) -> Result<(), CallError> {
    let address = gateway_example::serve(Client::new(), authority.parse().unwrap()).await.unwrap();
    let node = Node::new(format!("http://{address}/sdn/")).unwrap();
    let session = node.session(AccessToken::new(token).unwrap());
    let user = UserId::new("@bob:node.example").unwrap();
    let call = InviteUser::new(RoomId::new(room).unwrap(), user);
    Client::new().send(&session, &call).await
}

#[tokio::test]
async fn path_and_refusal_are_forwarded_unchanged() {
    let world = World::new();
    world.add_user("@alice:node.example");
    let room = world.create_room("@alice:node.example");
    let stranger = world.add_user("@mallory:node.example");
    let server = world.serve().unwrap();
    let authority = server.base_url().replace("http://", "").replace('/', "");
    let error = invite(&authority, &room, &stranger).await.unwrap_err();
    let error = error.api_error().unwrap();
    assert_eq!((error.status().as_u16(), error.kind()), (403, ApiErrorKind::Refused));
    let path = format!("/_api/client/v3/rooms/{}/invite", room.replace(':', "%3A"));
    assert_eq!(world.requests()[0].path, path);
}

#[tokio::test]
async fn only_client_api_is_forwarded() {
    let world = World::new();
    world.add_user("@alice:node.example");
    let server = world.serve().unwrap();
    let authority = server.base_url().replace("http://", "").replace('/', "");
    let address = gateway_example::serve(Client::new(), authority.parse().unwrap()).await.unwrap();
    let client = Client::new();
    for (path, status) in [
        ("/_api/client/v3/account/whoami", 401),
        ("/_matrix/client/v3/account/whoami?a=b", 401),
        ("/_api/identity/v2", 404),
        ("/_api/clients/versions", 404),
        ("/", 404),
        ("", 404),
        ("/_api/client/../identity/v2", 404),
        ("/_api/client/%2e%2E/identity/v2", 404),
        ("/_api/client/./versions", 404),
        ("/_api/client/..%2f..%2Fadmin", 404),
        ("/_api/client/a%5C..%5cadmin", 404),
    ] {
        let request = Request::get(format!("http://{address}/sdn{path}")).body(Bytes::new());
        let outgoing = Outgoing::from_request(request.unwrap(), 65536);
        let response = client.execute(outgoing).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
    let paths: Vec<_> = world.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
}

#[tokio::test]
async fn unreachable_node_is_502_silent_504() {
    let server = serve_once("");
    let authority = format!("127.0.0.1:{}", server.port());
    check_status(&authority, 504).await;
    drop(server);
    check_status(&authority, 502).await;
}

async fn check_status(authority: &str, status: u16) {
    let error = invite(authority, "!a:node.example", "token").await.unwrap_err();
    // The response is the gateway's, so it says nothing about what the node did.
    assert_eq!(error.delivery(), Delivery::Unknown);
    let error = error.api_error().unwrap();
    assert_eq!((error.status().as_u16(), error.kind()), (status, ApiErrorKind::UnexpectedStatus));
}
