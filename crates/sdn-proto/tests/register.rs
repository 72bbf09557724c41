//! What a registration asks for in which order, and what it ends with.

use bytes::Bytes;
use http::Response;
use sdn_proto::error::Rule;
use sdn_proto::flow::{
    CallFailure, Flow, Invite, InviteFailure, Register, RegisterFailure, Registered, Stage, Step,
};
use sdn_proto::{
    AccessToken, Delivery, Dialect, IdAccessToken, IdentityServer, Node, RoomId, ServerName,
    Session, ThirdPartyId, UserId,
};

type Outcome = Result<Registered, RegisterFailure>;

const WHOAMI: &str = "GET /client/v3/account/whoami";
const OPEN_ID: &str = "POST /client/v3/user/%40alice%3Anode.example/openid/request_token";
const REGISTER: &str = "POST /identity/v2/account/register";
const ACCOUNT: &str = "GET /identity/v2/account";
const TERMS: &str = "GET /identity/v2/terms";
const ACCEPT: &str = "POST /identity/v2/terms";
const INVITE: &str = "POST /client/v3/rooms/!a%3Anode.example/invite";

const ME: (u16, &str) = (200, r#"{"user_id":"@alice:node.example"}"#);
const OPEN_ID_TOKEN: (u16, &str) = (
    200,
    r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
);
const TOKEN: (u16, &str) = (200, r#"{"token":"new"}"#);
const POLICIES: (u16, &str) =
    (200, r#"{"policies":{"p":{"version":"1","en":{"name":"P","url":"https://id.example/p"}}}}"#);
const DONE: (u16, &str) = (200, "{}");
const UNSIGNED: (u16, &str) = (403, r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"no"}"#);
const REJECTED: (u16, &str) = (401, r#"{"errcode":"M_UNAUTHORIZED","error":"no"}"#);
const UNKNOWN_TOKEN: (u16, &str) = (401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"no"}"#);
const FORBIDDEN: (u16, &str) = (403, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#);

fn session() -> Session {
    Node::new("https://node.example").unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn id_server() -> ServerName {
    ServerName::new("id.example").unwrap()
}

fn old_token() -> IdAccessToken {
    IdAccessToken::new("old").unwrap()
}

fn register() -> Register {
    Register::new(session()).at(id_server())
}

/// Answers a flow until it ends, accepting all terms, and tells what it sent.
fn drive<F: Flow>(mut flow: F, answers: &[(u16, &'static str)]) -> (Vec<String>, F::Outcome) {
    let mut sent = Vec::new();
    let mut answers = answers.iter();
    loop {
        match flow.step() {
            Step::Send(outgoing) => {
                let request = outgoing.request();
                let path = request.uri().path().replace("/_api", "");
                sent.push(format!("{} {path}", request.method()));
                let (status, body) = *answers.next().unwrap_or_else(|| panic!("then {sent:?}"));
                let response = Response::builder().status(status);
                flow.response(&response.body(Bytes::from_static(body.as_bytes())).unwrap());
            }
            Step::Wait(_) => flow.waited(),
            Step::AcceptTerms(terms) => flow.accept(
                terms
                    .policies
                    .values()
                    .filter_map(|p| Some(p.in_language("en")?.url.clone()))
                    .collect(),
            ),
            Step::Done(outcome) => {
                assert_eq!(answers.len(), 0, "after {sent:?} it ends");
                return (sent, outcome);
            }
        }
    }
}

fn token(outcome: &Outcome) -> &str {
    outcome.as_ref().unwrap().id_access_token.expose()
}

#[test]
fn it_ends_with_the_token_and_where_it_is_for() {
    let (sent, outcome) = drive(register(), &[ME, OPEN_ID_TOKEN, TOKEN, ME]);
    assert_eq!(sent, [WHOAMI, OPEN_ID, REGISTER, ACCOUNT]);
    let registered = outcome.unwrap();
    assert_eq!(registered.id_access_token.expose(), "new");
    assert_eq!(registered.id_server, id_server());
    assert_eq!(registered.id_session.server(), &IdentityServer::at(&id_server()));
}

#[test]
fn who_the_user_is_need_not_be_asked() {
    let flow = register().with_user_id(UserId::new("@alice:node.example").unwrap());
    assert_eq!(drive(flow, &[OPEN_ID_TOKEN, TOKEN, ME]).0, [OPEN_ID, REGISTER, ACCOUNT]);
}

#[test]
fn a_token_that_the_server_takes_is_kept() {
    let (sent, outcome) = drive(register().with_id_access_token(old_token()), &[ME]);
    assert_eq!((sent, token(&outcome)), (vec![ACCOUNT.to_owned()], "old"));
}

#[test]
fn a_token_that_the_server_rejects_is_replaced_once() {
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
                Err(RegisterFailure::Failed(Stage::Account, CallFailure::Api(error)))
                    if error.status() == 401
            ),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_rejection_is_known_by_its_status_or_its_code() {
    for rejected in [(401, "{}"), (403, r#"{"errcode":"M_MISSING_TOKEN","error":"no"}"#)] {
        let flow = register().with_id_access_token(old_token());
        let (sent, _) = drive(flow, &[rejected, ME, OPEN_ID_TOKEN, TOKEN, ME]);
        assert_eq!(sent, [ACCOUNT, WHOAMI, OPEN_ID, REGISTER, ACCOUNT]);
    }
}

#[test]
fn a_server_that_fails_otherwise_keeps_its_token() {
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
fn terms_are_accepted_before_the_token_is_given_out() {
    let mut flow = register().with_id_access_token(old_token());
    let (sent, outcome) = drive(&mut flow, &[UNSIGNED, POLICIES, DONE, ME]);
    assert_eq!(sent, [ACCOUNT, TERMS, ACCEPT, ACCOUNT]);
    assert_eq!(token(&outcome), "old");

    // A server that is never content is not asked for ever.
    let answers = [ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, POLICIES, DONE, UNSIGNED];
    let (sent, outcome) = drive(register(), &answers);
    assert_eq!(sent[3..], [ACCOUNT, TERMS, ACCEPT, ACCOUNT]);
    assert!(matches!(outcome, Err(RegisterFailure::Failed(Stage::Terms, _))), "{outcome:?}");
}

#[test]
fn declined_terms_end_it_and_leave_the_token() {
    let mut flow = register().with_id_access_token(old_token());
    for (status, body) in [UNSIGNED, POLICIES] {
        let response = Response::builder().status(status).body(body.into()).unwrap();
        flow.response(&response);
    }
    assert!(matches!(flow.step(), Step::AcceptTerms(_)));
    flow.decline();
    assert!(matches!(flow.step(), Step::Done(Err(RegisterFailure::TermsDeclined))));
    assert_eq!(flow.id_access_token().unwrap().expose(), "old");
}

#[test]
fn the_domain_names_the_server_in_the_dialect_of_the_node() {
    let node = Node::new("https://node.example").unwrap().with_dialect(Dialect::Matrix);
    let session = node.session(AccessToken::new("syt_secret").unwrap());
    let domain = Node::new("https://example.com").unwrap();
    let flow = Register::new(session).discovering(domain).with_id_access_token(old_token());
    let found = (200, r#"{"m.identity_server":{"base_url":"https://id.example:8090"}}"#);
    let (sent, outcome) = drive(flow, &[found, ME]);
    assert_eq!(sent, ["GET /.well-known/matrix/client", "GET /_matrix/identity/v2/account"]);
    assert_eq!(outcome.unwrap().id_server.as_str(), "id.example:8090");

    for nothing in [(404, ""), (200, "{}")] {
        let domain = Node::new("https://example.com").unwrap();
        let (_, outcome) = drive(Register::new(self::session()).discovering(domain), &[nothing]);
        assert!(matches!(outcome, Err(RegisterFailure::NoIdentityServer)), "{outcome:?}");
    }
    let domain = Node::new("https://example.com").unwrap();
    let (_, outcome) = drive(Register::new(self::session()).discovering(domain), &[(500, "")]);
    assert!(matches!(outcome, Err(RegisterFailure::Failed(Stage::Discover, _))), "{outcome:?}");
    let outcome = drive(Register::new(self::session()), &[]).1;
    assert_eq!(outcome.unwrap_err().to_string(), "no identity server is known; name one");
}

/// The identity server that a flow uses, or why none, where a domain names this one.
fn discovered(domain: &str, base_url: &str) -> Result<String, RegisterFailure> {
    let flow = Register::new(session()).discovering(Node::new(domain).unwrap());
    let mut flow = flow.with_id_access_token(old_token());
    let document = format!(r#"{{"m.identity_server":{{"base_url":"{base_url}"}}}}"#);
    flow.response(&Response::new(document.into()));
    if let Step::Send(_) = flow.step() {
        flow.response(&Response::new(ME.1.into()));
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
        let failure = discovered("https://example.com", base_url).unwrap_err();
        let RegisterFailure::BadIdentityServer(invalid) = failure else { panic!("{failure:?}") };
        assert_eq!(invalid.rule(), Rule::Loopback, "{base_url}");
        let shown = InviteFailure::from(failure).to_string();
        assert_eq!(
            shown,
            "the domain names a bad identity server URL: leads to this machine, and the domain that names it does not; \
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
        let failure = discovered("https://example.com", base_url).unwrap_err();
        let RegisterFailure::BadIdentityServer(invalid) = failure else { panic!("{failure:?}") };
        assert_eq!(invalid.rule(), rule, "{base_url}");
    }
}

#[test]
fn what_brings_no_answer_is_told_with_its_stage() {
    let mut flow = register();
    flow.failed(Delivery::NotSent);
    let Step::Done(Err(failure)) = flow.step() else { panic!("{flow:?}") };
    assert_eq!(failure.to_string(), "asking the node who you are failed: it could not be reached");
    assert_eq!(
        InviteFailure::from(failure).to_string(),
        "nobody was invited: asking the node who you are failed: it could not be reached"
    );
}

#[test]
fn an_invitation_that_is_refused_leaves_the_token_of_its_registration() {
    let room_id = RoomId::new("!a:node.example").unwrap();
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    let mut flow = Invite::new(session(), room_id, bob).at(id_server());
    assert!(flow.id_access_token().is_none());
    let (sent, outcome) = drive(&mut flow, &[ME, OPEN_ID_TOKEN, TOKEN, ME, FORBIDDEN]);
    assert_eq!(sent[4], INVITE);
    assert!(matches!(outcome, Err(InviteFailure::Refused(_))), "{outcome:?}");
    assert_eq!(flow.id_access_token().unwrap().expose(), "new");
}
