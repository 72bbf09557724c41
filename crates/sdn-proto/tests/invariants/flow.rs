//! A flow ends within a bounded number of steps and a bounded wait, for any responses. It never
//! sends an invitation again that may have arrived. Each server gets only its own secrets. The flow
//! ignores input that it has not asked for.

use std::fmt::Debug;
use std::time::Duration;

use arbitrary::{Error, Result, Unstructured};
use sdn_proto::bytes::Bytes;
use sdn_proto::client::Login;
use sdn_proto::flow::{
    AcceptError, AcceptFlow, Challenge, Flow, IdentityServerAt, InviteError, InviteFlow, Invited,
    LoginError, LoginFlow, RegisterError, RegisterFlow, Registered, RevokeError, RevokeFlow,
    Revoked, SignedLoginFlow, Step,
};
use sdn_proto::generate::HostileText;
use sdn_proto::http::{Request, Response, StatusCode};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::signed::SignedPendingInvite;
use sdn_proto::{
    AccessToken, IdAccessToken, IdentityServer, Node, RoomId, ServerName, Session, Signature,
    ThirdPartyId, TransportError, TransportErrorKind, UserId, WalletAddress,
};
use serde_json::{Map, Value, json};

use super::servers::{
    APP_SIGNATURE, ID_TOKEN, NODE_TOKEN, PRIVATE_KEY, SECRETS, SIGNATURE, Watch, good, is_discovery,
};

const MAX_STEPS: usize = 80;
const MAX_WAITS: usize = 10;
const BUDGET: Duration = Duration::from_secs(20);

/// Makes a flow and its servers from `data`, and runs the flow to its end.
pub fn check(data: &[u8]) {
    // An error means that a server would send a secret that it does not know.
    let _ = draw(&mut Unstructured::new(data));
}

fn session() -> Session {
    Node::new("https://node.example").unwrap().session(AccessToken::new(NODE_TOKEN).unwrap())
}

fn room() -> RoomId {
    RoomId::new("!a:node.example").unwrap()
}

fn draw(u: &mut Unstructured<'_>) -> Result<()> {
    let token = || InviteToken::new("tok").unwrap();
    let key = || InvitePrivateKey::new(PRIVATE_KEY).unwrap();
    let name = || ServerName::new("id.example").unwrap();
    match u.int_in_range(0..=8)? {
        0 => {
            let server = IdentityServer::at(&name());
            let id_session = server.session(IdAccessToken::new(ID_TOKEN).unwrap());
            let flow = AcceptFlow::signed_by_server(session(), id_session, room(), token(), key());
            accept(u, flow, Watch::new().at_id_server().with_id_token())
        }
        1 => {
            let sender = u.arbitrary::<bool>()?.then(|| UserId::new("@bob:node.example").unwrap());
            let flow =
                AcceptFlow::signed_locally(session(), name(), room(), sender, token(), key());
            accept(u, flow, Watch::new())
        }
        2 => {
            let invite: SignedPendingInvite = serde_json::from_value(pending_invite(u)?).unwrap();
            let proof = serde_json::to_value(&invite.signed).unwrap();
            accept(u, AcceptFlow::pending(session(), invite), Watch::new().with_proof(proof))
        }
        3 => {
            let budget = budget(u)?;
            let flow = RevokeFlow::new(session(), room(), token()).with_wait_budget(budget);
            run(u, flow, Watch::new(), budget, |_, _| {})
        }
        4 if u.arbitrary()? => register(u),
        4 => login(u),
        _ => invite(u),
    }
}

fn budget(u: &mut Unstructured<'_>) -> Result<Duration> {
    Ok(if u.arbitrary()? { BUDGET } else { Duration::ZERO })
}

fn pending_invite(u: &mut Unstructured<'_>) -> Result<serde_json::Value> {
    let mut signed = serde_json::json!({
        "mxid": "@alice:node.example", "token": "tok", "signatures": {"id.example": {"ed25519:0": "c2ln"}},
    });
    if u.arbitrary()? {
        signed["sender"] = "@bob:node.example".into();
    }
    Ok(serde_json::json!({
        "medium": "email", "address": "alice@example.com", "mxid": "@alice:node.example",
        "room_id": "!a:node.example", "sender": "@bob:node.example", "signed": signed,
    }))
}

