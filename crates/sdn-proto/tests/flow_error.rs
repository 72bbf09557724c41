//! The texts of flows' errors, and the response and the cause that they keep.

mod support;

use std::error::Error;

use sdn_proto::TransportErrorKind;
use sdn_proto::flow::{AcceptFlow, IdentityServerAt, InviteFlow, RegisterFlow, RevokeFlow};
use sdn_proto::id::InviteToken;
use sdn_proto::{InviteStatus, Node, ThirdPartyId};
use support::*;

const OPEN_ID_TOKEN: Reply = Reply::Response(
    200,
    r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
);
const TOKEN: Reply = Reply::Response(200, r#"{"token":"new"}"#);
const UNEXPLAINED: Reply = Reply::Response(500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#);
const BAD_SERVER: Reply =
    Reply::Response(200, r#"{"m.identity_server":{"base_url":"https://localhost"}}"#);

fn domain() -> IdentityServerAt {
    IdentityServerAt::Discover(Node::new("https://example.com").unwrap())
}

fn alice() -> ThirdPartyId {
    ThirdPartyId::email("alice@example.com").unwrap()
}

#[test]
fn register_error_names_its_stage() {
    for (replies, stage) in [
        (&[FORBIDDEN][..], "getting your user ID from the node"),
        (&[ME, FORBIDDEN], "getting an OpenID token from the node"),
        (&[ME, OPEN_ID_TOKEN, FORBIDDEN], "registering with the identity server"),
        (&[ME, OPEN_ID_TOKEN, TOKEN, FORBIDDEN], "asking the identity server about your account"),
        (&[ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, FORBIDDEN], "the identity server's terms"),
    ] {
        let error = drive(RegisterFlow::new(session(), id_server()), replies).1.unwrap_err();
        assert_eq!(error.to_string(), format!("{stage} failed: 403 M_FORBIDDEN: no"));
        assert_eq!(error.api_error().unwrap().status(), 403);
        assert!(error.source().is_none());
    }
    let error = drive(RegisterFlow::new(session(), domain()), &[FORBIDDEN]).1.unwrap_err();
    assert!(error.to_string().starts_with("asking the domain for its servers failed: 403"));
}

#[test]
fn error_without_response_has_none() {
    for (replies, text) in [
        (&[NOT_FOUND][..], "no identity server is known; name one"),
        (&[BAD_SERVER], "the domain names a bad identity server URL: leads to this machine"),
    ] {
        let error = drive(RegisterFlow::new(session(), domain()), replies).1.unwrap_err();
        assert!(error.api_error().is_none() && error.source().is_none());
        assert!(error.to_string().starts_with(text), "{error}");
        let flow = InviteFlow::new(session(), room_id(), alice(), domain());
        let error = drive(flow, replies).1.unwrap_err();
        assert!(error.api_error().is_none() && error.source().is_none());
        assert!(error.to_string().starts_with(text), "{error}");
        assert_eq!(InviteStatus::from(&error), InviteStatus::NotSent);
    }
}

#[test]
fn invite_error_keeps_response_and_cause() {
    let flow = || {
        InviteFlow::new(session(), room_id(), alice(), id_server()).with_id_access_token(id_token())
    };
    for (replies, text, status, has_response) in [
        (&[FORBIDDEN][..], "the node refused: 403", InviteStatus::Refused, true),
        (&[Limited], "the node limits the rate: 429", InviteStatus::NotSent, true),
        (&[UNEXPLAINED, FORBIDDEN], "the identity server does not", InviteStatus::Refused, true),
        (&[NOT_SENT], "nobody was invited: cannot connect", InviteStatus::NotSent, false),
        (&[BAD_GATEWAY], "check the room before you invite", InviteStatus::Unknown, true),
        (&[UNKNOWN], "check the room before you invite", InviteStatus::Unknown, false),
        (
            &[UNEXPLAINED, UNSIGNED, POLICIES],
            "nobody was invited: the",
            InviteStatus::NotSent,
            false,
        ),
    ] {
        let error = drive(flow(), replies).1.unwrap_err();
        assert!(error.to_string().starts_with(text), "{error}");
        assert_eq!(InviteStatus::from(&error), status);
        assert_eq!(error.api_error().is_some(), has_response, "{error}");
        assert!(error.source().is_none(), "these transport errors have no cause");
    }
    let error = drive(flow().with_room_check(), &[ME, FORBIDDEN]).1.unwrap_err();
    assert!(
        error.to_string().starts_with("nobody was invited: reading the room's state failed: 403")
    );
}

#[test]
fn accept_error_keeps_its_response() {
    let flow = || {
        let base = sdn_proto::IdentityServer::at(&id_server());
        let key = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E".parse().unwrap();
        let token = InviteToken::new("tok").unwrap();
        AcceptFlow::signed_by_server(session(), base.session(id_token()), room_id(), token, key)
    };
    for (replies, has_response) in [
        (&[FORBIDDEN][..], true),
        (&[ME, FORBIDDEN], true),
        (&[ME, Failure(TransportErrorKind::Tls)], false),
    ] {
        let error = drive(flow(), replies).1.unwrap_err();
        assert_eq!(error.api_error().is_some(), has_response, "{error}");
        assert!(error.source().is_none());
    }
    let revoke = RevokeFlow::new(session(), room_id(), InviteToken::new("tok").unwrap());
    assert_eq!(drive(revoke, &[FORBIDDEN]).1.unwrap_err().api_error().unwrap().status(), 403);
}
