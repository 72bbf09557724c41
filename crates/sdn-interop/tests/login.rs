//! Logins at an SDN-like node, without a transport and over both. The node checks signatures with
//! separate code.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{BOTH, Transport, Transports};
use sdn_proto::client::{
    CreateRoom, DidLogin, JoinedRooms, ListDids, LogOut, Login, PasswordLogin, PreLogin, WhoAmI,
};
use sdn_proto::flow::{Challenge, Flow, LoginError, LoginFlow, SignedLoginFlow, Step};
use sdn_proto::http::{Response, StatusCode};
use sdn_proto::secret::Password;
use sdn_proto::{AccessToken, Call, CallError, Delivery, ErrorCode, Node, Signature, WalletKey};
use sdn_testkit::script::{ScriptedServer, response, serve_always};
use sdn_testkit::{Fault, Server, Wallet, World};

#[path = "../examples/wallet.rs"]
mod wallet_example;

#[test]
fn wallet_example_logs_in_and_invites() {
    wallet_example::main().unwrap();
}

/// The way of requests to the world.
#[derive(Clone, Copy, Debug)]
enum Route {
    /// By a function call.
    Direct,
    Over(Transport),
}

const ALL: [Route; 3] = [Route::Direct, Route::Over(BOTH[0]), Route::Over(BOTH[1])];

/// A world with an SDN-like node on a port, and a wallet that never logged in.
struct Stage {
    world: World,
    server: Server,
    route: Route,
    node: Node,
    key: WalletKey,
}

impl Stage {
    fn set(route: Route) -> Self {
        let world = World::new();
        world.add_sdn_node("node.example");
        let server = world.serve().unwrap();
        let node = Node::new(server.base_url()).unwrap();
        let key = WalletKey::new(Wallet::new(1).private_key()).unwrap();
        Stage { world, server, route, node, key }
    }

    fn run<F: Flow>(&self, mut flow: F) -> F::Outcome {
        let Route::Over(transport) = self.route else {
            loop {
                match flow.step() {
                    Step::Send(outgoing) => {
                        flow.received(Ok(self.world.handle(outgoing.into_request())));
                    }
                    Step::Wait(_) => flow.waited(),
                    Step::Done(outcome) => return outcome,
                }
            }
        };
        Transports::plain().run(transport, flow)
    }

    fn send<C: Call>(&self, server: &C::Server, call: &C) -> C::Output {
        match self.route {
            Route::Direct => C::parse_response(&self.world.handle(call.to_request(server))),
            Route::Over(transport) => Transports::plain().send(transport, server, call),
        }
        .unwrap()
    }

    fn begin(&self) -> LoginFlow {
        LoginFlow::new(self.node.clone(), self.key.address())
    }

    fn challenge(&self) -> Challenge {
        self.run(self.begin()).unwrap()
    }

    fn signed(&self, challenge: &Challenge) -> SignedLoginFlow {
        challenge.answer(self.key.sign(challenge.message())).unwrap()
    }

    fn log_in(&self) -> Login {
        self.run(self.signed(&self.challenge())).unwrap()
    }

    /// Returns the last parts of the requested paths.
    fn requests(&self) -> Vec<String> {
        let requests = self.world.take_requests();
        let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        requests.iter().map(|request| last(&request.path)).collect()
    }
}

