//! The printed forms of values and errors.
#![cfg(feature = "verify")]

use std::error::Error;
use std::io;

use sdn_proto::client::{GetInvites, RequestOpenIdToken, WhoAmI};
use sdn_proto::http::{Request, Response};
use sdn_proto::id::KeyId;
use sdn_proto::identity::{Bind, GetTerms, HashDetails, Lookup};
use sdn_proto::signed::InvalidProof;
use sdn_proto::{
    AccessToken, ApiError, Call, CallError, Dialect, ErrorCode, InviteBy3pid, InviteUser, Medium,
    Node, Outgoing, PublicKey, Redacted, RoomId, ThirdPartyId, TransportError, TransportErrorKind,
    UserId,
};

const KEY: &str = "8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM";

fn error(status: u16, body: &str) -> ApiError {
    let response = Response::builder().status(status).body(body.to_owned()).unwrap();
    GetTerms::parse_response(&response).unwrap_err()
}

#[test]
fn values() {
    let key = PublicKey::new(KEY).unwrap();
    assert_eq!(format!("{key:?}"), format!("PublicKey({KEY:?})"));
    assert_ne!(key, PublicKey::new("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI").unwrap());
    assert_eq!(format!("{:?}", Medium::EMAIL), r#"Medium("email")"#);
    let email = ThirdPartyId::email("alice@example.com").unwrap();
    assert_eq!(email.as_ref(), "alice@example.com");
    assert_eq!(
        [Dialect::Sdn, Dialect::Matrix].map(|dialect| dialect.to_string()),
        ["sdn", "matrix"]
    );
    assert_eq!(KeyId::new("ed25519:0").unwrap().algorithm(), "ed25519");
    assert!(
        format!("{:?}", Node::new("https://node.example/a/").unwrap())
            .contains("https://node.example/a/")
    );

    let room_id = RoomId::new("!a:node.example").unwrap();
    let bob = UserId::new("@bob:node.example").unwrap();
    let invite = InviteUser::new(room_id.clone(), bob.clone());
    assert_eq!((invite.room_id(), invite.user_id(), invite.reason()), (&room_id, &bob, None));
    assert_eq!(invite.with_reason("come").reason(), Some("come"));
    let invite = InviteBy3pid::from_strings(
        "!a:node.example",
        "alice@example.com",
        "t",
        "id.example",
        "email",
    )
    .unwrap();
    assert_eq!((invite.room_id(), invite.third_party_id()), (&room_id, &email));
    assert_eq!(invite.id_server().as_str(), "id.example");
}

#[test]
fn requests() {
    let token = AccessToken::new("SECRET").unwrap();
    let session = Node::new("https://node.example/base/").unwrap().session(token);
    let call = GetInvites::new(RoomId::new("!a:node.example").unwrap());
    let request: Request<_> = call.to_request(&session);
    let shown = Redacted(&request).to_string();
    assert!(shown.starts_with("GET https://node.example/base/_api/"), "{shown}");
    assert_eq!(format!("{:?}", Redacted(&request)), shown);
    let outgoing = Outgoing::new(&call, &session);
    assert_eq!(outgoing.path(), "/_api/client/v3/rooms/{roomId}/state");
    assert!(outgoing.is::<GetInvites>() && !outgoing.is::<WhoAmI>());
    let outgoing = Outgoing::from_request(outgoing.into_request(), 1024);
    assert!(outgoing.path().is_empty() && !outgoing.is::<GetInvites>());
}

#[test]
fn open_id_token_prints_its_server() {
    let answer = Response::new(
        r#"{"access_token":"SECRET","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
    );
    let token = RequestOpenIdToken::parse_response(&answer).unwrap();
    assert_eq!(
        format!("{token:?}"),
        r#"OpenIdToken { server_name: Some("node.example"), expires_in: 3600s, .. }"#
    );
}

#[test]
fn api_errors() {
    for (status, body, shown) in [
        (200, "", "200 OK, but the body is empty"),
        (200, "<html>", "200 OK, but the body is not JSON (line 1, column 1)"),
        (
            200,
            "[]",
            "200 OK, but the JSON does not have the fields of this response (line 1, column 0)",
        ),
        (403, r#"{"errcode":"M_FORBIDDEN","error":"\\\\"}"#, r"403 M_FORBIDDEN: \\"),
    ] {
        let error = error(status, body);
        assert!(error.to_string().starts_with(shown), "{error}");
        let debug = format!("{error:?}");
        assert!(debug.contains(&format!("status: {status}")), "{debug}");
    }
    // A message may consist of one escape.
    assert_eq!(error(403, r#"{"errcode":"M_X","error":"\\"}"#).message(), Some("\\"));

    let error = error(403, r#"{"errcode":"ORG.EXAMPLE.ODD","error":"no"}"#);
    let Some(ErrorCode::Other(code)) = error.code() else { panic!("{error:?}") };
    assert!(format!("{code:?}").contains("ORG.EXAMPLE.ODD"));
}

#[test]
fn long_text_is_cut_between_characters() {
    let escapes = [r"\u00e9", r"\ud83e\udd80", r"\n", r"\\", "é"];
    for (escape, character) in escapes.iter().zip(["é", "🦀", "\n", "\\", "é"]) {
        for before in 0..24 {
            let start = "x".repeat(before);
            let body = format!(
                r#"{{"errcode":"M_X","error":"{start}{}"}}"#,
                escape.repeat(8 * 1024 / escape.len())
            );
            let wanted = (1024 - before) / character.len();
            assert_eq!(error(403, &body).message(), Some(&*(start + &character.repeat(wanted))));
        }
    }
    let code_of = |code: &str| error(403, &format!(r#"{{"errcode":"{code}"}}"#)).code().cloned();
    for letter in ["M", r"\u004d"] {
        assert_eq!(code_of(&letter.repeat(255)).unwrap().as_str(), "M".repeat(255));
        assert_eq!(code_of(&letter.repeat(256)), None);
        assert_eq!(code_of(&letter.repeat(10_000)), None);
    }
}

#[test]
fn long_body_is_printed_as_length() {
    let shown = |length: usize| {
        Redacted(&Response::new(format!("[\"{}\"]", "x".repeat(length - 4)))).to_string()
    };
    assert!(shown(64 * 1024).contains("[\"xxx"));
    assert_eq!(shown(64 * 1024 + 1), "200 OK\n\n[65537 bytes]");
}

/// Codes of the specification and of known servers.
#[test]
fn error_codes() {
    const CODES: &str = "M_BAD_JSON M_BAD_STATE M_CANNOT_LEAVE_SERVER_NOTICE_ROOM M_CAPTCHA_INVALID M_CAPTCHA_NEEDED \
        M_CONSENT_NOT_GIVEN M_INVALID_SIGNATURE \
        M_EMAIL_SEND_ERROR M_EXCLUSIVE M_FORBIDDEN M_GUEST_ACCESS_FORBIDDEN M_INCOMPATIBLE_ROOM_VERSION M_INVALID_ADDRESS \
        M_INVALID_EMAIL M_INVALID_PARAM M_INVALID_PEPPER M_INVALID_ROOM_STATE M_INVALID_USERNAME M_INVITE_BLOCKED \
        M_LIMIT_EXCEEDED M_MISSING_PARAM M_MISSING_PARAMS M_MISSING_TOKEN M_NOT_FOUND M_NOT_JSON M_NO_VALID_SESSION \
        M_RESOURCE_LIMIT_EXCEEDED M_ROOM_IN_USE M_SEND_ERROR M_SERVER_NOT_TRUSTED M_SESSION_EXPIRED \
        M_SESSION_NOT_VALIDATED M_TERMS_NOT_SIGNED M_THREEPID_AUTH_FAILED M_THREEPID_DENIED M_THREEPID_IN_USE \
        M_THREEPID_NOT_FOUND M_TOO_LARGE M_UNAUTHORIZED M_UNKNOWN M_UNKNOWN_TOKEN M_UNRECOGNIZED \
        M_UNSUPPORTED_ROOM_VERSION M_USER_DEACTIVATED M_USER_IN_USE";
    for text in CODES.split(' ') {
        let code = ErrorCode::from(text);
        assert_eq!(code.as_str(), text);
        assert!(!matches!(code, ErrorCode::Other(_)), "{text}");
        // M_NOT_FOUND is NotFound.
        let name = format!("{code:?}").to_lowercase();
        assert_eq!(name, text["M_".len()..].replace('_', "").to_lowercase());
    }
}

#[test]
fn call_errors_show_their_source() {
    let api = CallError::from(error(403, "{}"));
    assert_eq!(api.api_error().unwrap().status(), 403);
    assert!(api.source().is_none());
    let broken = TransportError::new(TransportErrorKind::Other, io::Error::other("cable"));
    let transport = CallError::from(broken);
    assert!(transport.api_error().is_none());
    assert_eq!(transport.source().unwrap().to_string(), "cable");
}

#[test]
fn refusals() {
    let refused = RoomId::new("a:node.example").unwrap_err();
    assert_eq!(refused.to_string(), "room ID: does not begin with '!'; give the full identifier");
    assert_eq!(InvalidProof::NotSigned.to_string(), "the expected signature is missing");
    let details: HashDetails =
        serde_json::from_str(r#"{"algorithms":["rot13"],"lookup_pepper":"p"}"#).unwrap();
    let email = ThirdPartyId::email("alice@example.com").unwrap();
    assert_eq!(
        Lookup::new(vec![email], &details).unwrap_err().to_string(),
        "the identity server does not offer the lookup algorithm 'sha256'"
    );
}

#[test]
fn response_limits_of_calls() {
    const MIB: usize = 1024 * 1024;
    assert_eq!(InviteUser::MAX_RESPONSE_BYTES, 64 * 1024);
    assert_eq!(Lookup::MAX_RESPONSE_BYTES, 4 * MIB);
    assert_eq!(Bind::MAX_RESPONSE_BYTES, 4 * MIB);
    assert_eq!(GetInvites::MAX_RESPONSE_BYTES, 64 * MIB);
}

/// The displayed URL must be accepted too, and it can be longer than the text.
#[test]
fn url_limit_is_about_displayed_url() {
    const MAX: usize = 1024;
    let url = |bytes: usize| {
        let start = "https://[::ffff:fefe:fefe]/";
        format!("{start}{}/", "a".repeat(bytes - start.len() - 1))
    };
    let longer = "::ffff:254.254.254.254".len() - "::ffff:fefe:fefe".len();
    let longest = Node::new(url(MAX - longer)).unwrap().to_string();
    assert_eq!(longest.len(), MAX);
    assert!(Node::new(longest).is_ok());
    assert!(Node::new(url(MAX - longer + 1)).is_err());
}
