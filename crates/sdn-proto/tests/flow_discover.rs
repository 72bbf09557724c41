//! The requests and the outcome of a discovery.

mod support;

use std::error::Error;
use std::io;

use sdn_proto::flow::{
    DiscoverError, DiscoverFlow, Discovered, Flow, InviteError, InviteFlow, RegisterError,
    RegisterFlow, Step,
};
use sdn_proto::{
    ApiErrorKind, CallError, Dialect, InviteStatus, Node, Rule, ThirdPartyId, TransportError,
    TransportErrorKind,
};
use support::*;

const DOMAIN: &str = "https://example.com";
const ASKED: &str = "https://example.com/.well-known/sdn/client";
const SERVERS: Reply = Reply::Response(
    200,
    r#"{"m.node":{"base_url":"https://node.example"},"m.identity_server":{"base_url":"https://id.example"}}"#,
);

type Outcome = Result<Discovered, DiscoverError>;

/// Runs the flow, and returns the URLs of its requests, which have no headers and no body.
fn discover(domain: &str, replies: &[Reply]) -> (Vec<String>, Outcome) {
    let mut flow = DiscoverFlow::new(Node::new(domain).unwrap());
    let (mut asked, mut replies) = (Vec::new(), replies.iter());
    loop {
        match flow.step() {
            Step::Send(outgoing) => {
                assert_eq!(outgoing.max_response_bytes(), 64 * 1024);
                let request = outgoing.into_request();
                assert_eq!(request.method(), "GET");
                assert!(request.headers().is_empty() && request.body().is_empty(), "{request:?}");
                asked.push(request.uri().to_string());
                replies.next().unwrap_or_else(|| panic!("no reply: {asked:?}")).pass_to(&mut flow);
            }
            Step::Wait(delay) => panic!("it waits {delay:?}"),
            Step::Done(outcome) => {
                assert_eq!(replies.len(), 0, "it ended after {asked:?}");
                return (asked, outcome);
            }
        }
    }
}

/// Returns where a redirect of `domain` leads.
fn redirected(domain: &str, location: &'static str) -> String {
    let (asked, outcome) = discover(domain, &[Redirect(302, location), SERVERS]);
    assert!(outcome.is_ok(), "{location}: {outcome:?}");
    asked[1].clone()
}

/// Returns the rule that a redirect of `domain` breaks.
fn broken_rule(domain: &str, location: &'static str) -> Rule {
    let (asked, outcome) = discover(domain, &[Redirect(302, location)]);
    let Err(DiscoverError::BadRedirect(error, invalid)) = outcome else {
        panic!("{location}: {outcome:?}")
    };
    assert_eq!((asked.len(), error.location()), (1, Some(location)));
    assert_eq!(invalid.field(), "redirect");
    invalid.rule()
}

#[test]
fn document_names_both_servers() {
    let (asked, outcome) = discover(DOMAIN, &[SERVERS]);
    assert_eq!(asked, [ASKED]);
    let found = outcome.unwrap();
    assert_eq!(found.node().unwrap().unwrap().to_string(), "https://node.example/");
    assert_eq!(found.identity_server().unwrap().unwrap().to_string(), "https://id.example/");
}

#[test]
fn missing_document_names_nothing() {
    for reply in [NOT_FOUND, Reply::Response(404, "<html>"), DONE] {
        for replies in [&[reply][..], &[Redirect(301, "/elsewhere"), reply]] {
            let found = discover(DOMAIN, replies).1.unwrap();
            assert!(found.node().is_none() && found.identity_server().is_none());
        }
    }
}

#[test]
fn only_some_redirect_statuses_are_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (asked, outcome) = discover(DOMAIN, &[Redirect(status, "/a"), SERVERS]);
        assert_eq!(asked, [ASKED, "https://example.com/a"], "{status}");
        assert!(outcome.is_ok(), "{status}");
    }
    for status in [300, 304, 305, 306, 399, 200, 201, 403, 502] {
        let (asked, outcome) = discover(DOMAIN, &[Redirect(status, "/a")]);
        assert_eq!(asked.len(), 1, "{status}");
        assert!(matches!(outcome, Err(DiscoverError::Failed(_))), "{status}: {outcome:?}");
    }
}