#[test]
fn wallet_logs_in_and_out() {
    for route in ALL {
        let stage = Stage::set(route);
        let address = stage.key.address();
        let login = stage.log_in();
        assert_eq!(login.user_id.as_str(), Wallet::new(1).user_id());
        assert!(login.device_id.is_some());
        assert_eq!(stage.requests(), [address.as_str(), "pre_login1", "login"]);

        let session = login.session(&stage.node);
        let me = stage.send(&session, &WhoAmI::new());
        assert_eq!((me.user_id, me.device_id), (login.user_id, login.device_id));
        let room = stage.send(&session, &CreateRoom::new().with_name("Lobby"));
        assert_eq!(stage.send(&session, &JoinedRooms::new()), [room]);

        stage.send(&session, &LogOut::new());
        let token = stage.world.handle(WhoAmI::new().to_request(&session));
        assert_eq!(token.status(), StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn second_login_names_did_of_first() {
    for route in ALL {
        let stage = Stage::set(route);
        let first = stage.challenge();
        assert!(first.did().as_str().starts_with("did:pkh:eip155:1:0x"), "{:?}", first.did());
        stage.run(stage.signed(&first)).unwrap();

        let second = stage.challenge();
        assert!(second.did().as_str().starts_with("did:sdn:"), "{:?}", second.did());
        assert_ne!(first.message(), second.message());
        let flow = stage.signed(&second).with_device_id("PHONE");
        let login = stage.run(flow.with_initial_device_display_name("phone")).unwrap();
        assert_eq!(login.device_id.as_deref(), Some("PHONE"));
    }
}

#[test]
fn challenge_is_used_once() {
    for route in ALL {
        let stage = Stage::set(route);
        let challenge = stage.challenge();
        stage.run(stage.signed(&challenge)).unwrap();
        let error = stage.run(stage.signed(&challenge)).unwrap_err();
        assert!(matches!(error, LoginError::Refused(_)), "{error:?}");
        assert_eq!(error.api_error().unwrap().code(), Some(&ErrorCode::Forbidden));
    }
}

#[test]
fn developer_key_signs_too_where_required() {
    for route in ALL {
        let stage = Stage::set(route);
        let developer = Wallet::new(7);
        stage.world.require_developer_key("node.example", &developer);
        let challenge = stage.challenge();
        let error = stage.run(stage.signed(&challenge)).unwrap_err();
        assert!(matches!(error, LoginError::Refused(_)), "{error:?}");

        let signature = developer.sign(challenge.message().as_str());
        let flow = stage.signed(&challenge);
        let flow = flow.with_developer_signature(Signature::new(signature).unwrap());
        assert!(stage.run(flow).is_ok());
    }
}

#[test]
fn other_wallets_signature_is_not_sent() {
    for route in ALL {
        let stage = Stage::set(route);
        let challenge = stage.challenge();
        stage.requests();
        let signature = Wallet::new(2).sign(challenge.message().as_str());
        let error = challenge.answer(Signature::new(signature).unwrap()).unwrap_err();
        assert_eq!(error.rule().name(), "other_signer");
        assert!(stage.requests().is_empty());
    }
}

#[test]
fn rate_limited_login_is_repeated() {
    for route in ALL {
        let stage = Stage::set(route);
        // SDN's nodes send the delay only in the body.
        let limit = || {
            let body = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"no","retry_after_ms":20}"#;
            let body = Bytes::from_static(body.as_bytes());
            stage.world.respond_next(Response::builder().status(429).body(body).unwrap());
        };
        let flow = stage.begin().with_wait_budget(Duration::from_secs(5));
        let challenge = stage.run(flow).unwrap();
        stage.requests();
        limit();
        assert!(stage.run(stage.signed(&challenge)).is_ok());
        assert_eq!(stage.requests(), ["login", "login"]);
    }
}

#[test]
fn unknown_login_is_sent_once() {
    for transport in BOTH {
        let stage = Stage::set(Route::Over(transport));
        let status = StatusCode::BAD_GATEWAY;
        for (fault, handled) in [
            (Fault::CloseAfterRequest { handled: true }, 1),
            (Fault::CloseAfterRequest { handled: false }, 0),
            (Fault::Page { status, handled: true }, 1),
            (Fault::Truncate, 1),
        ] {
            let flow = stage.begin().with_wait_budget(Duration::from_secs(60));
            let flow = stage.signed(&stage.run(flow).unwrap());
            stage.requests();
            stage.server.fault_next(fault.clone());
            let error = stage.run(flow).unwrap_err();
            assert!(matches!(error, LoginError::Unknown(_)), "{fault:?}: {error:?}");
            assert_eq!(stage.requests().len(), handled, "{fault:?}");
        }
        // The next login succeeds.
        stage.log_in();
    }
}

/// A client that waits together with others repeats only rate-limited calls.
fn send_with_backoff<C: Call>(
    transport: Transport,
    server: &C::Server,
    call: &C,
) -> Result<C::Output, CallError> {
    let transports = Transports::plain();
    let budget = Duration::from_secs(60);
    match transport {
        Transport::Hyper => {
            let client = transports.hyper.with_shared_backoff(budget);
            transports.runtime.block_on(client.send(server, call))
        }
        Transport::Blocking => transports.blocking.with_shared_backoff(budget).send(server, call),
    }
}

/// A login, and its signature.
fn signed_login() -> (DidLogin, String) {
    let challenge = Response::new(r#"{"did":"did:web:x","message":"hello","updated":"u"}"#);
    let challenge = PreLogin::parse_response(&challenge).unwrap();
    let key = WalletKey::from_bytes(&[1; 32]).unwrap();
    let signature = key.sign(&challenge.message);
    let secret = signature.expose().to_owned();
    (DidLogin::new(key.address(), challenge, signature), secret)
}

#[test]
fn backoff_repeats_no_unknown_outcome() {
    fn check<C: Call>(transport: Transport, call: &C, at: impl Fn(Node) -> C::Server) {
        let node = |server: &ScriptedServer| Node::new(server.base_url()).unwrap();
        for (status, body) in [
            ("502 Bad Gateway", "<html>"),
            ("503 Service Unavailable", "{}"),
            ("200 OK", "{}"),
            ("204 No Content", ""),
        ] {
            let server = serve_always(response(status, body));
            let result = send_with_backoff(transport, &at(node(&server)), call);
            assert_eq!(result.err().unwrap().delivery(), Delivery::Unknown, "{status}");
            assert_eq!(server.requests().len(), 1, "{status}");
        }
    }
    let (login, _) = signed_login();
    let password = PasswordLogin::new("alice", Password::new("secret").unwrap());
    for transport in BOTH {
        check(transport, &login, |node| node);
        check(transport, &password, |node| node);
        let token = AccessToken::new("syt_secret").unwrap();
        check(transport, &CreateRoom::new(), |node| node.session(token.clone()));
    }
}

#[test]
fn errors_repeat_no_signature() {
    let (login, secret) = signed_login();
    for transport in BOTH {
        for (status, body) in [
            ("403 Forbidden", format!(r#"{{"errcode":"M_FORBIDDEN","error":"not {secret}"}}"#)),
            ("200 OK", format!(r#"{{"errcode":"M_FORBIDDEN","error":"not {secret}"}}"#)),
            ("502 Bad Gateway", format!("<html>{secret}")),
        ] {
            let server = serve_always(response(status, &body));
            let node = Node::new(server.base_url()).unwrap();
            let error = send_with_backoff(transport, &node, &login).unwrap_err();
            let body = String::from_utf8_lossy(error.api_error().unwrap().body()).into_owned();
            let shown = format!("{error} {error:?} {body}");
            assert!(!shown.contains(&secret) && body.contains("[redacted]"), "{shown}");
        }
    }
}

#[test]
fn known_wallet_has_its_did() {
    for route in ALL {
        let stage = Stage::set(route);
        assert!(stage.send(&stage.node, &ListDids::new(stage.key.address())).is_empty());
        stage.log_in();
        assert_eq!(stage.send(&stage.node, &ListDids::new(stage.key.address())).len(), 1);
    }
}
