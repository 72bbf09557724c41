//! Discoveries over both transports, at servers that redirect.

mod common;

use common::{BOTH, Transports};
use sdn_proto::client::Discover;
use sdn_proto::flow::{DiscoverError, DiscoverFlow, InviteError, InviteFlow, RegisterFlow};
use sdn_proto::{AccessToken, ApiErrorKind, IdAccessToken, Node, RoomId, Rule, ThirdPartyId};
use sdn_testkit::script::{ScriptedServer, response, serve};

const FIRST: &str = "/.well-known/sdn/client";

fn redirect(status: &str, location: &str) -> String {
    format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

/// Responds to each request by its path.
fn serve_paths(respond: impl Fn(&str) -> String + Send + Sync + 'static) -> ScriptedServer {
    serve(move |connection| {
        while let Some(request) = connection.request() {
            if connection.write(respond(&request.path)).is_err() {
                return;
            }
        }
    })
}

/// Redirects to each path in turn, and finally to `end`.
fn serve_redirects(end: &str) -> ScriptedServer {
    let end = end.to_owned();
    serve_paths(move |path| match path {
        FIRST => redirect("301 Moved Permanently", "../../a/b"),
        "/a/b" => redirect("302 Found", "c?d"),
        "/a/c?d" => redirect("303 See Other", "/e/./f#g"),
        "/e/f" => redirect("307 Temporary Redirect", &end),
        _ => response("404 Not Found", ""),
    })
}

/// Returns the requested paths, after a check that nothing else was sent.
fn asked(server: &ScriptedServer) -> Vec<String> {
    let check = |name: &str| assert!(["host", "user-agent"].contains(&name), "{name} is sent");
    let requests = server.requests().into_iter().map(|request| {
        request.headers.iter().for_each(|(name, _)| check(name));
        assert_eq!((&*request.method, &*request.body), ("GET", &b""[..]));
        request.path
    });
    requests.collect()
}

fn node(server: &ScriptedServer) -> Node {
    Node::new(server.base_url()).unwrap()
}

#[test]
fn redirects_are_followed_to_the_document() {
    for transport in BOTH {
        let document = r#"{"m.node":{"base_url":"https://node.example"},"m.identity_server":{"base_url":"http://127.0.0.1:1"}}"#;
        let last = serve_paths(move |_| response("200 OK", document));
        let domain = serve_redirects(&format!("{}/h", last.base_url()));
        let flow = DiscoverFlow::new(node(&domain));
        let found = Transports::plain().run(transport, flow).unwrap();
        assert_eq!(found.node().unwrap().unwrap().to_string(), "https://node.example/");
        let id_server = found.identity_server().unwrap().unwrap();
        assert_eq!(id_server.to_string(), "http://127.0.0.1:1/");
        assert_eq!(asked(&domain), [FIRST, "/a/b", "/a/c?d", "/e/f"], "{transport:?}");
        assert_eq!(asked(&last), ["/h"]);
    }
}

#[test]
fn call_alone_returns_the_location() {
    for transport in BOTH {
        let target = serve_paths(|_| response("200 OK", "{}"));
        let location = format!("{}/h", target.base_url());
        let domain = serve_paths({
            let location = location.clone();
            move |_| redirect("308 Permanent Redirect", &location)
        });
        let result = Transports::plain().send(transport, &node(&domain), &Discover::new());
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::UnexpectedStatus);
        assert_eq!((error.status().as_u16(), error.location()), (308, Some(&*location)));
        assert_eq!(target.connections(), 0, "{transport:?} follows a redirect");
    }
}

#[test]
fn circles_and_endless_redirects_end() {
    for transport in BOTH {
        let run = |server: &ScriptedServer| {
            Transports::plain().run(transport, DiscoverFlow::new(node(server))).unwrap_err()
        };
        let circle = serve_paths(|_| redirect("302 Found", FIRST));
        let error = run(&circle);
        assert!(matches!(error, DiscoverError::TooManyRedirects(_)), "{error:?}");
        assert_eq!(asked(&circle), [FIRST]);

        let endless = serve_paths(|path| redirect("302 Found", &format!("{path}/x")));
        let error = run(&endless);
        assert!(matches!(error, DiscoverError::TooManyRedirects(_)), "{error:?}");
        assert_eq!(asked(&endless).len(), 6);
    }
}

#[test]
fn plain_http_elsewhere_is_not_requested() {
    for transport in BOTH {
        let domain = serve_redirects("http://node.example/");
        let flow = DiscoverFlow::new(node(&domain));
        let error = Transports::plain().run(transport, flow).unwrap_err();
        let DiscoverError::BadRedirect(error, invalid) = error else { panic!("{error:?}") };
        assert_eq!(invalid.rule(), Rule::InsecureHttp);
        assert_eq!(error.location(), Some("http://node.example/"));
    }
}

#[test]
fn redirect_target_receives_no_token() {
    for transport in BOTH {
        let target = serve_paths(|_| response("404 Not Found", ""));
        let domain = serve_redirects(&format!("{}/h", target.base_url()));
        let session = node(&domain).session(AccessToken::new("planted_token").unwrap());
        let id_token = IdAccessToken::new("planted_id_token").unwrap();
        let flow = RegisterFlow::new(session.clone(), node(&domain));
        Transports::plain().run(transport, flow.with_id_access_token(id_token)).unwrap_err();
        let bob = ThirdPartyId::email("bob@example.com").unwrap();
        let room_id = RoomId::new("!a:node.example").unwrap();
        let flow = InviteFlow::new(session, room_id, bob, node(&domain));
        let error = Transports::plain().run(transport, flow).unwrap_err();
        assert!(matches!(error, InviteError::NoIdentityServer), "{error:?}");
        assert_eq!(asked(&target), ["/h", "/h"]);
        for server in [&domain, &target] {
            let received = String::from_utf8(server.received()).unwrap();
            assert!(!received.contains("planted"), "{received}");
        }
    }
}
