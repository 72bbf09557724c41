//! The requests and the outcome of a revocation.

mod support;

use std::error::Error;

use sdn_proto::TransportErrorKind;
use sdn_proto::flow::{RevokeFlow, Revoked};
use sdn_proto::id::InviteToken;
use support::*;

const GET: &str =
    "GET node.example /client/v3/rooms/!a%3Anode.example/state/m.room.third_party_invite/tok";
const PUT: &str =
    "PUT node.example /client/v3/rooms/!a%3Anode.example/state/m.room.third_party_invite/tok";
const THERE: Reply = Reply::Response(
    200,
    r#"{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}"#,
);
const REVOKED: Reply = Reply::Response(200, r#"{"event_id":"$e"}"#);

fn revoke() -> RevokeFlow {
    RevokeFlow::new(session(), room_id(), InviteToken::new("tok").unwrap())
}

#[test]
fn revocation_checks_before_and_after() {
    for (replies, steps, expected) in [
        (&[THERE, REVOKED][..], &[GET, PUT][..], Revoked::Now),
        (&[DONE], &[GET], Revoked::Before),
        (&[NOT_FOUND], &[GET], Revoked::NotFound),
        (&[THERE, UNKNOWN, DONE], &[GET, PUT, GET], Revoked::Now),
        (&[THERE, BAD_GATEWAY, DONE], &[GET, PUT, GET], Revoked::Now),
        (&[THERE, DONE, DONE], &[GET, PUT, GET], Revoked::Now),
    ] {
        let (sent, outcome) = drive(&mut revoke(), replies);
        assert_eq!(sent, steps);
        assert_eq!(outcome.unwrap(), expected);
    }
}

#[test]
fn failed_revocation_names_its_call() {
    let lost = "the connection ended before the response was complete";
    let before = |cause: &str| format!("nothing was revoked: reading the room failed: {cause}");
    let unknown =
        |cause: &str| format!("the outcome is unknown; revoke again, which is safe: {cause}");
    for (replies, expected) in [
        (&[FORBIDDEN][..], before("403 M_FORBIDDEN: no")),
        (&[NOT_SENT], before("cannot connect to the server")),
        // The first call only reads the room, so it cannot leave a revocation unknown.
        (&[UNKNOWN], before(lost)),
        (&[BAD_GATEWAY], before("502 Bad Gateway")),
        (&[THERE, FORBIDDEN], "the node refused: 403 M_FORBIDDEN: no".to_owned()),
        (&[THERE, Limited], "the node refused: 429 Too Many Requests".to_owned()),
        (&[THERE, NOT_SENT], "nothing was revoked: cannot connect to the server".to_owned()),
        (&[THERE, UNKNOWN, THERE], unknown(lost)),
        (&[THERE, BAD_GATEWAY, THERE], unknown("502 Bad Gateway")),
        (&[THERE, Reply::Response(302, "")], "the node refused: 302 Found".to_owned()),
        (&[THERE, UNKNOWN, NOT_SENT], unknown(lost)),
        (
            &[THERE, Failure(TransportErrorKind::TotalTimeout), FORBIDDEN],
            unknown("total timeout: no complete response in time"),
        ),
    ] {
        let error = drive(&mut revoke(), replies).1.unwrap_err();
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(error.source().is_none(), "these transport errors have no cause");
    }
}

#[test]
fn revoke_error_keeps_its_response() {
    for (replies, status) in [
        (&[FORBIDDEN][..], Some(403)),
        (&[THERE, FORBIDDEN], Some(403)),
        (&[THERE, BAD_GATEWAY, THERE], Some(502)),
        (&[THERE, NOT_SENT], None),
    ] {
        let error = drive(&mut revoke(), replies).1.unwrap_err();
        assert_eq!(error.api_error().map(|error| error.status().as_u16()), status, "{error}");
    }
}
