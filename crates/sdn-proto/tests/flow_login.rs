//! The requests and the outcome of a login with a wallet.

mod support;

use std::error::Error;
use std::io;
use std::time::Duration;

use sdn_proto::client::Login;
use sdn_proto::flow::{Challenge, Flow, LoginError, LoginFlow, SignedLoginFlow, Step};
use sdn_proto::{ApiErrorKind, Node, Signature, TransportError, TransportErrorKind, WalletAddress};
use serde_json::{Value, json};
use support::*;

const DIDS: &str =
    "GET node.example /client/unstable/address/0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
const PRE_LOGIN: &str = "POST node.example /client/unstable/did/pre_login1";
const LOGIN: &str = "POST node.example /client/unstable/did/login";

const ADDRESS: &str = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
const DID: &str = "did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf";
/// The signatures of `hello` by the wallets with the keys 1 and 2.
const SIGNATURE: &str = "0xe5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a1b";
const OTHER_SIGNATURE: &str = "0x9bc682e9f6f30bde13c466b808900dc7d8d89d5d9b71e580f206f71a149c018c7daa06cb5e3a0a6bbd3d825d31ece8130859e302da9670f543e89a21add786c51c";

const ONE_DID: Reply =
    Reply::Response(200, r#"{"data":["did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf"]}"#);
const NO_DID: Reply = Reply::Response(200, r#"{"data":null}"#);
const CHALLENGE: Reply = Reply::Response(
    200,
    r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u","random_server":"r"}"#,
);
const LOGGED_IN: Reply = Reply::Response(
    200,
    r#"{"access_token":"LOGIN_SECRET","device_id":"D","user_id":"@sdn_7e5f4552091a69125d5dfcb7b8c2659029395bdf:7e5f4552091a69125d5dfcb7b8c2659029395bdf"}"#,
);

fn node() -> Node {
    Node::new("https://node.example").unwrap()
}

fn begin() -> LoginFlow {
    LoginFlow::new(node(), WalletAddress::new(ADDRESS).unwrap())
}

fn challenge() -> Challenge {
    drive(begin(), &[ONE_DID, CHALLENGE]).1.unwrap()
}

fn signature() -> Signature {
    Signature::new(SIGNATURE).unwrap()
}

fn signed() -> SignedLoginFlow {
    challenge().answer(signature()).unwrap()
}

fn body(flow: &impl Flow) -> Value {
    let Step::Send(outgoing) = flow.step() else { panic!("the flow sends nothing") };
    serde_json::from_slice(outgoing.request().body()).unwrap()
}

#[test]
fn wallet_with_did_logs_in() {
    let (steps, outcome) = drive(begin(), &[ONE_DID, CHALLENGE]);
    assert_eq!(steps, [DIDS, PRE_LOGIN]);
    let challenge = outcome.unwrap();
    assert_eq!(challenge.message().as_str(), "hello");
    assert_eq!((challenge.did().as_str(), challenge.address().as_str()), (DID, ADDRESS));

    let (steps, outcome) = drive(challenge.answer(signature()).unwrap(), &[LOGGED_IN]);
    assert_eq!(steps, [LOGIN]);
    let Login { user_id, device_id, access_token, .. } = outcome.clone().unwrap();
    assert_eq!(user_id.localpart(), "sdn_7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    assert_eq!((device_id.as_deref(), access_token.expose()), (Some("D"), "LOGIN_SECRET"));
    assert_eq!(outcome.unwrap().session(&node()).node(), &node());
}

#[test]
fn first_did_or_address_begins() {
    for (dids, expected) in [
        (ONE_DID, json!({ "did": DID })),
        (
            Reply::Response(
                200,
                r#"{"data":["did:sdn:0000000000000000000000000000000000000001","did:web:x"]}"#,
            ),
            json!({ "did": "did:sdn:0000000000000000000000000000000000000001" }),
        ),
        (NO_DID, json!({ "address": ADDRESS })),
        (Reply::Response(200, r#"{"data":[]}"#), json!({ "address": ADDRESS })),
    ] {
        let mut flow = begin();
        dids.pass_to(&mut flow);
        assert_eq!(body(&flow), expected);
    }
}

#[test]
fn new_wallet_uses_did_of_challenge() {
    const PKH: &str = "did:pkh:eip155:1:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let new = Reply::Response(
        200,
        r#"{"did":"did:pkh:eip155:1:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u"}"#,
    );
    let challenge = drive(begin(), &[NO_DID, new]).1.unwrap();
    assert_eq!(challenge.did().as_str(), PKH);
    let sent = body(&challenge.answer(signature()).unwrap());
    assert_eq!(sent["identifier"]["did"], PKH);
    assert_eq!(sent.get("random_server"), None);
}

#[test]
fn signed_login_sends_what_sdks_send() {
    let identifier =
        json!({ "address": ADDRESS, "did": DID, "message": "hello", "token": SIGNATURE });
    let expected = json!({
        "type": "m.login.did.identity",
        "updated": "u",
        "random_server": "r",
        "identifier": identifier,
    });
    assert_eq!(body(&signed()), expected);

    let flow = signed()
        .with_developer_signature(Signature::new(OTHER_SIGNATURE).unwrap())
        .with_device_id("D")
        .with_initial_device_display_name("laptop");
    let mut expected = expected;
    expected["identifier"]["app_token"] = OTHER_SIGNATURE.into();
    expected["device_id"] = "D".into();
    expected["initial_device_display_name"] = "laptop".into();
    assert_eq!(body(&flow), expected);
}

#[test]
fn login_returns_the_nodes_user_id() {
    let other = Reply::Response(200, r#"{"access_token":"t","user_id":"@sdn_b:b"}"#);
    let login = drive(signed(), &[other]).1.unwrap();
    assert_eq!((login.user_id.as_str(), login.device_id), ("@sdn_b:b", None));
}

#[cfg(feature = "wallet")]
#[test]
fn other_wallet_or_message_is_rejected() {
    use sdn_proto::Rule;

    let answer = |challenge: &Challenge, text| challenge.answer(Signature::new(text).unwrap());
    let error = answer(&challenge(), OTHER_SIGNATURE).unwrap_err();
    assert_eq!((error.field(), error.rule()), ("signature", Rule::OtherSigner));
    let other = Reply::Response(
        200,
        r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello ","updated":"u"}"#,
    );
    let other = drive(begin(), &[ONE_DID, other]).1.unwrap();
    assert_eq!(answer(&other, SIGNATURE).unwrap_err().rule(), Rule::OtherSigner);
    // The challenge can still be answered.
    assert!(answer(&challenge(), SIGNATURE).is_ok());
}

#[test]
fn rate_limited_login_waits_within_budget() {
    let flow = begin().with_wait_budget(Duration::from_secs(21));
    let (steps, outcome) = drive(flow, &[Limited, NO_DID, Limited, CHALLENGE]);
    assert_eq!(steps, [DIDS, WAIT, DIDS, PRE_LOGIN, WAIT, PRE_LOGIN]);
    let challenge = outcome.unwrap();
    let flow = || challenge.answer(signature()).unwrap();
    let (steps, outcome) = drive(flow(), &[Limited, LOGGED_IN]);
    assert_eq!(steps, [LOGIN, WAIT, LOGIN]);
    assert!(outcome.is_ok(), "{outcome:?}");
    let (steps, outcome) = drive(flow(), &[Limited, Limited]);
    assert_eq!(steps, [LOGIN, WAIT, LOGIN]);
    let error = outcome.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the node refused the login: 429 Too Many Requests: unexpected response (retry after 7s)"
    );
    assert!(drive(begin(), &[Limited]).1.is_err(), "without a budget it does not wait");
}

#[test]
fn failed_beginning_says_what_failed() {
    let refused = "403 M_FORBIDDEN: no";
    for (replies, expected) in [
        (&[NOT_SENT][..], "asking for the wallet's DIDs failed: cannot connect to the server"),
        (&[FORBIDDEN], "asking for the wallet's DIDs failed: 403 M_FORBIDDEN: no"),
        (&[NO_DID, FORBIDDEN], "asking for a message to sign failed: 403 M_FORBIDDEN: no"),
        (&[ONE_DID, UNKNOWN], "asking for a message to sign failed: the connection ended"),
        (&[ONE_DID, DONE], "asking for a message to sign failed: 200 OK, but the JSON"),
    ] {
        let error: LoginError = drive(begin(), replies).1.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        let response = error.api_error().map(ToString::to_string);
        assert_eq!(response.as_deref() == Some(refused), expected.ends_with(refused));
    }
    let long = json!({ "did": DID, "message": "m".repeat(4097), "updated": "u" }).to_string();
    let long = Reply::Response(200, long.leak());
    let error = drive(begin(), &[ONE_DID, long]).1.unwrap_err();
    assert!(error.to_string().ends_with("200 OK, but the JSON has a bad login message"), "{error}");
}

/// Each has its own error, and the login is not repeated.
#[test]
fn failed_login_says_what_failed() {
    const TOKEN: &str = "the outcome is unknown; begin another login: 200 OK, but the JSON has";
    let response = |body| Reply::Response(200, body);
    for (reply, expected) in [
        (FORBIDDEN, "the node refused the login: 403 M_FORBIDDEN: no".to_owned()),
        (NOT_SENT, "nothing has happened: cannot connect to the server".to_owned()),
        (
            response(r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
            "the node refused the login: 200 OK, but without success: M_FORBIDDEN: no".to_owned(),
        ),
        (
            response(r#"{"errorcode":"M_INVALID_SIGNATURE","access_token":""}"#),
            "the node refused the login: 200 OK, but without success: M_INVALID_SIGNATURE"
                .to_owned(),
        ),
        (response(r#"{"user_id":"@a:b"}"#), format!("{TOKEN} no access token")),
        (
            response(r#"{"access_token":"a\nb","user_id":"@a:b"}"#),
            format!("{TOKEN} a bad access token"),
        ),
        (response(r#"{"access_token":"t"}"#), format!("{TOKEN} no user ID")),
        (response(r#"{"access_token":"t","user_id":"alice"}"#), format!("{TOKEN} a bad user ID")),
    ] {
        let (steps, outcome) = drive(signed(), &[reply]);
        assert_eq!(steps, [LOGIN]);
        assert_eq!(outcome.unwrap_err().to_string(), expected);
    }
    for page in PAGES.into_iter().chain([UNKNOWN]) {
        let (steps, outcome) = drive(signed(), &[page]);
        assert_eq!(steps, [LOGIN]);
        assert!(matches!(outcome, Err(LoginError::Unknown(_))), "{outcome:?}");
    }
    let refusal = drive(signed(), &[response(r#"{"errcode":"M_FORBIDDEN"}"#)]).1.unwrap_err();
    assert_eq!(refusal.api_error().unwrap().kind(), ApiErrorKind::Unsuccessful);
}

#[test]
fn login_error_keeps_response_and_cause() {
    let io = || TransportError::new(TransportErrorKind::Connect, io::Error::other("refused"));
    let fail = |flow: &mut dyn Flow<Outcome = Result<Challenge, LoginError>>| {
        flow.received(Err(io()));
        let Step::Done(Err(error)) = flow.step() else { panic!() };
        error
    };
    let mut asks = begin();
    NO_DID.pass_to(&mut asks);
    let mut logs_in = signed();
    logs_in.received(Err(io()));
    let Step::Done(Err(not_sent)) = logs_in.step() else { panic!() };
    for error in [fail(&mut begin()), fail(&mut asks), not_sent] {
        assert!(error.api_error().is_none());
        assert_eq!(error.source().unwrap().to_string(), "refused", "{error:?}");
    }
    for (replies, status) in [(FORBIDDEN, 403), (BAD_GATEWAY, 502)] {
        let error = drive(signed(), &[replies]).1.unwrap_err();
        assert_eq!(error.api_error().unwrap().status(), status);
        assert!(error.source().is_none());
    }
}

#[test]
fn login_flows_print_no_secret() {
    let developer = Signature::new(OTHER_SIGNATURE).unwrap();
    let mut flow = signed().with_developer_signature(developer);
    let secrets = [&SIGNATURE[2..34], &OTHER_SIGNATURE[2..34], "LOGIN_SECRET"];
    let check = |flow: &SignedLoginFlow| {
        let shown = format!("{flow:?} {flow:#?} {:?}", flow.step());
        assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    };
    check(&flow);
    LOGGED_IN.pass_to(&mut flow);
    check(&flow);

    // A server may repeat the request.
    let echo = format!("{SIGNATURE} and {OTHER_SIGNATURE}");
    let echo = json!({ "errcode": "M_FORBIDDEN", "error": echo }).to_string();
    let mut flow = signed().with_developer_signature(Signature::new(OTHER_SIGNATURE).unwrap());
    Reply::Response(403, echo.leak()).pass_to(&mut flow);
    check(&flow);
    let Step::Done(Err(error)) = flow.step() else { panic!() };
    assert_eq!(error.api_error().unwrap().message(), Some("[redacted] and [redacted]"));
}
