//! Callers' agents instead of the client's connections.

use std::time::{Duration, Instant};

use sdn_blocking::Client;
use sdn_proto::{
    AccessToken, ApiErrorKind, CallError, Delivery, InviteUser, Node, RoomId, Session,
    TransportErrorKind, UserId,
};
use sdn_testkit::script::{response, serve, serve_always, serve_once};
use ureq::Agent;

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

#[test]
fn agents_redirects_are_turned_off() {
    let server =
        serve_always("HTTP/1.1 303 See Other\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n");
    let client = Client::with_agent(Agent::new_with_defaults());
    let error = client.send(&session(&server.base_url()), &invite()).unwrap_err();
    assert_eq!(error.api_error().unwrap().kind(), ApiErrorKind::UnexpectedStatus);
    assert_eq!(error.api_error().unwrap().status(), 303);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn agents_status_errors_are_turned_off() {
    let server = serve_once("HTTP/1.1 429 Slow\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n");
    let client = Client::with_agent(Agent::new_with_defaults());
    let error = client.send(&session(&server.base_url()), &invite()).unwrap_err();
    assert_eq!(error.api_error().unwrap().status(), 429);
    assert!(error.api_error().unwrap().retry_after().is_some());
}

#[test]
fn agent_keeps_its_settings() {
    let server = serve_once(response("200 OK", "{}"));
    let agent =
        Agent::config_builder().user_agent("mine/1").accept("text/html").build().new_agent();
    Client::with_agent(agent).send(&session(&server.base_url()), &invite()).unwrap();
    let request = server.requests().remove(0);
    assert_eq!(request.header("user-agent"), Some("mine/1"));
    assert!(!request.headers.iter().any(|(name, _)| name.starts_with("accept")), "{request:?}");
}

#[test]
fn refusing_agent_is_not_sent() {
    let agent = Agent::config_builder().https_only(true).build().new_agent();
    let error =
        Client::with_agent(agent).send(&session("http://127.0.0.1:1"), &invite()).unwrap_err();
    let CallError::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[test]
fn builder_settings_override_the_agents() {
    let server = serve_always(response("200 OK", "{}"));
    let agent = || Agent::config_builder().user_agent("agents own").build().new_agent();
    let client = Client::builder().user_agent("inviter/1.0").unwrap().build_with_agent(agent());
    client.send(&session(&server.base_url()), &invite()).unwrap();
    let client = Client::builder().build_with_agent(agent());
    client.send(&session(&server.base_url()), &invite()).unwrap();
    let requests = server.requests();
    let agents: Vec<_> = requests.iter().map(|request| request.header("user-agent")).collect();
    assert_eq!(agents, [Some("inviter/1.0"), Some("agents own")]);

    let silent = serve(|connection| connection.stall());
    let builder = Client::builder().total_timeout(Duration::from_millis(300));
    let client = builder.build_with_agent(agent());
    let start = Instant::now();
    let error = client.send(&session(&silent.base_url()), &invite()).unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
    assert!((300..3000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}
