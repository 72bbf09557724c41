//! Which requests a revocation sends, and what it ends with.

mod support;

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
fn revocation_looks_first_and_again_when_unknown() {
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
fn failed_revocation_keeps_its_cause() {
    let lost = "the connection ended before the response was complete";
    for (replies, expected) in [
        (&[FORBIDDEN][..], "403 M_FORBIDDEN: no"),
        (&[NOT_SENT], "cannot connect to the server"),
        (&[UNKNOWN], lost),
        (&[THERE, FORBIDDEN], "403 M_FORBIDDEN: no"),
        (&[THERE, NOT_SENT], "cannot connect to the server"),
        (&[THERE, UNKNOWN, THERE], lost),
        (&[THERE, BAD_GATEWAY, THERE], "502 Bad Gateway: not an answer of this call"),
        (&[THERE, Reply::Response(302, "")], "302 Found: not an answer of this call"),
        (&[THERE, UNKNOWN, NOT_SENT], lost),
        (
            &[THERE, Failure(TransportErrorKind::TotalTimeout), FORBIDDEN],
            "total timeout: no complete response in time",
        ),
    ] {
        assert_eq!(drive(&mut revoke(), replies).1.unwrap_err().to_string(), expected);
    }
}