fn accept(u: &mut Unstructured<'_>, flow: AcceptFlow, watch: Watch) -> Result<()> {
    let budget = budget(u)?;
    let flow = flow.with_wait_budget(budget);
    run(u, flow, watch, budget, |outcome, watch| match outcome {
        Ok(_) => assert!(watch.succeeded),
        Err(error) => {
            let is_unknown = matches!(error, AcceptError::Unknown(_));
            assert!(watch.is_unknown.is_none_or(|expected| expected == is_unknown), "{error:?}");
            if let AcceptError::NotSent(_) = error {
                assert!(!watch.may_have_arrived);
            }
        }
    })
}

fn place(u: &mut Unstructured<'_>) -> Result<(IdentityServerAt, Watch)> {
    Ok(if u.arbitrary()? {
        (ServerName::new("id.example").unwrap().into(), Watch::new().at_id_server())
    } else {
        (IdentityServerAt::Discover(Node::new("https://example.com").unwrap()), Watch::new())
    })
}

fn register(u: &mut Unstructured<'_>) -> Result<()> {
    let (at, mut watch) = place(u)?;
    let budget = budget(u)?;
    let mut flow = RegisterFlow::new(session(), at).with_wait_budget(budget);
    if u.arbitrary()? {
        flow = flow.with_id_access_token(IdAccessToken::new(ID_TOKEN).unwrap());
        watch = watch.with_id_token();
    }
    run(u, flow, watch, budget, |outcome, watch| {
        if let Ok(registered) = outcome {
            assert_eq!(Some(registered.id_access_token.expose()), watch.id_token.as_deref());
        }
    })
}

/// Runs one of the two flows of a login. The wallet signs between them.
fn login(u: &mut Unstructured<'_>) -> Result<()> {
    let budget = budget(u)?;
    let address = WalletAddress::new("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf").unwrap();
    let flow = LoginFlow::new(Node::new("https://node.example").unwrap(), address);
    let mut flow = flow.with_wait_budget(budget);
    if u.arbitrary()? {
        return run(u, flow, Watch::new(), budget, |_, watch| assert!(!watch.may_have_arrived));
    }
    for body in [r#"{"data":[]}"#, r#"{"did":"did:web:x","message":"hello","updated":"u"}"#] {
        flow.received(Ok(Response::new(body.into())));
    }
    let Step::Done(Ok(challenge)) = flow.step() else { panic!("{flow:?}") };
    let mut signed = challenge.answer(Signature::new(SIGNATURE).unwrap()).unwrap();
    if u.arbitrary()? {
        signed = signed.with_developer_signature(Signature::new(APP_SIGNATURE).unwrap());
    }
    run(u, signed, Watch::new(), budget, |outcome, watch| match outcome {
        Ok(_) => assert!(watch.succeeded),
        Err(error) => {
            let is_unknown = matches!(error, LoginError::Unknown(_));
            assert!(watch.is_unknown.is_none_or(|expected| expected == is_unknown), "{error:?}");
            if let LoginError::NotSent(_) = error {
                assert!(!watch.may_have_arrived);
            }
        }
    })
}

fn invite(u: &mut Unstructured<'_>) -> Result<()> {
    let invitee = ThirdPartyId::email("bob@example.com").unwrap();
    let (at, mut watch) = place(u)?;
    let mut flow = InviteFlow::new(session(), room(), invitee, at);
    if u.arbitrary()? {
        flow = flow.with_id_access_token(IdAccessToken::new(ID_TOKEN).unwrap());
        watch = watch.with_id_token();
    }
    if u.arbitrary()? {
        flow = flow.with_user_id(UserId::new("@alice:node.example").unwrap());
    }
    let budget = budget(u)?;
    flow = flow.with_wait_budget(budget);
    if u.arbitrary()? {
        flow = flow.with_room_check();
    }
    if u.arbitrary()? {
        flow = flow.with_probe();
    }
    run(u, flow, watch, budget, |outcome, watch| match outcome {
        Ok(invited) => {
            assert!(watch.succeeded);
            assert_eq!(Some(invited.id_access_token.expose()), watch.id_token.as_deref());
        }
        Err(error) => {
            let is_unknown = matches!(error, InviteError::Unknown(..));
            assert!(watch.is_unknown.is_none_or(|expected| expected == is_unknown), "{error:?}");
            if let InviteError::NotSent(_) | InviteError::Before(..) = error {
                assert!(!watch.may_have_arrived);
            }
        }
    })
}

