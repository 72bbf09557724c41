//! A gateway that forwards an invitation and then responds with its page: the room shows what the
//! node did.

mod common;

use std::net::SocketAddr;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::State;
use axum::response::Response;
use common::{BOTH, Transport, Transports};
use sdn_hyper::Client;
use sdn_proto::flow::{
    Arrival, IdentityServerAt, InviteError, InviteFlow, RevokeError, RevokeFlow, Revoked,
};
use sdn_proto::http::uri::Authority;
use sdn_proto::http::{Request, StatusCode, Uri};
use sdn_proto::id::InviteToken;
use sdn_proto::{
    AccessToken, CallError, Delivery, IdentityServer, InviteStatus, Node, Outgoing, RoomId,
    ServerName, ThirdPartyId,
};
use sdn_testkit::{Server, World};
use tokio::net::TcpListener;

const ID_SERVER: &str = "id.example:8090";
const ADDRESS: &str = "carol@example.com";
/// The longest response in these tests.
const MAX_BYTES: usize = 1 << 20;

/// The gateway's behaviour for a request that changes the room.
#[derive(Clone, Copy)]
struct Manner {
    forwards: bool,
    /// The status of the page that replaces the node's response.
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
    let forwarded = gateway.client.execute(Outgoing::from_request(request, MAX_BYTES));
    if !changes_room {
        return forwarded.await.unwrap().map(Body::from);
    }
    if gateway.manner.forwards {
        forwarded.await.unwrap();
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

    /// Returns the node's URL behind a new gateway.
    fn behind(&self, manner: Manner) -> String {
        let node = self.server.base_url().replace("http://", "").replace('/', "");
        let gateway = Gateway { client: Client::new(), node: node.parse().unwrap(), manner };
        format!("http://{}", Transports::plain().runtime.block_on(gateway.serve()))
    }

    /// Invites over the gateway, and checks the room if the outcome is unknown.
    fn invite(&self, transport: Transport, manner: Manner) -> InviteError {
        let session = Node::new(self.behind(manner)).unwrap().session(self.token.clone());
        let carol = ThirdPartyId::email(ADDRESS).unwrap();
        let at = IdentityServerAt::Server {
            name: ServerName::new(ID_SERVER).unwrap(),
            base: IdentityServer::new(self.server.base_url()).unwrap(),
        };
        let flow = InviteFlow::new(session, self.room.clone(), carol, at).with_room_check();
        Transports::plain().run(transport, flow).unwrap_err()
    }

    fn mails(&self) -> usize {
        self.world.mailbox(ID_SERVER, ADDRESS).len()
    }
}

const UNDECIDED: [u16; 6] = [500, 502, 503, 504, 200, 204];

#[test]
fn forwarded_invitation_arrived() {
    for transport in BOTH {
        for status in UNDECIDED {
            let stage = Stage::set();
            let error = stage.invite(transport, Manner { forwards: true, status });
            let shown = error.to_string();
            assert!(
                shown.starts_with(&format!("the room shows the invitation: {status} ")),
                "{shown}"
            );
            assert_eq!(InviteStatus::from(&error), InviteStatus::Invited, "{shown}");
            let InviteError::Unknown(Arrival::Arrived, CallError::Api(error)) = error else {
                panic!("{error:?}")
            };
            assert_eq!((error.status().as_u16(), error.delivery()), (status, Delivery::Unknown));
            assert_eq!(stage.mails(), 1);
        }
    }
}

#[test]
fn kept_invitation_is_not_seen() {
    for transport in BOTH {
        for status in UNDECIDED {
            let stage = Stage::set();
            let error = stage.invite(transport, Manner { forwards: false, status });
            let shown = error.to_string();
            assert!(shown.starts_with("the room shows no new invitation yet: "), "{shown}");
            assert_eq!(InviteStatus::from(&error), InviteStatus::Unknown, "{shown}");
            assert!(
                matches!(error, InviteError::Unknown(Arrival::NotSeen, CallError::Api(_))),
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
            let error = stage.invite(transport, Manner { forwards: false, status });
            assert!(matches!(error, InviteError::Refused(_)), "{error:?}");
            assert_eq!(InviteStatus::from(&error), InviteStatus::Refused);
        }
    }
}

#[test]
fn forwarded_revocation_is_revoked() {
    for transport in BOTH {
        let stage = Stage::set();
        stage.invite(transport, Manner { forwards: true, status: 504 });
        let token = stage.world.mailbox(ID_SERVER, ADDRESS).remove(0).token;
        for (forwards, revoked) in [(false, None), (true, Some(Revoked::Now))] {
            let url = stage.behind(Manner { forwards, status: 504 });
            let session = Node::new(url).unwrap().session(stage.token.clone());
            let token = InviteToken::new(&token).unwrap();
            let flow = RevokeFlow::new(session, stage.room.clone(), token);
            match Transports::plain().run(transport, flow) {
                Ok(outcome) => assert_eq!(Some(outcome), revoked),
                Err(error) => {
                    assert_eq!(revoked, None);
                    let RevokeError::Unknown(error) = error else { panic!("{error:?}") };
                    assert!(error.to_string().starts_with("504 Gateway Timeout"), "{error}");
                }
            }
        }
    }
}
