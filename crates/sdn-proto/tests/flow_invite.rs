//! The requests and the outcome of an invitation.

mod support;

use std::time::Duration;

use sdn_proto::flow::{Arrival, Diagnosis, Flow, IdentityServerAt, InviteError, InviteFlow, Step};
use sdn_proto::{
    IdentityServer, InviteStatus, Medium, ServerName, ThirdPartyId, TransportErrorKind, UserId,
};
use support::*;

const LOOK: &str = "GET node.example /client/v3/rooms/!a%3Anode.example/state";
const INVITE: &str = "POST node.example /client/v3/rooms/!a%3Anode.example/invite";
const HASH_DETAILS: &str = "GET id.example /identity/v2/hash_details";
const LOOKUP: &str = "POST id.example /identity/v2/lookup";
const STORE: &str = "POST id.example /identity/v2/store-invite";
const UNEXPLAINED: Reply = Reply::Response(500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#);
const EMPTY: Reply = Reply::Response(200, "[]");

fn invite_to(address: ThirdPartyId) -> InviteFlow {
    InviteFlow::new(session(), room_id(), address, id_server()).with_id_access_token(id_token())
}

fn invite() -> InviteFlow {
    invite_to(ThirdPartyId::email("Alice@example.com").unwrap())
}

#[test]
fn invitation_with_token_is_one_request() {
    let (steps, outcome) = drive(&mut invite(), &[DONE]);
    assert_eq!(steps, [INVITE]);
    let invited = outcome.unwrap();
    assert_eq!(invited.id_access_token.expose(), "IDS_SECRET");
    assert_eq!(invited.id_server, id_server());

    let Step::Send(outgoing) = invite().step() else { panic!("it sends") };
    let shown = format!("{outgoing:?}");
    assert!(shown.contains("/rooms/!a%3Anode.example/invite"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn settings_count_in_any_order() {
    let server = IdentityServer::new("https://reach.example/id/").unwrap();
    let alice = UserId::new("@alice:node.example").unwrap();
    let name = ServerName::new("other.example").unwrap();
    let at = IdentityServerAt::Server { name, base: server };
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    let flow = InviteFlow::new(session(), room_id(), bob, at).with_id_access_token(id_token());
    let Step::Send(outgoing) = flow.step() else { panic!("it sends") };
    let body = String::from_utf8(outgoing.request().body().to_vec()).unwrap();
    assert!(body.contains(r#""id_server":"other.example""#), "{body}");
    let (steps, _) = drive(flow, &[UNEXPLAINED, NOT_SENT]);
    assert_eq!(steps, [INVITE, "GET reach.example /id/identity/v2/account"]);

    assert_eq!(drive(invite().with_room_check(), &[ME, EMPTY, DONE]).0, [WHOAMI, LOOK, INVITE]);
    for flow in [
        invite().with_room_check().with_user_id(alice.clone()),
        invite().with_user_id(alice).with_room_check(),
    ] {
        assert_eq!(drive(flow, &[EMPTY, DONE]).0, [LOOK, INVITE]);
    }
}

#[test]
fn rate_limit_waits_within_budget() {
    let budget = Duration::from_secs(20);
    let (steps, outcome) = drive(&mut invite().with_wait_budget(budget), &[Limited, Limited, DONE]);
    assert_eq!(steps, [INVITE, WAIT, INVITE, WAIT, INVITE]);
    assert!(outcome.is_ok());

    let (steps, outcome) = drive(invite().with_wait_budget(budget), &[Limited, Limited, Limited]);
    assert_eq!(steps, [INVITE, WAIT, INVITE, WAIT, INVITE]);
    let error = outcome.unwrap_err();
    assert!(matches!(error, InviteError::RateLimited(_)), "{error:?}");
    assert!(error.to_string().starts_with("the node limits the rate: 429"), "{error}");
}

#[test]
fn unknown_invitation_is_looked_for() {
    const NONE: Reply = EMPTY;
    const ONE: Reply = Reply::Response(
        200,
        r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@alice:node.example","content":{"membership":"invite"}}]"#,
    );
    const TWO: Reply = Reply::Response(
        200,
        r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@alice:node.example","content":{"membership":"invite"}},
            {"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}}]"#,
    );
    const BY_ANOTHER: Reply = Reply::Response(
        200,
        r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@eve:node.example","content":{"membership":"invite"}}]"#,
    );
    const PENDING: Reply = Reply::Response(
        200,
        r#"[{"type":"m.room.third_party_invite","state_key":"tok","sender":"@alice:node.example","content":{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}}]"#,
    );
    const PENDING_BY_ANOTHER: Reply = Reply::Response(
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
        let (steps, outcome) = drive(invite().with_room_check(), &[ME, before, UNKNOWN, after]);
        assert_eq!(steps, [WHOAMI, LOOK, INVITE, LOOK]);
        let error = outcome.unwrap_err();
        assert!(matches!(error, InviteError::Unknown(found, _) if found == arrival), "{error:?}");
        let (status, shown) = match arrival {
            Arrival::Arrived => (InviteStatus::Invited, "the room shows the invitation"),
            Arrival::NotSeen => (InviteStatus::Unknown, "the room shows no new invitation yet"),
            _ => (InviteStatus::Unknown, "check the room before you invite again"),
        };
        assert_eq!(InviteStatus::from(&error), status);
        let cause = "the connection ended before the response was complete";
        assert_eq!(error.to_string(), format!("{shown}: {cause}"));
    }
    for page in PAGES {
        let (steps, outcome) = drive(&mut invite(), &[page]);
        assert_eq!(steps, [INVITE]);
        assert!(matches!(outcome, Err(InviteError::Unknown(Arrival::Unknown, _))), "{outcome:?}");
    }
    // After a proxy's page the outcome is unknown too, and the error keeps the page.
    let (steps, outcome) = drive(invite().with_room_check(), &[ME, NONE, BAD_GATEWAY, ONE]);
    assert_eq!(steps, [WHOAMI, LOOK, INVITE, LOOK]);
    let error = outcome.unwrap_err();
    assert_eq!(InviteStatus::from(&error), InviteStatus::Invited);
    assert_eq!(error.api_error().unwrap().status(), 502);
    let (steps, outcome) = drive(&mut invite(), &[UNKNOWN]);
    assert_eq!(steps, [INVITE]);
    assert!(matches!(outcome, Err(InviteError::Unknown(Arrival::Unknown, _))), "{outcome:?}");
    let (_, outcome) = drive(invite().with_room_check(), &[ME, NONE, NOT_SENT]);
    let error = outcome.unwrap_err();
    assert!(matches!(error, InviteError::NotSent(_)), "{error:?}");
    assert_eq!(InviteStatus::from(&error), InviteStatus::NotSent);
    assert_eq!(error.to_string(), "nobody was invited: cannot connect to the server");
    for failed in [NOT_SENT, FORBIDDEN] {
        let (steps, outcome) = drive(invite().with_room_check(), &[ME, failed]);
        assert_eq!(steps, [WHOAMI, LOOK]);
        assert!(matches!(outcome, Err(InviteError::Before(..))), "{outcome:?}");
    }
}

/// Explains a node's error without a reason by a question to the identity server.
#[test]
fn unexplained_failure_is_diagnosed() {
    // The address and its hash are the specification's example.
    const DETAILS: Reply =
        Reply::Response(200, r#"{"algorithms":["sha256"],"lookup_pepper":"matrixrocks"}"#);
    const BOUND: Reply = Reply::Response(
        200,
        r#"{"mappings":{"4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc":"@bob:node.example"}}"#,
    );
    const NOT_BOUND: Reply = Reply::Response(200, r#"{"mappings":{}}"#);
    const IN_USE: Reply = Reply::Response(
        400,
        r#"{"errcode":"M_THREEPID_IN_USE","error":"no","mxid":"@bob:node.example"}"#,
    );
    const NO_ALGORITHM: Reply =
        Reply::Response(200, r#"{"algorithms":["rot13"],"lookup_pepper":"p"}"#);
    const REFUSED: Reply = Reply::Response(400, r#"{"errcode":"M_INVALID_EMAIL","error":"no"}"#);
    const PAGE: Reply = Reply::Response(200, "<html>");

    let account = [INVITE, ACCOUNT];
    let details = [INVITE, ACCOUNT, HASH_DETAILS];
    let lookup = [INVITE, ACCOUNT, HASH_DETAILS, LOOKUP];
    let cases: &[(&[&str], &[Reply], &str)] = &[
        (
            &account,
            &[NOT_SENT],
            "the identity server cannot be reached; check its name: cannot connect",
        ),
        (
            &account,
            &[NOT_FOUND],
            "the server with that name is not an identity server; check its name: 404 M_NOT_FOUND: no",
        ),
        (
            &account,
            &[PAGE],
            "the server with that name is not an identity server; check its name: 200",
        ),
        (&account, &[Limited], "the identity server limits the rate; try again later: 429"),
        (&account, &[FORBIDDEN], "the identity server does not say what is wrong"),
        // A proxy may have sent this, so it does not lead to another invitation.
        (
            &account,
            &[Reply::Response(401, "<html>")],
            "the identity server does not say what is wrong",
        ),
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
    let check = |flow: InviteFlow, expected_steps: &[&str], replies: &[Reply], expected: &str| {
        let replies: Vec<_> = [UNEXPLAINED].iter().chain(replies).copied().collect();
        let (steps, outcome) = drive(flow, &replies);
        assert_eq!(steps, expected_steps, "{expected}");
        let Err(error @ InviteError::Diagnosed(..)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(InviteStatus::from(&error), InviteStatus::Refused);
        let shown = error.to_string();
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.ends_with(" (the node responded: 500 M_UNKNOWN: no)"), "{shown}");
    };
    for (steps, replies, expected) in cases {
        check(invite(), steps, replies, expected);
    }

    let store = [INVITE, ACCOUNT, HASH_DETAILS, LOOKUP, STORE];
    for (last, expected) in [
        (IN_USE, "the address already belongs to @bob:node.example; invite them by user ID"),
        (REFUSED, "the identity server rejects the address: 400 M_INVALID_EMAIL: no"),
        (Limited, "the identity server limits the rate; try again later: 429"),
        (UNKNOWN, "the identity server does not say what is wrong"),
        (
            Reply::Response(200, r#"{"token":"t","display_name":"b","public_keys":[]}"#),
            "the identity server does not say what is wrong",
        ),
    ] {
        check(invite().with_probe(), &store, &[ME, DETAILS, NOT_BOUND, last], expected);
    }

    // The node reports a reason.
    for replies in [
        Reply::Response(500, r#"{"errcode":"M_UNRECOGNIZED","error":"no"}"#),
        Reply::Response(500, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
        Reply::Response(502, r#"{"errcode":"M_UNKNOWN","error":"no"}"#),
    ] {
        let (steps, outcome) = drive(invite(), &[replies]);
        assert_eq!(steps, [INVITE]);
        let error = outcome.unwrap_err();
        assert!(matches!(error, InviteError::Refused(_)), "{error:?}");
        assert!(error.to_string().starts_with("the node refused: 50"), "{error}");
    }

    // Before it returns an error, the flow handles terms and a rejected token, if it can.
    let (steps, outcome) = drive(&mut invite(), &[UNEXPLAINED, UNSIGNED, POLICIES]);
    assert_eq!(steps, [INVITE, ACCOUNT, TERMS]);
    assert!(matches!(outcome, Err(InviteError::Terms(_))), "{outcome:?}");
    let replies = [UNEXPLAINED, ME, DETAILS, NOT_BOUND, UNSIGNED, POLICIES];
    let (steps, outcome) = drive(&mut invite().with_probe(), &replies);
    assert_eq!(steps, [&store[..], &[TERMS]].concat());
    assert!(matches!(outcome, Err(InviteError::Terms(_))), "{outcome:?}");
    let replies = [UNEXPLAINED, ME, DETAILS, NOT_BOUND, REJECTED, FORBIDDEN];
    let (steps, outcome) = drive(&mut invite().with_probe(), &replies);
    assert_eq!(steps, [&store[..], &[WHOAMI]].concat());
    assert!(matches!(outcome, Err(InviteError::Before(..))), "{outcome:?}");
    let (steps, outcome) = drive(&mut invite(), &[UNEXPLAINED, REJECTED, FORBIDDEN]);
    assert_eq!(steps, [INVITE, ACCOUNT, WHOAMI]);
    assert!(matches!(outcome, Err(InviteError::Before(..))), "{outcome:?}");
}

#[test]
fn untrusted_identity_server_is_diagnosed() {
    for status in [400, 403] {
        let flow = invite().with_room_check().with_probe();
        let untrusted =
            Reply::Response(status, r#"{"errcode":"M_SERVER_NOT_TRUSTED","error":"no"}"#);
        let (steps, outcome) = drive(flow, &[ME, EMPTY, untrusted]);
        assert_eq!(steps, [WHOAMI, LOOK, INVITE], "the identity server cannot say more");
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, InviteError::Diagnosed(_, Diagnosis::ServerNotTrusted)),
            "{error:?}"
        );
        assert_eq!(InviteStatus::from(&error), InviteStatus::Refused);
        assert_eq!(
            error.to_string(),
            format!(
                "the node does not trust that identity server; only the node's operator can \
                 change that (the node responded: {status} M_SERVER_NOT_TRUSTED: no)"
            )
        );
    }
}

/// Identity servers store bound addresses folded, so the flow looks up the folded address.
#[test]
fn bound_address_is_looked_up_folded() {
    let lookup = |medium: &Medium, address: &str| {
        let mut flow = invite_to(ThirdPartyId::verbatim(medium.clone(), address).unwrap());
        for (status, body) in [
            (500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#),
            (200, r#"{"user_id":"@alice:node.example"}"#),
            (200, r#"{"algorithms":["sha256"],"lookup_pepper":"p"}"#),
        ] {
            Reply::Response(status, body).pass_to(&mut flow);
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
fn accepted_terms_continue_the_invitation() {
    let (_, outcome) = drive(&mut invite(), &[UNEXPLAINED, UNSIGNED, POLICIES]);
    let Err(InviteError::Terms(pending)) = outcome else { panic!("{outcome:?}") };
    let url = pending.terms().policies["p"].languages["en"].url.clone();
    let (steps, outcome) = drive(&mut pending.accept(vec![url]), &[DONE, ME, DONE]);
    assert_eq!(steps, ["POST id.example /identity/v2/terms", ACCOUNT, INVITE]);
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn status_of_a_response_follows_delivery() {
    for (reply, status) in [
        (FORBIDDEN, InviteStatus::Refused),
        (Limited, InviteStatus::NotSent),
        (REJECTED, InviteStatus::NotSent),
        (BAD_GATEWAY, InviteStatus::Unknown),
        (Reply::Response(200, "<html>"), InviteStatus::Unknown),
        (Reply::Response(302, ""), InviteStatus::Refused),
        (NOT_SENT, InviteStatus::NotSent),
        (Failure(TransportErrorKind::TotalTimeout), InviteStatus::Unknown),
        (DONE, InviteStatus::Invited),
    ] {
        let outcome = drive(&mut invite(), &[reply]).1;
        assert_eq!(InviteStatus::of(&outcome), status, "{outcome:?}");
    }
}
