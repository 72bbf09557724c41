//! What an invitation, a withdrawal and an acceptance ask for in which order, and what they end with. Registrations have
//! their own file.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use sdn_proto::flow::{
    Accept, AcceptFailure, Arrival, CallFailure, Flow, Invite, InviteFailure, PendingInvitations,
    Register, RegisterFailure, Revoke, Revoked, Step,
};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    AccessToken, Delivery, IdAccessToken, IdentityServer, Medium, Node, RoomId, ServerName,
    Session, ThirdPartyId, UserId,
};

const WHOAMI: &str = "GET node.example /client/v3/account/whoami";
const LOOK: &str = "GET node.example /client/v3/rooms/!a%3Anode.example/state";
const INVITE: &str = "POST node.example /client/v3/rooms/!a%3Anode.example/invite";
const JOIN: &str = "POST node.example /client/v3/rooms/!a%3Anode.example/join";
const GET: &str =
    "GET node.example /client/v3/rooms/!a%3Anode.example/state/m.room.third_party_invite/tok";
const PUT: &str =
    "PUT node.example /client/v3/rooms/!a%3Anode.example/state/m.room.third_party_invite/tok";
const ACCOUNT: &str = "GET id.example /identity/v2/account";
const TERMS: &str = "GET id.example /identity/v2/terms";
const HASH_DETAILS: &str = "GET id.example /identity/v2/hash_details";
const LOOKUP: &str = "POST id.example /identity/v2/lookup";
const STORE: &str = "POST id.example /identity/v2/store-invite";
const SIGN: &str = "POST id.example /identity/v2/sign-ed25519";
const WAIT: &str = "wait 7s";

