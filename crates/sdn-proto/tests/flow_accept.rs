//! The requests and the outcome of an acceptance.

mod support;

use std::time::Duration;

use sdn_proto::IdentityServer;
use sdn_proto::flow::{AcceptError, AcceptFlow};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use support::*;

const JOIN: &str = "POST node.example /client/v3/rooms/!a%3Anode.example/join";
const SIGN: &str = "POST id.example /identity/v2/sign-ed25519";
const SIGNED: Reply = Reply::Response(
    200,
    r#"{"mxid":"@alice:node.example","sender":"@bob:node.example","token":"tok","signatures":{}}"#,
);
const JOINED: Reply = Reply::Response(200, r#"{"room_id":"!a:node.example"}"#);

fn accept() -> AcceptFlow {
    AcceptFlow::signed_by_server(
        session(),
        IdentityServer::at(&id_server()).session(id_token()),
        room_id(),
        InviteToken::new("tok").unwrap(),
        InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E").unwrap(),
    )
}

#[test]
fn acceptance_signs_then_joins() {
    let (steps, outcome) = drive(&mut accept(), &[ME, SIGNED, JOINED]);
    assert_eq!(steps, [WHOAMI, SIGN, JOIN]);
    assert_eq!(outcome.unwrap(), room_id());
}

#[test]
fn rate_limited_join_waits_within_budget() {
    let flow = accept().with_wait_budget(Duration::from_secs(10));
    let (steps, outcome) = drive(flow, &[ME, SIGNED, Limited, JOINED]);
    assert_eq!(steps, [WHOAMI, SIGN, JOIN, WAIT, JOIN]);
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn failed_acceptance_says_what_failed() {
    const LOST: &str = "the connection ended before the response was complete";
    for (replies, expected) in [
        (
            &[NOT_SENT][..],
            "getting your user ID from the node failed: cannot connect to the server",
        ),
        (&[FORBIDDEN], "getting your user ID from the node failed: 403 M_FORBIDDEN: no"),
        (&[ME, UNKNOWN], &format!("the identity server did not sign the acceptance: {LOST}")),
        (&[ME, SIGNED, FORBIDDEN], "the node refused the join: 403 M_FORBIDDEN: no"),
        (&[ME, SIGNED, Limited], "the node refused the join: 429"),
        (&[ME, SIGNED, NOT_SENT], "nothing has happened: cannot connect to the server"),
        (&[ME, SIGNED, UNKNOWN], "the outcome is unknown; join again, which is safe: the con"),
        (&[ME, SIGNED, BAD_GATEWAY], "the outcome is unknown; join again, which is safe: 502"),
    ] {
        let error: AcceptError = drive(&mut accept(), replies).1.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    for page in PAGES {
        let error = drive(&mut accept(), &[ME, SIGNED, page]).1.unwrap_err();
        assert!(matches!(error, AcceptError::Unknown(_)), "{error:?}");
    }
}