#[test]
fn location_is_relative_to_its_url() {
    for (location, expected) in [
        ("https://www.example.com/", "https://www.example.com/"),
        ("https://www.example.com", "https://www.example.com/"),
        ("HTTPS://WWW.Example.COM:443/A?b#c", "https://www.example.com/A?b"),
        ("https://www.example.com?b", "https://www.example.com/?b"),
        ("https://[2001:DB8::1]:8448/a", "https://[2001:db8::1]:8448/a"),
        ("//www.example.com:8448/a/../b", "https://www.example.com:8448/b"),
        ("/a", "https://example.com/a"),
        ("a", "https://example.com/.well-known/sdn/a"),
        ("../matrix/client", "https://example.com/.well-known/matrix/client"),
        ("?a", "https://example.com/.well-known/sdn/client?a"),
        ("../../../..", "https://example.com/"),
        ("/%2e%2e/a%20b//c", "https://example.com/%2e%2e/a%20b//c"),
    ] {
        assert_eq!(redirected(DOMAIN, location), expected, "{location}");
    }
    let replies = [Redirect(301, "https://www.example.com/a/b"), Redirect(302, "c"), SERVERS];
    assert_eq!(discover(DOMAIN, &replies).0[2], "https://www.example.com/a/c");
}

#[test]
fn redirect_leads_to_https_elsewhere() {
    for domain in [DOMAIN, "https://192.168.0.1", "https://[2001:db8::1]"] {
        for (location, rule) in [
            ("http://example.com/.well-known/sdn/client", Rule::InsecureHttp),
            ("http://sub.localhost/", Rule::InsecureHttp),
            ("http://localhost/", Rule::Loopback),
            ("https://localhost/", Rule::Loopback),
            ("https://a.LOCALHOST./", Rule::Loopback),
            ("http://127.0.0.1:8008/", Rule::Loopback),
            ("//127.0.0.1/", Rule::Loopback),
            ("https://[::1]/", Rule::Loopback),
            ("https://[::ffff:127.0.0.1]/", Rule::Loopback),
            ("https://0.0.0.0/", Rule::Loopback),
            ("https://user:password@www.example.com/", Rule::HasUserinfo),
            ("https://www.example.com\\@localhost/", Rule::HasUserinfo),
            ("ftp://www.example.com/", Rule::UnsupportedScheme),
            ("mailto:alice@example.com", Rule::UnsupportedScheme),
            ("javascript:alert(1)", Rule::UnsupportedScheme),
            ("https:/a", Rule::InvalidHost),
            ("https:a", Rule::InvalidHost),
            ("///a", Rule::InvalidHost),
            ("https://a..b/", Rule::InvalidHost),
            ("https://127.1/", Rule::InvalidHost),
            ("https://a:65536/", Rule::InvalidPort),
            ("/a b", Rule::InvalidCharacter),
            ("/<a>", Rule::InvalidCharacter),
        ] {
            assert_eq!(broken_rule(domain, location), rule, "{domain} to {location}");
        }
    }
}

#[test]
fn loopback_domain_may_redirect_to_http() {
    for domain in ["http://127.0.0.1:8008", "https://localhost", "http://[::1]"] {
        for location in ["http://127.0.0.1:8009/", "http://localhost/a", "https://localhost/"] {
            assert_eq!(redirected(domain, location), location);
        }
        assert_eq!(redirected(domain, "https://example.com/"), "https://example.com/");
        assert_eq!(broken_rule(domain, "http://example.com/"), Rule::InsecureHttp);
    }
    assert_eq!(
        redirected("http://127.0.0.1:8008/sub/", "a"),
        "http://127.0.0.1:8008/sub/.well-known/sdn/a"
    );
    // Plain http that is allowed by name is allowed only for that domain.
    let mut flow = DiscoverFlow::new(Node::new_insecure("http://example.com").unwrap());
    Redirect(302, "/a").pass_to(&mut flow);
    let Step::Done(Err(DiscoverError::BadRedirect(_, invalid))) = flow.step() else { panic!() };
    assert_eq!(invalid.rule(), Rule::InsecureHttp);
}