/// What a flow is told.
#[derive(Clone, Copy)]
enum Told {
    Answer(u16, &'static str),
    Limited,
    Failed(Delivery),
}
use Told::{Answer, Failed, Limited};

const ME: Told = Answer(200, r#"{"user_id":"@alice:node.example"}"#);
const DONE: Told = Answer(200, "{}");
const FORBIDDEN: Told = Answer(403, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#);
const NOT_FOUND: Told = Answer(404, r#"{"errcode":"M_NOT_FOUND","error":"no"}"#);
const UNEXPLAINED: Told = Answer(500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#);
const UNSIGNED: Told = Answer(403, r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"no"}"#);
const POLICIES: Told = Answer(
    200,
    r#"{"policies":{"p":{"version":"1","en":{"name":"P","url":"https://id.example/p"}}}}"#,
);
/// What a proxy says that has lost its node, or has none.
const PAGES: [Told; 7] = [
    Answer(500, "<html>"),
    Answer(502, ""),
    Answer(503, r#"{"error":"no"}"#),
    Answer(504, "<html>"),
    Answer(200, "<html>"),
    Answer(200, ""),
    Answer(204, ""),
];
const NOT_SENT: Told = Failed(Delivery::NotSent);
const UNKNOWN: Told = Failed(Delivery::Unknown);

/// Tells a flow one thing after the other, and gives what it did and what it ended with.
fn drive<F: Flow>(mut flow: F, told: &[Told]) -> (Vec<String>, F::Outcome) {
    let (mut did, mut told) = (Vec::new(), told.iter());
    loop {
        assert!(did.len() < 20, "it goes on and on: {did:?}");
        match flow.step() {
            Step::Send(outgoing) => {
                assert!(outgoing.max_response_bytes() >= 64 * 1024);
                assert_eq!(outgoing.request().uri(), outgoing.clone().into_request().uri());
                let request = outgoing.into_request();
                let (host, path) = (request.uri().host().unwrap(), request.uri().path());
                did.push(format!("{} {host} {}", request.method(), path.replace("/_api", "")));
                match *told.next().unwrap_or_else(|| panic!("then {did:?}")) {
                    Answer(status, body) => {
                        let response = Response::builder().status(status).body(body.into());
                        flow.response(&response.unwrap());
                    }
                    Limited => {
                        let response = Response::builder().status(429).header("retry-after", "7");
                        flow.response(&response.body(Bytes::from("{}")).unwrap());
                    }
                    Failed(delivery) => flow.failed(delivery),
                }
            }
            Step::Wait(delay) => {
                did.push(format!("wait {delay:?}"));
                flow.waited();
            }
            Step::AcceptTerms(_) => {
                did.push("decline".to_owned());
                flow.decline();
            }
            Step::Done(outcome) => {
                assert_eq!(told.len(), 0, "after {did:?} it ends");
                return (did, outcome);
            }
        }
    }
}

fn session() -> Session {
    Node::new("https://node.example").unwrap().session(AccessToken::new("NODE_SECRET").unwrap())
}

fn room_id() -> RoomId {
    RoomId::new("!a:node.example").unwrap()
}

fn id_server() -> ServerName {
    ServerName::new("id.example").unwrap()
}

fn id_token() -> IdAccessToken {
    IdAccessToken::new("IDS_SECRET").unwrap()
}

fn invite_to(address: ThirdPartyId) -> Invite {
    Invite::new(session(), room_id(), address).at(id_server()).with_id_access_token(id_token())
}

fn invite() -> Invite {
    invite_to(ThirdPartyId::email("Alice@example.com").unwrap())
}

#[test]
fn an_invitation_with_a_token_is_one_request() {
    let (did, outcome) = drive(&mut invite(), &[DONE]);
    assert_eq!(did, [INVITE]);
    let invited = outcome.unwrap();
    assert_eq!(invited.id_access_token.expose(), "IDS_SECRET");
    assert_eq!(invited.id_server, id_server());

    let Step::Send(outgoing) = invite().step() else { panic!("it sends") };
    let shown = format!("{outgoing:?}");
    assert!(shown.contains("/rooms/!a%3Anode.example/invite"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn each_setting_counts_whatever_came_before() {
    let server = IdentityServer::new("https://reach.example/id/").unwrap();
    let alice = UserId::new("@alice:node.example").unwrap();
    let flow = invite().at_base(ServerName::new("other.example").unwrap(), server);
    let Step::Send(outgoing) = flow.step() else { panic!("it sends") };
    let body = String::from_utf8(outgoing.request().body().to_vec()).unwrap();
    assert!(body.contains(r#""id_server":"other.example""#), "{body}");
    let (did, _) = drive(flow, &[UNEXPLAINED, NOT_SENT]);
    assert_eq!(did, [INVITE, "GET reach.example /id/identity/v2/account"]);

    assert_eq!(drive(invite().looking(), &[ME, Answer(200, "[]"), DONE]).0, [WHOAMI, LOOK, INVITE]);
    for flow in
        [invite().looking().with_user_id(alice.clone()), invite().with_user_id(alice).looking()]
    {
        assert_eq!(drive(flow, &[Answer(200, "[]"), DONE]).0, [LOOK, INVITE]);
    }
}

#[test]
fn a_rate_limit_is_waited_for_within_the_budget() {
    let budget = Duration::from_secs(20);
    let (did, outcome) = drive(&mut invite().with_wait_budget(budget), &[Limited, Limited, DONE]);
    assert_eq!(did, [INVITE, WAIT, INVITE, WAIT, INVITE]);
    assert!(outcome.is_ok());

    let (did, outcome) = drive(invite().with_wait_budget(budget), &[Limited, Limited, Limited]);
    assert_eq!(did, [INVITE, WAIT, INVITE, WAIT, INVITE]);
    let failure = outcome.unwrap_err();
    assert!(matches!(failure, InviteFailure::RateLimited(_)), "{failure:?}");
    assert!(failure.to_string().starts_with("the node limits its rate: 429"), "{failure}");
}

#[test]
fn an_invitation_without_an_answer_is_looked_for_and_not_repeated() {
    const NONE: Told = Answer(200, "[]");
    const ONE: Told = Answer(
        200,
        r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@alice:node.example","content":{"membership":"invite"}}]"#,
    );
    const TWO: Told = Answer(
        200,
        r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@alice:node.example","content":{"membership":"invite"}},
            {"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}}]"#,
    );
    const BY_ANOTHER: Told = Answer(
        200,
        r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@eve:node.example","content":{"membership":"invite"}}]"#,
    );
    const PENDING: Told = Answer(
        200,
        r#"[{"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}}]"#,
    );
    const PENDING_BY_ANOTHER: Told = Answer(
        200,
        r#"[{"type":"m.room.third_party_invite","state_key":"tok","sender":"@eve:node.example","content":{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}}]"#,
    );
    for (before, after, arrival) in [
        (NONE, NONE, Arrival::NotSeen),
        (NONE, PENDING, Arrival::Arrived),
        (PENDING, PENDING, Arrival::NotSeen),
        (PENDING, TWO, Arrival::Arrived),
        (NONE, PENDING_BY_ANOTHER, Arrival::NotSeen),
        (NONE, ONE, Arrival::Arrived),
        (ONE, ONE, Arrival::NotSeen),
        (ONE, TWO, Arrival::Arrived),
        (NONE, TWO, Arrival::Unknown),
        (NONE, BY_ANOTHER, Arrival::NotSeen),
        (NONE, FORBIDDEN, Arrival::Unknown),
        (NONE, UNKNOWN, Arrival::Unknown),
    ] {
        let seen = match arrival {
            Arrival::Arrived => ", but the room shows the invitation",
            Arrival::NotSeen => ", and the room shows no new invitation yet",
            _ => "; look at the room before you invite again",
        };
        for told in PAGES.iter().chain(&[UNKNOWN, Failed(Delivery::Answered)]) {
            let (did, outcome) = drive(&mut invite().looking(), &[ME, before, *told, after]);
            assert_eq!(did, [WHOAMI, LOOK, INVITE, LOOK]);
            let failure = outcome.unwrap_err();
            let InviteFailure::Unknown(found, cause) = &failure else { panic!("{failure:?}") };
            assert_eq!(*found, arrival);
            assert_eq!(failure.delivery(), Delivery::Unknown);
            assert_eq!(cause.delivery(), Delivery::Unknown);
            let shown = match cause {
                CallFailure::Api(error) => {
                    format!("the response does not say what the node did ({error}){seen}")
                }
                _ => format!("the node did not answer{seen}"),
            };
            assert_eq!(failure.to_string(), shown);
        }
    }
    for told in PAGES.iter().chain(&[UNKNOWN]) {
        let (did, outcome) = drive(&mut invite(), &[*told]);
        assert_eq!(did, [INVITE]);
        assert!(matches!(outcome, Err(InviteFailure::Unknown(Arrival::Unknown, _))), "{outcome:?}");
    }
    let (_, outcome) = drive(&mut invite().looking(), &[ME, NONE, NOT_SENT]);
    let failure = outcome.unwrap_err();
    assert!(matches!(failure, InviteFailure::NotSent), "{failure:?}");
    assert_eq!(failure.delivery(), Delivery::NotSent);
    assert_eq!(failure.to_string(), "nobody was invited: the node could not be reached");
    for failed in [NOT_SENT, FORBIDDEN] {
        let (did, outcome) = drive(&mut invite().looking(), &[ME, failed]);
        assert_eq!(did, [WHOAMI, LOOK]);
        assert!(matches!(outcome, Err(InviteFailure::Before(..))), "{outcome:?}");
    }
}

/// An error of the node's that says nothing is explained by the identity server.
#[test]
fn an_unexplained_failure_is_explained() {
    // The address and its hash are the specification's example.
    const DETAILS: Told = Answer(200, r#"{"algorithms":["sha256"],"lookup_pepper":"matrixrocks"}"#);
    const BOUND: Told = Answer(
        200,
        r#"{"mappings":{"4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc":"@bob:node.example"}}"#,
    );
    const NOT_BOUND: Told = Answer(200, r#"{"mappings":{}}"#);
    const IN_USE: Told =
        Answer(400, r#"{"errcode":"M_THREEPID_IN_USE","error":"no","mxid":"@bob:node.example"}"#);
    const NO_ALGORITHM: Told = Answer(200, r#"{"algorithms":["rot13"],"lookup_pepper":"p"}"#);
    const REFUSED: Told = Answer(400, r#"{"errcode":"M_INVALID_EMAIL","error":"no"}"#);
    const REJECTED: Told = Answer(401, r#"{"errcode":"M_UNAUTHORIZED","error":"no"}"#);
    const PAGE: Told = Answer(200, "<html>");

    let account = [INVITE, ACCOUNT];
    let details = [INVITE, ACCOUNT, HASH_DETAILS];
    let lookup = [INVITE, ACCOUNT, HASH_DETAILS, LOOKUP];
    let cases: &[(&[&str], &[Told], &str)] = &[
        (&account, &[NOT_SENT], "the identity server cannot be reached; check its name"),
        (
            &account,
            &[NOT_FOUND],
            "what answers there is no identity server; check its name: 404 M_NOT_FOUND: no",
        ),
        (&account, &[PAGE], "what answers there is no identity server; check its name: 200"),
        (&account, &[Limited], "the identity server limits its rate; try again later: 429"),
        (&account, &[FORBIDDEN], "the identity server does not say what is wrong"),
        // Somebody in between says this; for that, nothing is sent again.
        (&account, &[Answer(401, "<html>")], "the identity server does not say what is wrong"),
        (&details, &[ME, UNKNOWN], "the identity server does not say what is wrong"),
        (&details, &[ME, NO_ALGORITHM], "the identity server does not say what is wrong"),
        (
            &lookup,
            &[ME, DETAILS, BOUND],
            "the address already belongs to @bob:node.example; invite them by user ID",
        ),
        (&lookup, &[ME, DETAILS, NOT_BOUND], "the identity server does not say what is wrong"),
        (&lookup, &[ME, DETAILS, FORBIDDEN], "the identity server does not say what is wrong"),
    ];
    let check = |flow: Invite, steps: &[&str], told: &[Told], expected: &str| {
        let told: Vec<_> = [UNEXPLAINED].iter().chain(told).copied().collect();
        let (did, outcome) = drive(flow, &told);
        assert_eq!(did, steps, "{expected}");
        let Err(failure @ InviteFailure::Diagnosed(..)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(failure.delivery(), Delivery::Answered);
        let shown = failure.to_string();
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.ends_with(" (the node said: 500 M_UNKNOWN: no)"), "{shown}");
    };
    for (steps, told, expected) in cases {
        check(invite(), steps, told, expected);
    }

    let store = [INVITE, ACCOUNT, HASH_DETAILS, LOOKUP, STORE];
    for (last, expected) in [
        (IN_USE, "the address already belongs to @bob:node.example; invite them by user ID"),
        (REFUSED, "the identity server does not take the address: 400 M_INVALID_EMAIL: no"),
        (Limited, "the identity server limits its rate; try again later: 429"),
        (UNKNOWN, "the identity server does not say what is wrong"),
        (
            Answer(200, r#"{"token":"t","display_name":"b","public_keys":[]}"#),
            "the identity server does not say what is wrong",
        ),
    ] {
        check(invite().probing(), &store, &[ME, DETAILS, NOT_BOUND, last], expected);
    }

    // The node says what is wrong, or is not to blame.
    for told in [
        Answer(500, r#"{"errcode":"M_UNRECOGNIZED","error":"no"}"#),
        Answer(500, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
        Answer(502, r#"{"errcode":"M_UNKNOWN","error":"no"}"#),
    ] {
        let (did, outcome) = drive(invite(), &[told]);
        assert_eq!(did, [INVITE]);
        let failure = outcome.unwrap_err();
        assert!(matches!(failure, InviteFailure::Refused(_)), "{failure:?}");
        assert!(failure.to_string().starts_with("the node refused: 50"), "{failure}");
    }

    // Both are mended, if they can be, before anything is said.
    let (did, outcome) = drive(&mut invite(), &[UNEXPLAINED, UNSIGNED, POLICIES]);
    assert_eq!(did, [INVITE, ACCOUNT, TERMS, "decline"]);
    assert!(matches!(outcome, Err(InviteFailure::TermsDeclined)), "{outcome:?}");
    let told = [UNEXPLAINED, ME, DETAILS, NOT_BOUND, UNSIGNED, POLICIES];
    let (did, outcome) = drive(&mut invite().probing(), &told);
    assert_eq!(did, [&store[..], &[TERMS, "decline"]].concat());
    assert!(matches!(outcome, Err(InviteFailure::TermsDeclined)), "{outcome:?}");
    let told = [UNEXPLAINED, ME, DETAILS, NOT_BOUND, REJECTED, FORBIDDEN];
    let (did, outcome) = drive(&mut invite().probing(), &told);
    assert_eq!(did, [&store[..], &[WHOAMI]].concat());
    assert!(matches!(outcome, Err(InviteFailure::Before(..))), "{outcome:?}");
    let (did, outcome) = drive(&mut invite(), &[UNEXPLAINED, REJECTED, FORBIDDEN]);
    assert_eq!(did, [INVITE, ACCOUNT, WHOAMI]);
    assert!(matches!(outcome, Err(InviteFailure::Before(..))), "{outcome:?}");
}

/// Bound addresses are kept folded, so that is how they are looked up.
#[test]
fn a_bound_address_is_looked_up_as_it_is_kept() {
    let lookup = |medium: &Medium, address: &str| {
        let mut flow = invite_to(ThirdPartyId::verbatim(medium.clone(), address).unwrap());
        for (status, body) in [
            (500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#),
            (200, r#"{"user_id":"@alice:node.example"}"#),
            (200, r#"{"algorithms":["sha256"],"lookup_pepper":"p"}"#),
        ] {
            flow.response(&Response::builder().status(status).body(body.into()).unwrap());
        }
        let Step::Send(outgoing) = flow.step() else { panic!("it looks it up") };
        outgoing.into_request().into_body()
    };
    let (email, msisdn) = (Medium::EMAIL, Medium::MSISDN);
    let pager = Medium::new("org.example.pager").unwrap();
    assert_eq!(lookup(&email, "Bob@EXAMPLE.com"), lookup(&email, "bob@example.com"));
    assert_eq!(lookup(&msisdn, "+44 7700 900123"), lookup(&msisdn, "447700900123"));
    assert_ne!(lookup(&pager, "Bob@EXAMPLE.com"), lookup(&pager, "bob@example.com"));
    assert_ne!(lookup(&pager, "+44 7700 900123"), lookup(&pager, "447700900123"));
}

#[test]
fn a_withdrawal_looks_first_and_again_if_it_is_in_doubt() {
    const THERE: Told = Answer(
        200,
        r#"{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}"#,
    );
    const WITHDRAWN: Told = Answer(200, r#"{"event_id":"$e"}"#);
    let revoke = || Revoke::new(session(), room_id(), InviteToken::new("tok").unwrap());
    for (told, steps, expected) in [
        (&[THERE, WITHDRAWN][..], &[GET, PUT][..], Revoked::Now),
        (&[DONE], &[GET], Revoked::Before),
        (&[NOT_FOUND], &[GET], Revoked::NotFound),
        (&[THERE, UNKNOWN, DONE], &[GET, PUT, GET], Revoked::Now),
        (&[THERE, Failed(Delivery::Answered), DONE], &[GET, PUT, GET], Revoked::Now),
        (&[THERE, Answer(504, "<html>"), DONE], &[GET, PUT, GET], Revoked::Now),
        (&[THERE, DONE, DONE], &[GET, PUT, GET], Revoked::Now),
    ] {
        let (did, outcome) = drive(&mut revoke(), told);
        assert_eq!(did, steps);
        assert_eq!(outcome.unwrap(), expected);
    }
    for (told, expected) in [
        (&[FORBIDDEN][..], "403 M_FORBIDDEN: no"),
        (&[NOT_SENT], "it could not be reached"),
        (&[UNKNOWN], "it did not answer"),
        (&[THERE, FORBIDDEN], "403 M_FORBIDDEN: no"),
        (&[THERE, NOT_SENT], "it could not be reached"),
        (&[THERE, UNKNOWN, THERE], "it did not answer"),
        (&[THERE, UNKNOWN, NOT_SENT], "it did not answer"),
        (&[THERE, Answer(504, ""), THERE], "504 Gateway Timeout: not an answer of this call"),
        (&[THERE, Answer(504, ""), UNKNOWN], "504 Gateway Timeout: not an answer of this call"),
        (&[THERE, Answer(302, "")], "302 Found: not an answer of this call"),
    ] {
        assert_eq!(drive(&mut revoke(), told).1.unwrap_err().to_string(), expected);
    }
}

#[test]
fn an_acceptance_is_signed_and_then_joined() {
    const SIGNED: Told = Answer(
        200,
        r#"{"mxid":"@alice:node.example","sender":"@bob:node.example","token":"tok","signatures":{}}"#,
    );
    const JOINED: Told = Answer(200, r#"{"room_id":"!a:node.example"}"#);
    let accept = || {
        Accept::signed_by_server(
            session(),
            IdentityServer::at(&id_server()).session(id_token()),
            room_id(),
            InviteToken::new("tok").unwrap(),
            InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E").unwrap(),
        )
    };
    let (did, outcome) = drive(&mut accept(), &[ME, SIGNED, JOINED]);
    assert_eq!(did, [WHOAMI, SIGN, JOIN]);
    assert_eq!(outcome.unwrap(), room_id());

    let flow = accept().with_wait_budget(Duration::from_secs(10));
    let (did, outcome) = drive(flow, &[ME, SIGNED, Limited, JOINED]);
    assert_eq!(did, [WHOAMI, SIGN, JOIN, WAIT, JOIN]);
    assert!(outcome.is_ok(), "{outcome:?}");

    for (told, expected) in [
        (&[NOT_SENT][..], "the node did not say who you are: it could not be reached"),
        (&[FORBIDDEN], "the node did not say who you are: 403 M_FORBIDDEN: no"),
        (&[ME, UNKNOWN], "the identity server did not sign the acceptance: it did not answer"),
        (&[ME, SIGNED, FORBIDDEN], "the node refused the join: 403 M_FORBIDDEN: no"),
        (&[ME, SIGNED, Limited], "the node refused the join: 429"),
        (&[ME, SIGNED, NOT_SENT], "the node could not be reached; nothing has happened"),
        (&[ME, SIGNED, UNKNOWN], "the node did not answer; joining again does no harm"),
    ] {
        let failure: AcceptFailure = drive(&mut accept(), told).1.unwrap_err();
        assert!(failure.to_string().starts_with(expected), "{failure}");
    }
    for told in PAGES {
        let failure = drive(&mut accept(), &[ME, SIGNED, told]).1.unwrap_err();
        assert!(matches!(failure, AcceptFailure::Unknown(CallFailure::Api(_))), "{failure:?}");
        let shown = failure.to_string();
        assert!(shown.starts_with("the response does not say what the node did ("), "{shown}");
        assert!(shown.ends_with("); joining again does no harm"), "{shown}");
    }
}

#[test]
fn declined_terms_end_a_registration_that_is_driven_by_reference() {
    let flow = &mut Register::new(session()).at(id_server()).with_id_access_token(id_token());
    let (did, outcome) = drive(flow, &[UNSIGNED, POLICIES]);
    assert_eq!(did, [ACCOUNT, TERMS, "decline"]);
    let failure = outcome.unwrap_err();
    assert!(matches!(failure, RegisterFailure::TermsDeclined), "{failure:?}");
    assert_eq!(failure.to_string(), "the identity server's terms are not accepted");
    assert_eq!(
        InviteFailure::from(failure).to_string(),
        "nobody was invited: the identity server's terms are not accepted"
    );
}

#[test]
fn pending_invitations_are_one_request() {
    let flow = || PendingInvitations::new(session(), room_id());
    let (did, outcome) = drive(&mut flow(), &[Answer(200, "[]")]);
    assert_eq!(did, [LOOK]);
    assert!(outcome.unwrap().pending.is_empty());
    let outcome = drive(&mut flow(), &[UNKNOWN]).1;
    assert!(matches!(outcome, Err(CallFailure::NoAnswer(Delivery::Unknown))), "{outcome:?}");
}
