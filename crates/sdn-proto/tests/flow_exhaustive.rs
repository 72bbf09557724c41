//! Passes every kind of response and failure to every step of every flow, and checks the flow's
//! rules.

mod support;

use std::collections::HashMap;
use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use sdn_proto::client::Login;
use sdn_proto::flow::{
    AcceptError, AcceptFlow, Challenge, DiscoverError, DiscoverFlow, Discovered, Flow,
    IdentityServerAt, InviteError, InviteFlow, LoginError, LoginFlow, RegisterError, RegisterFlow,
    Registered, RevokeError, RevokeFlow, Revoked, SignedLoginFlow, Step,
};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    IdAccessToken, IdentityServer, Node, Outgoing, RoomId, Signature, ThirdPartyId,
    TransportErrorKind, WalletAddress,
};
use support::{id_server, id_token, room_id, session};

const NODE_TOKEN: &str = "NODE_SECRET";
const ID_TOKEN: &str = "IDS_SECRET";
const OPEN_ID_TOKEN: &str = "OPEN_TOKEN_SECRET";
const PRIVATE_KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";
/// The signatures of `hello` by a wallet and a developer key, and the token that a node returns for
/// them.
const SIGNATURE: &str = "0xe5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a1b";
const APP_SIGNATURE: &str = "0x9bc682e9f6f30bde13c466b808900dc7d8d89d5d9b71e580f206f71a149c018c7daa06cb5e3a0a6bbd3d825d31ece8130859e302da9670f543e89a21add786c51c";
const LOGIN_TOKEN: &str = "LOGIN_SECRET";
const SECRETS: [&str; 7] =
    [NODE_TOKEN, ID_TOKEN, OPEN_ID_TOKEN, PRIVATE_KEY, SIGNATURE, APP_SIGNATURE, LOGIN_TOKEN];

/// Enough for two waits of seven seconds.
const BUDGET: Duration = Duration::from_secs(20);

/// The flow that continues an ended one after its terms are accepted, if it has terms.
trait Ending {
    type Next;
    fn next(self) -> Option<Self::Next>;
}

fn accepted() -> Vec<String> {
    vec!["https://id.example/p".to_owned()]
}

impl Ending for Result<Registered, RegisterError> {
    type Next = RegisterFlow;
    fn next(self) -> Option<RegisterFlow> {
        match self {
            Err(RegisterError::Terms(pending)) => Some(pending.accept(accepted())),
            _ => None,
        }
    }
}

impl Ending for Result<sdn_proto::flow::Invited, InviteError> {
    type Next = InviteFlow;
    fn next(self) -> Option<InviteFlow> {
        match self {
            Err(InviteError::Terms(pending)) => Some(pending.accept(accepted())),
            _ => None,
        }
    }
}

impl Ending for Result<RoomId, AcceptError> {
    type Next = AcceptFlow;
    fn next(self) -> Option<AcceptFlow> {
        None
    }
}

impl Ending for Result<Discovered, DiscoverError> {
    type Next = DiscoverFlow;
    fn next(self) -> Option<DiscoverFlow> {
        None
    }
}

impl Ending for Result<Revoked, RevokeError> {
    type Next = RevokeFlow;
    fn next(self) -> Option<RevokeFlow> {
        None
    }
}

/// The wallet signs between the two flows, and [`login_ends_and_is_sent_once`] continues with that.
impl Ending for Result<Challenge, LoginError> {
    type Next = LoginFlow;
    fn next(self) -> Option<LoginFlow> {
        None
    }
}

impl Ending for Result<Login, LoginError> {
    type Next = SignedLoginFlow;
    fn next(self) -> Option<SignedLoginFlow> {
        None
    }
}