#[test]
fn way_back_to_loopback_is_closed() {
    let remote = Redirect(302, "https://example.com/");
    for location in ["http://127.0.0.1:8008/", "https://localhost/"] {
        let (_, outcome) = discover("http://127.0.0.1:8008", &[remote, Redirect(302, location)]);
        let Err(DiscoverError::BadRedirect(_, invalid)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(invalid.rule(), Rule::Loopback);
    }
    let local = Reply::Response(
        200,
        r#"{"m.node":{"base_url":"http://127.0.0.1"},"m.identity_server":{"base_url":"https://localhost"}}"#,
    );
    let found = discover("http://127.0.0.1:8008", &[remote, local]).1.unwrap();
    assert_eq!(found.node().unwrap().unwrap_err().rule(), Rule::Loopback);
    assert_eq!(found.identity_server().unwrap().unwrap_err().rule(), Rule::Loopback);
    let found = discover("http://127.0.0.1:8008", &[local]).1.unwrap();
    assert!(found.node().unwrap().is_ok() && found.identity_server().unwrap().is_ok());
}

#[test]
fn five_redirects_are_followed() {
    let redirects = ["/1", "/2", "/3", "/4", "/5", "/6"].map(|location| Redirect(302, location));
    let replies = [&redirects[..5], &[SERVERS]].concat();
    assert!(discover(DOMAIN, &replies).1.is_ok());
    let (asked, outcome) = discover(DOMAIN, &redirects);
    assert_eq!(asked.len(), 6);
    let error = outcome.unwrap_err();
    assert!(matches!(error, DiscoverError::TooManyRedirects(_)), "{error:?}");
    assert_eq!(error.api_error().unwrap().location(), Some("/6"));
    assert_eq!(
        error.to_string(),
        "the domain redirects too often or in a circle, the last time to /6"
    );
}

#[test]
fn no_url_is_requested_twice() {
    for location in
        ["", "client", ASKED, "#a", "HTTPS://EXAMPLE.com:443/a/../.well-known/sdn/client"]
    {
        let (asked, outcome) = discover(DOMAIN, &[Redirect(302, location)]);
        assert_eq!(asked, [ASKED]);
        assert!(matches!(outcome, Err(DiscoverError::TooManyRedirects(_))), "{outcome:?}");
    }
    let circle =
        [Redirect(302, "https://www.example.com/"), Redirect(302, "/a"), Redirect(302, "/")];
    let (asked, outcome) = discover(DOMAIN, &circle);
    assert_eq!(asked, [ASKED, "https://www.example.com/", "https://www.example.com/a"]);
    assert!(matches!(outcome, Err(DiscoverError::TooManyRedirects(_))), "{outcome:?}");
    // The path's case matters.
    assert!(discover(DOMAIN, &[Redirect(302, "Client"), SERVERS]).1.is_ok());
}

#[test]
fn failure_keeps_the_servers_error() {
    for (reply, kind) in [
        (FORBIDDEN, ApiErrorKind::Refused),
        (BAD_GATEWAY, ApiErrorKind::UnexpectedStatus),
        (Reply::Response(302, ""), ApiErrorKind::UnexpectedStatus),
        (Reply::Response(200, "[]"), ApiErrorKind::Malformed),
    ] {
        let error = discover(DOMAIN, &[Redirect(302, "/a"), reply]).1.unwrap_err();
        assert_eq!(error.api_error().unwrap().kind(), kind, "{error}");
        let text = "asking the domain for its servers failed: ";
        assert!(error.to_string().starts_with(text), "{error}");
    }
    let error = discover(DOMAIN, &[NOT_SENT]).1.unwrap_err();
    assert!(matches!(error, DiscoverError::Failed(CallError::Transport(_))), "{error:?}");
    assert!(error.api_error().is_none());
}

#[test]
fn failure_keeps_its_cause() {
    let refused = || TransportError::new(TransportErrorKind::Connect, io::Error::other("refused"));
    let shown = |error: &dyn Error| error.source().map(ToString::to_string);
    let fail = |mut flow: DiscoverFlow| {
        flow.received(Err(refused()));
        let Step::Done(Err(error)) = flow.step() else { panic!("{flow:?}") };
        error
    };
    let error = fail(DiscoverFlow::new(Node::new(DOMAIN).unwrap()));
    assert_eq!(shown(&error).as_deref(), Some("refused"));
    assert_eq!(shown(&RegisterError::NotDiscovered(error.clone())).as_deref(), Some("refused"));
    assert_eq!(shown(&InviteError::NotDiscovered(error)).as_deref(), Some("refused"));
    let error = discover(DOMAIN, &[Redirect(302, "")]).1.unwrap_err();
    assert!(error.source().is_none());
    let error = discover(DOMAIN, &[Redirect(302, "ftp://a")]).1.unwrap_err();
    assert!(error.source().is_none());
}

#[test]
fn bad_redirect_shows_its_location() {
    let location = "http://example.com/?access_token=SECRET";
    let error = discover(DOMAIN, &[Redirect(302, location)]).1.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the domain redirects to http://example.com/?access_token=[redacted], which is not allowed: \
         would send tokens over plain http; use https://, or allow plain http by name"
    );
    assert!(!format!("{error:?}").contains("SECRET"));
}

