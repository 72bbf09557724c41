//! A gateway that forwards an invitation and then answers with a page of its own: the room shows what
//! the node did.

mod common;

use std::net::SocketAddr;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::State;
use axum::response::Response;
use common::{BOTH, Transport, Transports};
use sdn_hyper::Client;
use sdn_proto::flow::{Arrival, CallFailure, Invite, InviteFailure, Revoke, Revoked};
use sdn_proto::http::uri::Authority;
use sdn_proto::http::{Request, StatusCode, Uri};
use sdn_proto::id::InviteToken;
use sdn_proto::{AccessToken, Delivery, IdentityServer, Node, RoomId, ServerName, ThirdPartyId};
use sdn_testkit::{Server, World};
use tokio::net::TcpListener;

const ID_SERVER: &str = "id.example:8090";
const ADDRESS: &str = "carol@example.com";
/// The longest response that any request here gets.
const MAX_BYTES: usize = 1 << 20;

/// What the gateway does with a request that changes the room.
#[derive(Clone, Copy)]
struct Manner {
    forwards: bool,
    /// The status of the page that comes back in the place of the node's response.
    status: u16,
}

#[derive(Clone)]
struct Gateway {
    client: Client,
    node: Authority,
    manner: Manner,
}

impl Gateway {
    async fn serve(self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(pass).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

async fn pass(State(gateway): State<Gateway>, request: Request<Body>) -> Response {
    let (mut head, body) = request.into_parts();
    let body = body::to_bytes(body, MAX_BYTES).await.unwrap();
    let path = head.uri.path_and_query().unwrap().clone();
    let changes_room = path.path().ends_with("/invite") || head.method == "PUT";
    let uri = Uri::builder().scheme("http").authority(gateway.node).path_and_query(path);
    head.uri = uri.build().unwrap();
    head.headers.remove("host");
    head.headers.remove("content-length");
    let request = Request::from_parts(head, body);
    if !changes_room {
        return gateway.client.carry(&request, MAX_BYTES).await.unwrap().map(Body::from);
    }
    if gateway.manner.forwards {
        gateway.client.carry(&request, MAX_BYTES).await.unwrap();
    }
    let page = if gateway.manner.status == 204 { "" } else { "<html>Not the node's</html>" };
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::from_u16(gateway.manner.status).unwrap();
    response
}

/// A room behind a gateway.
struct Stage {
    world: World,
    server: Server,
    token: AccessToken,
    room: RoomId,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        world.add_identity_server(ID_SERVER);
        let token = AccessToken::new(world.add_user("@alice:node.example")).unwrap();
        let room = RoomId::new(world.create_room("@alice:node.example")).unwrap();
        Stage { server: world.serve().unwrap(), world, token, room }
    }

    /// The node's URL behind a new gateway.
    fn behind(&self, manner: Manner) -> String {
        let node = self.server.base_url().replace("http://", "").replace('/', "");
        let gateway = Gateway { client: Client::new(), node: node.parse().unwrap(), manner };
        format!("http://{}", Transports::plain().runtime.block_on(gateway.serve()))
    }

    /// Invites over the gateway, and looks at the room if the outcome is unknown.
    fn invite(&self, transport: Transport, manner: Manner) -> InviteFailure {
        let session = Node::new(self.behind(manner)).unwrap().session(self.token.clone());
        let flow = Invite::new(session, self.room.clone(), ThirdPartyId::email(ADDRESS).unwrap())
            .at_base(
                ServerName::new(ID_SERVER).unwrap(),
                IdentityServer::new(self.server.base_url()).unwrap(),
            );
        Transports::plain().run(transport, flow.looking(), false).unwrap_err()
    }

    fn mails(&self) -> usize {
        self.world.mailbox(ID_SERVER, ADDRESS).len()
    }
}

const UNDECIDED: [u16; 6] = [500, 502, 503, 504, 200, 204];

#[test]
fn page_after_forwarded_invitation_arrived() {
    for transport in BOTH {
        for status in UNDECIDED {
            let stage = Stage::set();
            let failure = stage.invite(transport, Manner { forwards: true, status });
            let shown = failure.to_string();
            assert_eq!(failure.delivery(), Delivery::Unknown, "{shown}");
            assert!(shown.contains("but the room shows the invitation"), "{shown}");
            assert!(shown.contains(&format!("({status} ")), "{shown}");
            assert!(
                matches!(&failure, InviteFailure::Unknown(Arrival::Arrived, CallFailure::Api(error)) if error.status() == status),
                "{failure:?}"
            );
            assert_eq!(stage.mails(), 1);
        }
    }
}

#[test]
fn page_instead_of_invitation_not_seen() {
    for transport in BOTH {
        for status in UNDECIDED {
            let stage = Stage::set();
            let failure = stage.invite(transport, Manner { forwards: false, status });
            let shown = failure.to_string();
            assert!(shown.contains("the room shows no new invitation yet"), "{shown}");
            assert!(
                matches!(failure, InviteFailure::Unknown(Arrival::NotSeen, CallFailure::Api(_))),
                "{shown}"
            );
            assert_eq!(stage.mails(), 0);
        }
    }
}

#[test]
fn client_error_and_redirect_are_refusals() {
    for transport in BOTH {
        for status in [307, 404] {
            let stage = Stage::set();
            let failure = stage.invite(transport, Manner { forwards: false, status });
            assert!(matches!(failure, InviteFailure::Refused(_)), "{failure:?}");
            assert_eq!(failure.delivery(), Delivery::Answered);
        }
    }
}

#[test]
fn page_after_forwarded_revocation_is_revoked() {
    for transport in BOTH {
        let stage = Stage::set();
        stage.invite(transport, Manner { forwards: true, status: 504 });
        let token = stage.world.mailbox(ID_SERVER, ADDRESS).remove(0).token;
        for (forwards, revoked) in [(false, None), (true, Some(Revoked::Now))] {
            let url = stage.behind(Manner { forwards, status: 504 });
            let session = Node::new(url).unwrap().session(stage.token.clone());
            let token = InviteToken::new(&token).unwrap();
            let flow = Revoke::new(session, stage.room.clone(), token);
            match Transports::plain().run(transport, flow, false) {
                Ok(outcome) => assert_eq!(Some(outcome), revoked),
                Err(failure) => {
                    assert_eq!((failure.delivery(), revoked), (Delivery::Unknown, None));
                    assert!(failure.to_string().starts_with("504 Gateway Timeout"), "{failure}");
                }
            }
        }
    }
}