/// Something that can happen to a flow.
#[derive(Debug, Clone)]
enum Event {
    Answer(u16, &'static str, &'static str),
    Redirect(&'static str),
    Failed(TransportErrorKind),
    Waited,
}

/// Responses that any server may send to any request.
const ANY: &[(u16, &str, &str)] = &[
    (200, "", "{}"),
    (200, "", "[]"),
    (200, "", "nonsense"),
    (204, "", ""),
    (302, "", ""),
    (400, "", r#"{"errcode":"M_UNRECOGNIZED","error":"no"}"#),
    (400, "", r#"{"errcode":"M_SERVER_NOT_TRUSTED","error":"no"}"#),
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

/// Returns the responses of a correct server to a request.
fn good(path: &str) -> &'static [&'static str] {
    match path {
        _ if path.ends_with("/client/v3/account/whoami") => {
            &[r#"{"user_id":"@alice:node.example"}"#]
        }
        _ if path.ends_with("/openid/request_token") => &[
            r#"{"access_token":"OPEN_TOKEN_SECRET","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
        ],
        _ if is_discovery(path) => &[r#"{"m.identity_server":{"base_url":"https://id.example"}}"#],
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
        _ if path.contains("/client/unstable/address/") => &[
            r#"{"data":["did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf"]}"#,
            r#"{"data":null}"#,
        ],
        _ if path.ends_with("/did/pre_login1") => &[
            r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u","random_server":"r"}"#,
            r#"{"did":"did:pkh:eip155:1:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u"}"#,
        ],
        _ if path.ends_with("/did/login") => &[
            r#"{"access_token":"LOGIN_SECRET","user_id":"@sdn_a:a","device_id":"D"}"#,
            r#"{"access_token":"LOGIN_SECRET","user_id":"@sdn_b:b"}"#,
            r#"{"access_token":"LOGIN_SECRET","user_id":""}"#,
            r#"{"access_token":"","user_id":"@sdn_a:a","errcode":"M_FORBIDDEN"}"#,
            r#"{"errorcode":"M_FORBIDDEN","error":"no"}"#,
        ],
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

/// Redirects of a domain: ever deeper, to another path, in a circle, or to a URL that is not
/// allowed.
const REDIRECTS: [&str; 4] = ["x/", "https://example.com/y/", "", "http://localhost/"];

/// Redirects lead to any path.
fn is_discovery(path: &str) -> bool {
    !path.starts_with("/_api/")
}

fn events_for<O>(step: &Step<O>) -> Vec<Event> {
    match step {
        Step::Send(outgoing) => {
            let good = good(outgoing.request().uri().path())
                .iter()
                .map(|body| Event::Answer(200, "", body));
            let any = ANY.iter().map(|&(status, delay, body)| Event::Answer(status, delay, body));
            let failures = [TransportErrorKind::Connect, TransportErrorKind::ConnectionLost]
                .map(Event::Failed);
            let redirects = REDIRECTS.map(Event::Redirect).into_iter();
            let redirects = redirects.filter(|_| is_discovery(outgoing.request().uri().path()));
            good.chain(any).chain(failures).chain(redirects).collect()
        }
        Step::Wait(_) => vec![Event::Waited],
        Step::Done(_) => vec![],
    }
}

fn pass(flow: &mut impl Flow, event: &Event) {
    match event {
        Event::Answer(status, delay, body) => {
            let mut response = Response::builder().status(*status);
            if !delay.is_empty() {
                response = response.header("retry-after", *delay);
            }
            flow.received(Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap()));
        }
        Event::Redirect(location) => {
            let response = Response::builder().status(302).header("location", *location);
            flow.received(Ok(response.body(Bytes::new()).unwrap()));
        }
        Event::Failed(kind) => flow.received(Err((*kind).into())),
        Event::Waited => flow.waited(),
    }
}

/// Checks that no request has a token that is not for its server.
fn check_tokens(outgoing: &Outgoing) {
    let request = outgoing.request();
    let host = request.uri().host().unwrap();
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap());
    let body = std::str::from_utf8(request.body()).unwrap();
    let path = request.uri().path();
    let uri = request.uri().to_string();
    for secret in SECRETS {
        assert!(!uri.contains(secret), "{uri}");
    }
    match host {
        "node.example" => {
            // A login has no token yet.
            let is_login = path.contains("/client/unstable/");
            assert_eq!(header, (!is_login).then_some("Bearer NODE_SECRET"), "{path}");
            let is_signed = body.contains(SIGNATURE) || body.contains(APP_SIGNATURE);
            assert_eq!(is_signed, path.ends_with("/did/login"), "{path}");
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
        "example.com" => {
            assert!(request.headers().is_empty() && body.is_empty());
            assert_eq!(request.uri().scheme_str(), Some("https"));
        }
        _ => panic!("a request to {host}"),
    }
    let shown = format!("{outgoing:?}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Checks that the flow contains no secret, even if an error repeats the request in any form.
fn check_echo<F: Flow + Clone + Debug>(flow: &F, outgoing: &Outgoing)
where
    F::Outcome: Debug,
{
    let request = outgoing.request();
    let header = request.headers().get("authorization").map_or("", |value| value.to_str().unwrap());
    let body = std::str::from_utf8(request.body()).unwrap();
    let words = format!("{header} {body}").replace(['"', ':'], " ").replace("Bearer", "");
    for (status, code) in [
        (200, "M_FORBIDDEN"),
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
        flow.received(Ok(response));
        let shown = format!("{flow:?} {:?}", flow.step());
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// The part of a state's history that decides which steps may follow.
#[derive(Debug, Clone, Default)]
struct Seen {
    waited: Duration,
    /// An invitation or a login may have arrived, so no other must follow.
    may_have_arrived: bool,
    /// No response shows whether it arrived, so the flow's outcome must be unknown.
    is_unknown: bool,
    sent_once: usize,
}

/// All reached states, each with the maximum number of steps to an end; `None` while it is being
/// explored.
type States = HashMap<String, Option<usize>>;

/// Explores the states after a state. A state that leads back to itself would be an endless flow.
fn explore<F: Flow + Clone + Debug>(flow: &F, seen: &Seen, states: &mut States) -> usize
where
    F::Outcome: Debug + Ending<Next = F>,
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
    F::Outcome: Debug + Ending<Next = F>,
{
    let step = flow.step();
    let mut seen = seen.clone();
    let (mut is_once, mut is_login) = (false, false);
    for shown in [format!("{step:?}"), format!("{flow:?}")] {
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    match &step {
        Step::Send(outgoing) => {
            check_tokens(outgoing);
            check_echo(flow, outgoing);
            let path = outgoing.request().uri().path();
            is_login = path.ends_with("/did/login");
            is_once = path.ends_with("/invite") || is_login;
            assert!(!is_once || !seen.may_have_arrived, "sent twice: {flow:?}");
            seen.sent_once += usize::from(is_once);
        }
        Step::Wait(duration) => seen.waited += *duration,
        Step::Done(outcome) => {
            check_that_the_end_is_the_end(flow);
            let says_so = format!("{outcome:?}").starts_with("Err(Unknown(");
            assert!(seen.sent_once == 0 || says_so == seen.is_unknown, "{outcome:?}");
        }
    }
    assert!(seen.waited <= BUDGET, "it waits beyond its budget: {flow:?}");
    let mut longest = 0;
    for event in events_for(&step) {
        let mut next = flow.clone();
        pass(&mut next, &event);
        let mut seen = seen.clone();
        // A proxy's page says nothing about the node behind it.
        let is_unknown = match event {
            Event::Answer(200, _, body) if is_login => {
                !body.contains(r#""user_id":"@sdn_"#) && !body.contains("M_FORBIDDEN")
            }
            Event::Answer(status, _, body) => {
                matches!((status, body), (200, "nonsense") | (204 | 502, _))
            }
            Event::Failed(kind) => kind != TransportErrorKind::Connect,
            Event::Redirect(_) | Event::Waited => false,
        };
        seen.is_unknown |= is_once && is_unknown;
        seen.may_have_arrived |= is_once && (is_unknown || matches!(event, Event::Answer(200, ..)));
        longest = longest.max(1 + explore(&next, &seen, states));
    }
    if let Step::Done(outcome) = step {
        if let Some(next) = outcome.next() {
            longest = longest.max(1 + explore(&next, &seen, states));
        }
    }
    longest
}

/// Checks that a flow that has ended ignores responses.
fn check_that_the_end_is_the_end<F: Flow + Clone>(flow: &F)
where
    F::Outcome: std::fmt::Debug,
{
    let end = format!("{:?}", flow.step());
    let all =
        [Event::Answer(200, "", "{}"), Event::Failed(TransportErrorKind::Connect), Event::Waited];
    for event in &all {
        let mut flow = flow.clone();
        pass(&mut flow, event);
        assert_eq!(format!("{:?}", flow.step()), end);
    }
}

/// Explores everything, and returns the number of steps of the longest flow.
fn explore_all<F: Flow + Clone + Debug>(flow: &F) -> usize
where
    F::Outcome: Debug + Ending<Next = F>,
{
    explore(flow, &Seen::default(), &mut States::new())
}

fn invite(at: impl Into<IdentityServerAt>) -> InviteFlow {
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    InviteFlow::new(session(), room_id(), bob, at).with_wait_budget(BUDGET)
}

fn domain() -> IdentityServerAt {
    IdentityServerAt::Discover(Node::new("https://example.com").unwrap())
}

#[test]
fn invitation_ends_and_is_sent_once() {
    let from_nothing = explore_all(&invite(domain()));
    assert!(from_nothing > 12, "the longest way was not seen: {from_nothing} steps");
    explore_all(&invite(id_server()).with_id_access_token(id_token()));
    explore_all(&invite(id_server()).with_id_access_token(id_token()).with_room_check());
    explore_all(&invite(domain()).with_room_check());
    explore_all(&invite(id_server()).with_probe());
}

#[test]
fn registration_ends() {
    let register = |at: IdentityServerAt| RegisterFlow::new(session(), at).with_wait_budget(BUDGET);
    // whoami, OpenID, register, account, terms, the person, accept, account; and two waits of seven
    // seconds, each with the call again.
    assert_eq!(explore_all(&register(id_server().into())), 12);
    // Five redirects, and the document.
    assert_eq!(explore_all(&register(domain())), 18);
    // The caller's token is checked first.
    assert_eq!(explore_all(&register(id_server().into()).with_id_access_token(id_token())), 13);
    assert_eq!(explore_all(&register(domain()).with_id_access_token(id_token())), 19);
}

#[test]
fn discovery_ends_after_five_redirects() {
    let flow = DiscoverFlow::new(Node::new("https://example.com").unwrap());
    // Six requests, and two waits of seven seconds, each with the request again.
    assert_eq!(explore_all(&flow.with_wait_budget(BUDGET)), 10);
}

#[test]
fn login_ends_and_is_sent_once() {
    let node = Node::new("https://node.example").unwrap();
    let address = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let begin = LoginFlow::new(node, WalletAddress::new(address).unwrap());
    let begin = begin.with_wait_budget(BUDGET);
    // The DIDs, a message, and two waits of seven seconds, each with the call again.
    assert_eq!(explore_all(&begin), 6);

    let mut flow = begin;
    let challenge = loop {
        match flow.step() {
            Step::Send(outgoing) => {
                let body = good(outgoing.request().uri().path())[0];
                pass(&mut flow, &Event::Answer(200, "", body));
            }
            Step::Wait(_) => flow.waited(),
            Step::Done(outcome) => break outcome.unwrap(),
        }
    };
    let signed = challenge.answer(Signature::new(SIGNATURE).unwrap()).unwrap();
    let signed = signed.with_developer_signature(Signature::new(APP_SIGNATURE).unwrap());
    assert_eq!(explore_all(&signed), 5);
}

#[test]
fn other_flows_end() {
    let token = || InviteToken::new("tok").unwrap();
    let key = InvitePrivateKey::new(PRIVATE_KEY).unwrap();
    let id_session =
        IdentityServer::at(&id_server()).session(IdAccessToken::new(ID_TOKEN).unwrap());
    explore_all(
        &AcceptFlow::signed_by_server(session(), id_session, room_id(), token(), key)
            .with_wait_budget(BUDGET),
    );
    explore_all(&RevokeFlow::new(session(), room_id(), token()).with_wait_budget(BUDGET));
}