#[test]
fn redirected_url_hides_its_secrets() {
    let mut flow = DiscoverFlow::new(Node::new(DOMAIN).unwrap());
    for location in ["/?access_token=SECRET", "/a?access_token=SECRET", "/b"] {
        Redirect(302, location).pass_to(&mut flow);
        let Step::Send(outgoing) = flow.step() else { panic!("{flow:?}") };
        assert!(outgoing.request().uri().to_string().ends_with(location), "{outgoing:?}");
        assert!(outgoing.path().is_empty(), "its path is not a call's");
        assert!(!format!("{flow:?} {outgoing:?}").contains("SECRET"));
    }
}

#[test]
fn dialect_stays_over_redirects() {
    let domain = Node::new(DOMAIN).unwrap().with_dialect(Dialect::Matrix);
    let document = Reply::Response(
        200,
        r#"{"m.node":{"base_url":"https://a"},"m.homeserver":{"base_url":"https://b"},"m.identity_server":{"base_url":"https://c"}}"#,
    );
    let replies = [Redirect(302, "https://www.example.com/"), document];
    let (steps, outcome) = drive(DiscoverFlow::new(domain), &replies);
    assert_eq!(steps, ["GET example.com /.well-known/matrix/client", "GET www.example.com /"]);
    let found = outcome.unwrap();
    let (node, server) =
        (found.node().unwrap().unwrap(), found.identity_server().unwrap().unwrap());
    assert_eq!((node.to_string(), node.dialect()), ("https://b/".to_owned(), Dialect::Matrix));
    assert_eq!((server.to_string(), server.dialect()), ("https://c/".to_owned(), Dialect::Matrix));
}

#[test]
fn register_flow_follows_the_nodes_redirect() {
    let flow =
        || RegisterFlow::new(session(), session().node().clone()).with_id_access_token(id_token());
    let redirect = Redirect(302, "https://www.example.com/sdn");
    let (steps, outcome) = drive(flow(), &[redirect, SERVERS, ME]);
    let expected =
        ["GET node.example /.well-known/sdn/client", "GET www.example.com /sdn", ACCOUNT];
    assert_eq!(steps, expected);
    assert_eq!(outcome.unwrap().id_server, id_server());

    let (_, outcome) = drive(flow(), &[redirect, NOT_FOUND]);
    assert!(matches!(outcome, Err(RegisterError::NoIdentityServer)), "{outcome:?}");
    let error = drive(flow(), &[redirect, redirect]).1.unwrap_err();
    assert!(error.api_error().is_some());
    assert!(error.to_string().starts_with("the domain redirects too often"), "{error}");
}

#[test]
fn undiscovered_invitation_is_not_sent() {
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    let flow = InviteFlow::new(session(), room_id(), bob, session().node().clone());
    let error = drive(flow, &[Redirect(302, "http://example.com/")]).1.unwrap_err();
    assert!(matches!(error, InviteError::NotDiscovered(_)), "{error:?}");
    assert_eq!(InviteStatus::from(&error), InviteStatus::NotSent);
    assert_eq!(error.api_error().unwrap().status(), 302);
    let text = "nobody was invited: the domain redirects to http://example.com/, which is";
    assert!(error.to_string().starts_with(text), "{error}");
}
