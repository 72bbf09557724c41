//! Answers every step of every flow with every kind of answer and failure, and watches what the flows do.

use std::collections::HashMap;
use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use sdn_proto::flow::{Accept, Flow, Invite, Outgoing, PendingInvitations, Register, Revoke, Step};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    AccessToken, Delivery, IdAccessToken, IdentityServer, Node, RoomId, ServerName, Session,
    ThirdPartyId,
};

const NODE_TOKEN: &str = "NODE_SECRET";
const ID_TOKEN: &str = "IDS_SECRET";
const OPEN_ID_TOKEN: &str = "OPEN_TOKEN_SECRET";
const PRIVATE_KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";

/// Room for two waits of seven seconds.
const BUDGET: Duration = Duration::from_secs(20);

fn session() -> Session {
    Node::new("https://node.example").unwrap().session(AccessToken::new(NODE_TOKEN).unwrap())
}

fn room() -> RoomId {
    RoomId::new("!a:node.example").unwrap()
}

/// Something that can be told to a flow.
#[derive(Debug, Clone)]
enum Event {
    Answer(u16, &'static str, &'static str),
    Failed(Delivery),
    Waited,
    Accepted,
    Declined,
}

/// Answers that any server may give to anything.
const ANY: &[(u16, &str, &str)] = &[
    (200, "", "{}"),
    (200, "", "[]"),
    (200, "", "nonsense"),
    (204, "", ""),
    (302, "", ""),
    (400, "", r#"{"errcode":"M_UNRECOGNIZED","error":"no"}"#),
    (401, "", r#"{"errcode":"M_UNKNOWN_TOKEN","error":"no"}"#),
    (401, "", r#"{"errcode":"M_UNAUTHORIZED","error":"no"}"#),
    (403, "", r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
    (403, "", r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"no"}"#),
    (404, "", "<html>"),
    (404, "", r#"{"errcode":"M_NOT_FOUND","error":"no"}"#),
    (429, "7", r#"{"errcode":"M_LIMIT_EXCEEDED","error":"no"}"#),
    (429, "99999999999", r#"{"errcode":"M_LIMIT_EXCEEDED","error":"no"}"#),
    (500, "", r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#),
    (502, "", "<html>"),
];

/// What a good server answers to a request.
fn good(path: &str) -> &'static [&'static str] {
    match path {
        _ if path.ends_with("/client/v3/account/whoami") => {
            &[r#"{"user_id":"@alice:node.example"}"#]
        }
        _ if path.ends_with("/openid/request_token") => &[
            r#"{"access_token":"OPEN_TOKEN_SECRET","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
        ],
        _ if path.ends_with("/.well-known/sdn/client") => {
            &[r#"{"m.identity_server":{"base_url":"https://id.example"}}"#]
        }
        _ if path.ends_with("/account/register") => &[r#"{"token":"IDS_SECRET"}"#],
        _ if path.ends_with("/identity/v2/account") => &[r#"{"user_id":"@alice:node.example"}"#],
        _ if path.ends_with("/identity/v2/terms") => &[
            r#"{"policies":{"p":{"version":"1","en":{"name":"P","url":"https://id.example/p"}}}}"#,
        ],
        _ if path.ends_with("/hash_details") => {
            &[r#"{"algorithms":["sha256"],"lookup_pepper":"matrixrocks"}"#]
        }
        _ if path.ends_with("/lookup") => &[
            r#"{"mappings":{}}"#,
            r#"{"mappings":{"LJwSazmv46n0hlMlsb_iYxI0_HXEqy_yj6Jm636cdT8":"@bob:node.example"}}"#,
        ],
        _ if path.ends_with("/sign-ed25519") => &[
            r#"{"mxid":"@alice:node.example","sender":"@bob:node.example","token":"tok","signatures":{"id.example":{"ed25519:0":"c2ln"}}}"#,
        ],
        _ if path.ends_with("/store-invite") => {
            &[r#"{"token":"t","public_keys":[],"display_name":"b"}"#]
        }
        _ if path.ends_with("/join") => &[r#"{"room_id":"!a:node.example"}"#],
        _ if path.ends_with("/state") => &[
            r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@alice:node.example","content":{"membership":"invite"}}]"#,
        ],
        _ if path.contains("/state/m.room.third_party_invite/") => &[
            r#"{"event_id":"$e"}"#,
            r#"{"display_name":"b","key_validity_url":"https://id.example/x","public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"}"#,
        ],
        _ => &[],
    }
}

fn events_for<O>(step: &Step<O>) -> Vec<Event> {
    match step {
        Step::Send(outgoing) => {
            let good = good(outgoing.request().uri().path())
                .iter()
                .map(|body| Event::Answer(200, "", body));
            let any = ANY.iter().map(|&(status, delay, body)| Event::Answer(status, delay, body));
            let failures =
                [Delivery::NotSent, Delivery::Answered, Delivery::Unknown].map(Event::Failed);
            good.chain(any).chain(failures).collect()
        }
        Step::Wait(_) => vec![Event::Waited],
        Step::AcceptTerms(_) => vec![Event::Accepted, Event::Declined],
        Step::Done(_) => vec![],
    }
}

fn tell(flow: &mut impl Flow, event: &Event) {
    match event {
        Event::Answer(status, delay, body) => {
            let mut response = Response::builder().status(*status);
            if !delay.is_empty() {
                response = response.header("retry-after", *delay);
            }
            flow.response(&response.body(Bytes::from_static(body.as_bytes())).unwrap());
        }
        Event::Failed(delivery) => flow.failed(*delivery),
        Event::Waited => flow.waited(),
        Event::Accepted => flow.accept(vec!["https://id.example/p".to_owned()]),
        Event::Declined => flow.decline(),
    }
}

/// No request carries a token that is not for the server it goes to.
fn check_tokens(outgoing: &Outgoing) {
    let request = outgoing.request();
    let host = request.uri().host().unwrap();
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap());
    let body = std::str::from_utf8(request.body()).unwrap();
    let path = request.uri().path();
    let uri = request.uri().to_string();
    for secret in [NODE_TOKEN, ID_TOKEN, OPEN_ID_TOKEN] {
        assert!(!uri.contains(secret), "{uri}");
    }
    match host {
        "node.example" => {
            assert_eq!(header, Some("Bearer NODE_SECRET"), "{path}");
            assert!(
                !body.contains(NODE_TOKEN)
                    && !body.contains(OPEN_ID_TOKEN)
                    && !body.contains(PRIVATE_KEY)
            );
            assert!(!body.contains(ID_TOKEN) || path.ends_with("/invite"), "{path}");
        }
        "id.example" => {
            assert!(!body.contains(NODE_TOKEN) && !body.contains(ID_TOKEN), "{path}");
            assert!(matches!(header, None | Some("Bearer IDS_SECRET")), "{path}");
            assert!(!body.contains(OPEN_ID_TOKEN) || path.ends_with("/account/register"), "{path}");
            assert!(!body.contains(PRIVATE_KEY) || path.ends_with("/sign-ed25519"), "{path}");
        }
        "example.com" => assert!(header.is_none() && body.is_empty()),
        _ => panic!("a request to {host}"),
    }
    let shown = format!("{outgoing:?}");
    for secret in [NODE_TOKEN, ID_TOKEN, OPEN_ID_TOKEN, PRIVATE_KEY] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Whatever error repeats the request, also where nothing in it looks like a secret: no secret gets into the flow.
fn check_echo<F: Flow + Clone + Debug>(flow: &F, outgoing: &Outgoing)
where
    F::Outcome: Debug,
{
    let request = outgoing.request();
    let header = request.headers().get("authorization").map_or("", |value| value.to_str().unwrap());
    let body = std::str::from_utf8(request.body()).unwrap();
    let words = format!("{header} {body}").replace(['"', ':'], " ").replace("Bearer", "");
    for (status, code) in [
        (401, "M_UNKNOWN_TOKEN"),
        (403, "M_FORBIDDEN"),
        (403, "M_TERMS_NOT_SIGNED"),
        (404, "M_NOT_FOUND"),
        (429, "M_LIMIT_EXCEEDED"),
        (500, "M_UNKNOWN"),
        (500, &words),
    ] {
        let body = serde_json::json!({"errcode": code, "error": words, "retry_after_ms": 7});
        let response = Response::builder().status(status).body(body.to_string().into()).unwrap();
        let mut flow = flow.clone();
        flow.response(&response);
        let shown = format!("{flow:?} {:?}", flow.step());
        for secret in [NODE_TOKEN, ID_TOKEN, OPEN_ID_TOKEN, PRIVATE_KEY] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// What has happened on the way to a state, as far as it matters for what may come.
#[derive(Debug, Clone, Default)]
struct Seen {
    waited: Duration,
    /// An invitation may have arrived: none must follow.
    may_have_arrived: bool,
    /// Nobody knows whether one arrived: the flow has to say so.
    is_unknown: bool,
    invitations: usize,
}

/// All states that were reached, each with the number of steps to its farthest end; `None` while it is being explored.
type States = HashMap<String, Option<usize>>;

/// Explores what can come after a state. A state that leads back to itself would be a journey without end.
fn explore<F: Flow + Clone + Debug>(flow: &F, seen: &Seen, states: &mut States) -> usize
where
    F::Outcome: Debug,
{
    let key = format!("{flow:?} {seen:?}");
    match states.get(&key) {
        Some(Some(longest)) => return *longest,
        Some(None) => panic!("it never ends: {key}"),
        None => states.insert(key.clone(), None),
    };
    let longest = explore_events(flow, seen, states);
    states.insert(key, Some(longest));
    longest
}

fn explore_events<F: Flow + Clone + Debug>(flow: &F, seen: &Seen, states: &mut States) -> usize
where
    F::Outcome: Debug,
{
    let step = flow.step();
    let mut seen = seen.clone();
    let mut is_invitation = false;
    for shown in [format!("{step:?}"), format!("{flow:?}")] {
        for secret in [NODE_TOKEN, ID_TOKEN, OPEN_ID_TOKEN, PRIVATE_KEY] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    match &step {
        Step::Send(outgoing) => {
            check_tokens(outgoing);
            check_echo(flow, outgoing);
            is_invitation = outgoing.request().uri().path().ends_with("/invite");
            assert!(!is_invitation || !seen.may_have_arrived, "sent twice: {flow:?}");
            seen.invitations += usize::from(is_invitation);
        }
        Step::Wait(duration) => seen.waited += *duration,
        Step::Done(outcome) => {
            check_that_the_end_is_the_end(flow);
            let says_so = format!("{outcome:?}").starts_with("Err(Unknown(");
            assert!(seen.invitations == 0 || says_so == seen.is_unknown, "{outcome:?}");
        }
        _ => {}
    }
    assert!(seen.waited <= BUDGET, "it waits beyond its budget: {flow:?}");
    let mut longest = 0;
    for event in events_for(&step) {
        let mut next = flow.clone();
        tell(&mut next, &event);
        let mut seen = seen.clone();
        // A success, and a proxy's page, which says nothing of what the node behind it did.
        let is_unknown = matches!(
            event,
            Event::Answer(200, _, "nonsense")
                | Event::Answer(204 | 502, ..)
                | Event::Failed(Delivery::Unknown | Delivery::Answered)
        );
        seen.is_unknown |= is_invitation && is_unknown;
        seen.may_have_arrived |=
            is_invitation && (is_unknown || matches!(event, Event::Answer(200, ..)));
        longest = longest.max(1 + explore(&next, &seen, states));
    }
    longest
}

/// Nothing that it is told moves a flow that has ended.
fn check_that_the_end_is_the_end<F: Flow + Clone>(flow: &F)
where
    F::Outcome: std::fmt::Debug,
{
    let end = format!("{:?}", flow.step());
    let all = [
        Event::Answer(200, "", "{}"),
        Event::Failed(Delivery::NotSent),
        Event::Waited,
        Event::Accepted,
        Event::Declined,
    ];
    for event in &all {
        let mut flow = flow.clone();
        tell(&mut flow, event);
        assert_eq!(format!("{:?}", flow.step()), end);
    }
}

/// Explores everything, and gives the number of steps of the longest journey.
fn explore_all<F: Flow + Clone + Debug>(flow: &F) -> usize
where
    F::Outcome: Debug,
{
    explore(flow, &Seen::default(), &mut States::new())
}

fn invite() -> Invite {
    Invite::new(session(), room(), ThirdPartyId::email("bob@example.com").unwrap())
        .with_wait_budget(BUDGET)
}

fn id_server() -> ServerName {
    ServerName::new("id.example").unwrap()
}

#[test]
fn an_invitation_ends_whatever_happens_and_is_never_sent_twice() {
    let domain = Node::new("https://example.com").unwrap();
    let token = || IdAccessToken::new(ID_TOKEN).unwrap();
    let from_nothing = explore_all(&invite().discovering(domain));
    assert!(from_nothing > 12, "the whole journey was not seen: {} steps", from_nothing);
    explore_all(&invite().at(id_server()).with_id_access_token(token()));
    explore_all(&invite().at(id_server()).with_id_access_token(token()).looking());
    explore_all(&invite().at(id_server()).probing());
}

#[test]
fn a_registration_ends_whatever_happens() {
    let register = || Register::new(session());
    let token = || IdAccessToken::new(ID_TOKEN).unwrap();
    let discovering = || register().discovering(Node::new("https://example.com").unwrap());
    // Whoami, OpenID, register, account, terms, the person, accept, account.
    assert_eq!(explore_all(&register().at(id_server())), 8);
    assert_eq!(explore_all(&discovering()), 9);
    // The token that is given is asked about once more.
    assert_eq!(explore_all(&register().at(id_server()).with_id_access_token(token())), 9);
    assert_eq!(explore_all(&discovering().with_id_access_token(token())), 10);
    assert_eq!(explore_all(&register()), 0);
}

#[test]
fn the_other_flows_end_whatever_happens() {
    let token = || InviteToken::new("tok").unwrap();
    let key = InvitePrivateKey::new(PRIVATE_KEY).unwrap();
    let id_session =
        IdentityServer::at(&id_server()).session(IdAccessToken::new(ID_TOKEN).unwrap());
    explore_all(
        &Accept::signed_by_server(session(), id_session, room(), token(), key)
            .with_wait_budget(BUDGET),
    );
    explore_all(&Revoke::new(session(), room(), token()));
    explore_all(&PendingInvitations::new(session(), room()));
}
