//! The requests and the outcome of a registration.

mod support;

use sdn_proto::flow::{
    Flow, IdentityServerAt, InviteError, InviteFlow, RegisterError, RegisterFlow, Registered,
    Stage, Step,
};
use sdn_proto::http::Response;
use sdn_proto::{
    AccessToken, CallError, Dialect, IdAccessToken, IdentityServer, Node, Rule, ThirdPartyId,
    UserId,
};
use support::*;

type Outcome = Result<Registered, RegisterError>;

const OPEN_ID: &str =
    "POST node.example /client/v3/user/%40alice%3Anode.example/openid/request_token";
const REGISTER: &str = "POST id.example /identity/v2/account/register";
const ACCEPT: &str = "POST id.example /identity/v2/terms";
const INVITE: &str = "POST node.example /client/v3/rooms/!a%3Anode.example/invite";

const OPEN_ID_TOKEN: Reply = Reply::Response(
    200,
    r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
);
const TOKEN: Reply = Reply::Response(200, r#"{"token":"new"}"#);
const UNKNOWN_TOKEN: Reply = Reply::Response(401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"no"}"#);

fn old_token() -> IdAccessToken {
    IdAccessToken::new("old").unwrap()
}

fn register() -> RegisterFlow {
    RegisterFlow::new(session(), id_server())
}

fn domain() -> IdentityServerAt {
    IdentityServerAt::Discover(Node::new("https://example.com").unwrap())
}

fn token(outcome: &Outcome) -> &str {
    outcome.as_ref().unwrap().id_access_token.expose()
}

#[test]
fn registration_returns_token_and_server() {
    let (sent, outcome) = drive(register(), &[ME, OPEN_ID_TOKEN, TOKEN, ME]);
    assert_eq!(sent, [WHOAMI, OPEN_ID, REGISTER, ACCOUNT]);
    let registered = outcome.unwrap();
    assert_eq!(registered.id_access_token.expose(), "new");
    assert_eq!(registered.id_server, id_server());
    assert_eq!(registered.id_session.server(), &IdentityServer::at(&id_server()));
}

#[test]
fn openid_response_is_passed_on_unchanged() {
    for name in [
        r#""matrix_server_name":"node.example","#,
        r#""sdn_server_name":"1b2c3d4e5f60718293a4b5c6d7e8f90011223344","#,
        r#""sendingnetwork_server_name":"1b2c3d4e5f60718293a4b5c6d7e8f90011223344","#,
        r#""sdn_server_name":null,"#,
        "",
    ] {
        let response = format!(
            r#"{{"token_type":"Bearer",{name}"x":[1.50],"access_token":"oid","expires_in":9}}"#
        );
        let mut flow = register().with_user_id(UserId::new("@alice:node.example").unwrap());
        flow.received(Ok(Response::new(response.clone().into())));
        let Step::Send(outgoing) = flow.step() else { panic!("{name}: {flow:?}") };
        assert!(outgoing.is::<sdn_proto::identity::Register>(), "{name}: {outgoing:?}");
        assert_eq!(outgoing.request().body(), &response);
    }
}

#[test]
fn known_user_id_skips_whoami() {
    let flow = register().with_user_id(UserId::new("@alice:node.example").unwrap());
    assert_eq!(drive(flow, &[OPEN_ID_TOKEN, TOKEN, ME]).0, [OPEN_ID, REGISTER, ACCOUNT]);
}

#[test]
fn accepted_token_is_kept() {
    let (sent, outcome) = drive(register().with_id_access_token(old_token()), &[ME]);
    assert_eq!((sent, token(&outcome)), (vec![ACCOUNT.to_owned()], "old"));
}

#[test]
fn rejected_token_is_replaced_once() {
    for rejected in [REJECTED, UNKNOWN_TOKEN] {
        let flow = register().with_id_access_token(old_token());
        let (sent, outcome) = drive(flow, &[rejected, ME, OPEN_ID_TOKEN, TOKEN, ME]);
        assert_eq!(sent, [ACCOUNT, WHOAMI, OPEN_ID, REGISTER, ACCOUNT]);
        assert_eq!(token(&outcome), "new");

        let flow = register().with_id_access_token(old_token());
        let (_, outcome) = drive(flow, &[rejected, ME, OPEN_ID_TOKEN, TOKEN, rejected]);
        assert!(
            matches!(
                &outcome,
                Err(RegisterError::Failed(Stage::Account, CallError::Api(error)))
                    if error.status() == 401
            ),
            "{outcome:?}"
        );
    }
}

#[test]
fn rejection_is_a_status_or_code() {
    for rejected in [
        Reply::Response(401, "{}"),
        Reply::Response(403, r#"{"errcode":"M_MISSING_TOKEN","error":"no"}"#),
    ] {
        let flow = register().with_id_access_token(old_token());
        let (sent, _) = drive(flow, &[rejected, ME, OPEN_ID_TOKEN, TOKEN, ME]);
        assert_eq!(sent, [ACCOUNT, WHOAMI, OPEN_ID, REGISTER, ACCOUNT]);
    }
}

#[test]
fn other_failure_keeps_the_token() {
    let mut flow = register().with_id_access_token(old_token());
    let (sent, outcome) = drive(&mut flow, &[FORBIDDEN]);
    assert_eq!(sent, [ACCOUNT]);
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "asking the identity server about your account failed: 403 M_FORBIDDEN: no"
    );
    assert_eq!(flow.id_access_token().unwrap().expose(), "old");
}

#[test]
fn accepted_terms_continue_the_registration() {
    let mut flow = register().with_id_access_token(old_token());
    let (sent, outcome) = drive(&mut flow, &[UNSIGNED, POLICIES]);
    assert_eq!(sent, [ACCOUNT, TERMS]);
    assert_eq!(flow.id_access_token().unwrap().expose(), "old");
    let Err(RegisterError::Terms(pending)) = outcome else { panic!("{outcome:?}") };
    let policy = pending.terms().policies["p"].in_language("en").unwrap();
    let next = pending.clone().accept(vec![policy.url.clone()]);
    let (sent, outcome) = drive(next, &[DONE, ME]);
    assert_eq!(sent, [ACCEPT, ACCOUNT]);
    assert_eq!(token(&outcome), "old");
}

#[test]
fn terms_are_requested_once() {
    let replies = [ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, POLICIES];
    let (_, outcome) = drive(register(), &replies);
    let Err(RegisterError::Terms(pending)) = outcome else { panic!("{outcome:?}") };
    let (sent, outcome) = drive(pending.accept(vec![]), &[DONE, UNSIGNED]);
    assert_eq!(sent, [ACCEPT, ACCOUNT]);
    assert!(matches!(outcome, Err(RegisterError::Failed(Stage::Terms, _))), "{outcome:?}");
}

#[test]
fn unaccepted_terms_are_an_error() {
    let (_, outcome) = drive(register(), &[ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, POLICIES]);
    let error = outcome.unwrap_err();
    assert_eq!(error.to_string(), "the identity server's terms are not accepted");
    assert!(error.api_error().is_none());
}

#[test]
fn domain_names_server_in_dialect() {
    let node = Node::new("https://node.example").unwrap().with_dialect(Dialect::Matrix);
    let session = node.session(AccessToken::new("syt_secret").unwrap());
    let flow = RegisterFlow::new(session, domain()).with_id_access_token(old_token());
    let found =
        Reply::Response(200, r#"{"m.identity_server":{"base_url":"https://id.example:8090"}}"#);
    let (sent, outcome) = drive(flow, &[found, ME]);
    let expected = [
        "GET example.com /.well-known/matrix/client",
        "GET id.example /_matrix/identity/v2/account",
    ];
    assert_eq!(sent, expected);
    assert_eq!(outcome.unwrap().id_server.as_str(), "id.example:8090");
}

#[test]
fn domain_without_server_is_an_error() {
    let discovering = || RegisterFlow::new(session(), domain());
    for nothing in [(404, ""), (200, "{}")] {
        let (_, outcome) = drive(discovering(), &[Reply::Response(nothing.0, nothing.1)]);
        let error = outcome.unwrap_err();
        assert!(matches!(error, RegisterError::NoIdentityServer), "{error:?}");
        assert_eq!(error.to_string(), "no identity server is known; name one");
    }
    let (_, outcome) = drive(discovering(), &[Reply::Response(500, "")]);
    assert!(matches!(outcome, Err(RegisterError::NotDiscovered(_))), "{outcome:?}");
}

/// Returns the identity server that a flow uses, or its error, if a domain names this one.
fn discovered(domain: &str, base_url: &str) -> Result<String, RegisterError> {
    let at = IdentityServerAt::Discover(Node::new(domain).unwrap());
    let mut flow = RegisterFlow::new(session(), at).with_id_access_token(old_token());
    let document = format!(r#"{{"m.identity_server":{{"base_url":"{base_url}"}}}}"#);
    flow.received(Ok(Response::new(document.into())));
    if let Step::Send(_) = flow.step() {
        ME.pass_to(&mut flow);
    }
    let Step::Done(outcome) = flow.step() else { panic!("{flow:?}") };
    outcome.map(|registered| registered.id_session.server().to_string())
}

#[test]
fn remote_domain_must_not_name_loopback() {
    for base_url in [
        "http://127.0.0.1:8090",
        "https://127.0.0.1",
        "http://localhost",
        "https://LOCALHOST.:8090",
        "https://sub.localhost",
        "http://[::1]:8090",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[::]",
        "https://0.0.0.0",
    ] {
        let error = discovered("https://example.com", base_url).unwrap_err();
        let RegisterError::BadIdentityServer(invalid) = &error else { panic!("{error:?}") };
        assert_eq!(invalid.rule(), Rule::Loopback, "{base_url}");
        assert_eq!(
            error.to_string(),
            "the domain names a bad identity server URL: leads to this machine, but the domain that names it does not; \
             name another server"
        );
        for domain in ["http://127.0.0.1:8008", "https://localhost", "http://[::1]"] {
            assert!(discovered(domain, base_url).is_ok(), "{domain} names {base_url}");
        }
    }
}

#[test]
fn bad_discovered_server_has_its_rule() {
    for (base_url, rule) in [
        ("nowhere", Rule::MissingScheme),
        ("http://id.example", Rule::InsecureHttp),
        ("http://sub.localhost", Rule::InsecureHttp),
        ("https://id.example/path", Rule::HasPath),
    ] {
        let error = discovered("https://example.com", base_url).unwrap_err();
        let RegisterError::BadIdentityServer(invalid) = error else { panic!("{error:?}") };
        assert_eq!(invalid.rule(), rule, "{base_url}");
    }
}

#[test]
fn failure_names_stage_and_cause() {
    let (_, outcome) = drive(register(), &[NOT_SENT]);
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "getting your user ID from the node failed: cannot connect to the server"
    );
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    let (_, outcome) = drive(InviteFlow::new(session(), room_id(), bob, id_server()), &[NOT_SENT]);
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "nobody was invited: getting your user ID from the node failed: cannot connect to the server"
    );
}

#[test]
fn refused_invitation_keeps_the_new_token() {
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    let mut flow = InviteFlow::new(session(), room_id(), bob, id_server());
    assert!(flow.id_access_token().is_none());
    let (sent, outcome) = drive(&mut flow, &[ME, OPEN_ID_TOKEN, TOKEN, ME, FORBIDDEN]);
    assert_eq!(sent[4], INVITE);
    assert!(matches!(outcome, Err(InviteError::Refused(_))), "{outcome:?}");
    assert_eq!(flow.id_access_token().unwrap().expose(), "new");
}