fn run<F: Flow + Clone + Debug>(
    u: &mut Unstructured<'_>,
    mut flow: F,
    mut watch: Watch,
    budget: Duration,
    check_end: impl Fn(&F::Outcome, &Watch),
) -> Result<()>
where
    F::Outcome: Debug + Ending<Flow = F>,
{
    let (mut waits, mut last) = (Vec::new(), None);
    for _ in 0..MAX_STEPS {
        let step = flow.step();
        for shown in [format!("{flow:?}"), format!("{step:?}")] {
            assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{shown}");
        }
        check_that_nothing_else_moves_it(&flow, &step);
        match step {
            Step::Send(outgoing) => {
                let request = outgoing.request();
                watch.sends(request);
                if u.ratio(1, 8)? {
                    let kind = *u.choose(&FAILURES)?;
                    watch.fails(request, TransportError::from(kind).delivery());
                    flow.received(Err(kind.into()));
                } else {
                    let response = answer(u, request)?;
                    watch.is_answered(request, &response);
                    flow.received(Ok(response));
                }
                last = Some(outgoing);
            }
            Step::Wait(delay) => {
                waits.push(delay);
                let is_within =
                    waits.len() <= MAX_WAITS && waits.iter().sum::<Duration>() <= budget;
                assert!(is_within, "it waits beyond its budget: {flow:?}");
                watch.waits(last.as_ref().unwrap().request());
                flow.waited();
            }
            Step::Done(outcome) => {
                check_end(&outcome, &watch);
                match outcome.terms() {
                    Some(accept) if u.ratio(7, 8)? => {
                        let urls = 0..u.int_in_range(0..=2)?;
                        let urls = urls.map(|_| Ok(u.arbitrary::<HostileText>()?.0));
                        let urls = urls.collect::<Result<Vec<_>>>()?;
                        only_known_secrets(&urls.concat(), "")?;
                        flow = accept(urls);
                    }
                    _ => return Ok(()),
                }
            }
        }
    }
    panic!("it does not end: {flow:?}");
}

fn check_that_nothing_else_moves_it<F: Flow + Clone + Debug>(flow: &F, step: &Step<F::Outcome>) {
    let mut other = flow.clone();
    if !matches!(step, Step::Send(_)) {
        other.received(Ok(Response::new(Bytes::from_static(b"{}"))));
        other.received(Err(TransportErrorKind::Connect.into()));
    }
    if !matches!(step, Step::Wait(_)) {
        other.waited();
    }
    assert_eq!(format!("{flow:?}"), format!("{other:?}"));
}

/// Accepts the URLs of terms and returns the flow that continues.
type Accept<F> = Box<dyn FnOnce(Vec<String>) -> F>;

/// The end of a flow. If it ends at terms, accepting them continues it.
trait Ending {
    type Flow;
    fn terms(self) -> Option<Accept<Self::Flow>>;
}

impl Ending for std::result::Result<Registered, RegisterError> {
    type Flow = RegisterFlow;
    fn terms(self) -> Option<Accept<RegisterFlow>> {
        match self {
            Err(RegisterError::Terms(pending)) => Some(Box::new(|urls| pending.accept(urls))),
            _ => None,
        }
    }
}

impl Ending for std::result::Result<Invited, InviteError> {
    type Flow = InviteFlow;
    fn terms(self) -> Option<Accept<InviteFlow>> {
        match self {
            Err(InviteError::Terms(pending)) => Some(Box::new(|urls| pending.accept(urls))),
            _ => None,
        }
    }
}

impl Ending for std::result::Result<RoomId, AcceptError> {
    type Flow = AcceptFlow;
    fn terms(self) -> Option<Accept<AcceptFlow>> {
        None
    }
}

impl Ending for std::result::Result<Challenge, LoginError> {
    type Flow = LoginFlow;
    fn terms(self) -> Option<Accept<LoginFlow>> {
        None
    }
}

impl Ending for std::result::Result<Login, LoginError> {
    type Flow = SignedLoginFlow;
    fn terms(self) -> Option<Accept<SignedLoginFlow>> {
        None
    }
}

impl Ending for std::result::Result<Revoked, RevokeError> {
    type Flow = RevokeFlow;
    fn terms(self) -> Option<Accept<RevokeFlow>> {
        None
    }
}

const FAILURES: [TransportErrorKind; 4] = [
    TransportErrorKind::Connect,
    TransportErrorKind::GoingAway,
    TransportErrorKind::TotalTimeout,
    TransportErrorKind::Other,
];

const CODES: [&str; 11] = [
    "M_UNKNOWN",
    "M_UNKNOWN_TOKEN",
    "M_UNAUTHORIZED",
    "M_TERMS_NOT_SIGNED",
    "M_LIMIT_EXCEEDED",
    "M_NOT_FOUND",
    "M_FORBIDDEN",
    "M_INVALID_PEPPER",
    "M_THREEPID_IN_USE",
    "M_UNRECOGNIZED",
    "M_SERVER_NOT_TRUSTED",
];

const DELAYS: [&str; 6] =
    ["0", "1", "7", "99999999999", "Mon, 23 Nov 2026 07:15:09 GMT", "nonsense"];

/// References that all URL parsers resolve to the same URL.
const LOCATIONS: [&str; 14] = [
    "",
    "client",
    "x/",
    "../y",
    "/../a//b/./c",
    "?q=1#f",
    "//www.example.com",
    "https://www.example.com:8448/a/..",
    "HTTPS://EXAMPLE.COM:443/.well-known/sdn/client",
    "https://[2001:DB8::1]/",
    "http://example.com/",
    "http://localhost/",
    "//127.0.0.1/",
    "https://u:p@example.com/",
];

/// Returns a response to a request: a correct one, a similar one, an error that repeats the
/// request, or any.
fn answer(u: &mut Unstructured<'_>, request: &Request<Bytes>) -> Result<Response<Bytes>> {
    let expected = u.choose(good(request.uri().path()))?;
    let sent = words(request);
    let (status, body) = match u.int_in_range(0..=7)? {
        0..=2 => (200, (*expected).to_owned()),
        3 => (200, spoilt(u, expected)?),
        4 => (200, u.arbitrary::<HostileText>()?.0),
        5 => (u.int_in_range(100..=999)?, spoilt(u, expected)?),
        kind => {
            let usual = [500, 500, 429, 401, 403, 400, 404];
            let status = if kind == 6 { *u.choose(&usual)? } else { u.int_in_range(100..=999)? };
            let error = json!({ "errcode": u.choose(&CODES)?, "error": format!("no {sent}") });
            (status, error.to_string())
        }
    };
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if is_discovery(request.uri().path()) && u.ratio(1, 2)? {
        let status = u.choose(&[301, 302, 303, 307, 308])?;
        *response.status_mut() = StatusCode::from_u16(*status).unwrap();
        response.headers_mut().insert("location", u.choose(&LOCATIONS)?.parse().unwrap());
    }
    if u.ratio(1, 2)? {
        let delay = u.choose(&DELAYS)?.parse().unwrap();
        response.headers_mut().insert("retry-after", delay);
        let date = "Mon, 23 Nov 2026 07:15:02 GMT".parse().unwrap();
        response.headers_mut().insert("date", date);
    }
    // Only the message of an error is printed, and without the secrets of the request.
    let known = match (status, body.contains("err")) {
        (200, true) => String::new(),
        (200, false) => (*expected).to_owned(),
        (_, true) => sent,
        (_, false) => format!("{sent} {expected}"),
    };
    only_known_secrets(&body, &known)?;
    if serde_json::from_str(&body).is_ok_and(|json| has_unnamed_secret("", &json)) {
        return Err(Error::IncorrectFormat);
    }
    *response.body_mut() = Bytes::from(body);
    Ok(response)
}

/// Returns the values in a request's header and body, without names that make them look like
/// secrets.
fn words(request: &Request<Bytes>) -> String {
    let header = request.headers().get("authorization").map_or("", |value| value.to_str().unwrap());
    let body: Map<String, Value> = serde_json::from_slice(request.body()).unwrap_or_default();
    let inner = body.get("identifier").and_then(Value::as_object);
    let values = body.values().chain(inner.into_iter().flat_map(Map::values));
    let values = values.filter_map(Value::as_str).collect::<Vec<_>>();
    format!("{} {}", header.trim_start_matches("Bearer "), values.join(" "))
}

/// Fails if a server would send a secret that it does not know. LibFuzzer soon finds the secrets.
fn only_known_secrets(text: &str, known: &str) -> Result<()> {
    let is_new = |secret: &&str| text.contains(*secret) && !known.contains(*secret);
    if SECRETS.iter().any(is_new) { Err(Error::IncorrectFormat) } else { Ok(()) }
}

/// Returns whether a value contains a secret that no name shows to be one.
fn has_unnamed_secret(name: &str, value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| has_unnamed_secret(name, value))
        }
        Value::Array(values) => values.iter().any(|value| has_unnamed_secret(name, value)),
        Value::String(text) => {
            !matches!(name, "access_token" | "token" | "error")
                && SECRETS.iter().any(|secret| text.contains(secret))
        }
        _ => false,
    }
}

/// Returns a text with a part of it replaced.
fn spoilt(u: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let start = u.int_in_range(0..=text.len())?;
    let end = u.int_in_range(start..=text.len())?;
    Ok(format!("{}{}{}", &text[..start], u.arbitrary::<HostileText>()?.0, &text[end..]))
}
