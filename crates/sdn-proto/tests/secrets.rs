//! Plants secrets in every public type and error, and looks for them in everything that can be
//! printed.

#![cfg(feature = "arbitrary")]

use std::fmt::Debug;
use std::panic;

use arbitrary::Unstructured;
use sdn_proto::client::{DidLogin, PasswordLogin, RequestOpenIdToken};
use sdn_proto::flow::{AcceptFlow, Flow, InviteFlow, LoginFlow, RevokeFlow, SignedLoginFlow, Step};
use sdn_proto::generate::{Compose, Parts};
use sdn_proto::http::{Request, Response};
use sdn_proto::id::{InviteToken, ServerName};
use sdn_proto::identity::Register;
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, Password, ValidationToken};
use sdn_proto::{
    AccessToken, ApiError, Call, CallError, IdAccessToken, IdentityServer, IdentitySession,
    InviteBy3pid, InviteUser, Node, Redacted, RoomId, Session, Signature, ThirdPartyId, UserId,
    WalletAddress,
};

/// Hex digits, because a signature consists of them.
const SECRET: &str = "5ec2e7c0ffee";

fn assert_clean(shown: &str) {
    assert!(!shown.contains(SECRET), "a secret is shown: {shown}");
}

fn assert_debug_is_clean(value: &impl Debug) {
    assert_clean(&format!("{value:?}"));
    assert_clean(&format!("{value:#?}"));
}

fn session() -> Session {
    Node::new("https://node.example")
        .unwrap()
        .session(AccessToken::new(format!("syt_{SECRET}")).unwrap())
}

fn invite() -> InviteBy3pid {
    let id_token = format!("id_{SECRET}");
    InviteBy3pid::from_strings("!a:b", "alice@example.com", &id_token, "id.example", "email")
        .unwrap()
}

#[test]
fn values_and_calls_hide_their_tokens() {
    assert_debug_is_clean(&AccessToken::new(SECRET).unwrap());
    assert_debug_is_clean(&IdAccessToken::new(SECRET).unwrap());
    assert_debug_is_clean(&session());
    assert_debug_is_clean(&invite());
    let user = InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap());
    assert_debug_is_clean(&user);
    assert_debug_is_clean(&user.to_request(&session()));
}

/// A valid private key that contains the secret.
const KEY: &str = "5ec2e7c0ffeeAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn signature() -> Signature {
    let signature =
        Signature::new(format!("{SECRET}{}1b", "1".repeat(128 - SECRET.len()))).unwrap();
    assert!(signature.expose().contains(SECRET));
    signature
}

fn id_session() -> IdentitySession {
    let server = IdentityServer::new("https://id.example").unwrap();
    server.session(IdAccessToken::new(format!("id_{SECRET}")).unwrap())
}

/// Checks a call. All of its secrets must contain the secret text.
fn check_call<C: Call + Compose + Debug>()
where
    C::Server: Compose + Debug,
{
    let bytes: Vec<u8> = (0..2000_u32).map(|n| ((n * n) >> 3) as u8).collect();
    let mut bytes = Unstructured::new(&bytes);
    let mut parts = Parts::drawn(&mut bytes, false);
    C::Server::compose(&mut parts).and(C::compose(&mut parts).map(drop)).unwrap();
    let mut parts = Parts::of(parts.with_other_secrets());
    let server = C::Server::compose(&mut parts).unwrap();
    let call = C::compose(&mut parts).unwrap();
    assert_debug_is_clean(&server);
    assert_debug_is_clean(&call);

    let request = call.to_request(&server);
    assert_clean(&Redacted(&request).to_string());
    assert_debug_is_clean(&request.headers());
    let header = request.headers().get("authorization").map_or("", |it| it.to_str().unwrap());
    let body = String::from_utf8_lossy(request.body());
    let sent = format!("{header} {} {body}", request.uri());
    let has_secret = format!("{:?}", parts.case()).contains(SECRET);
    assert_eq!(sent.contains(SECRET), has_secret, "{sent}");

    // A server may repeat it in a place that does not look like a secret.
    let words = sent.trim_start_matches("Bearer ").replace(['"', ':'], " ");
    let error = serde_json::json!({ "errcode": words, "error": words }).to_string();
    let response = Response::builder().status(403).body(error).unwrap();
    let error = C::parse_response(&response).map(drop).unwrap_err().without_secrets_of(&request);
    assert_debug_is_clean(&error);
    assert_clean(&format!("{error} {:?} {:?}", error.message(), error.body()));
}

#[test]
fn calls_hide_their_secrets() {
    macro_rules! check {
        ($($folder:ident::$file:ident::$call:ident,)*) => {
            $(check_call::<sdn_proto::$folder::$call>();)*
        };
    }
    sdn_proto::for_each_call!(check);
    assert_debug_is_clean(&ClientSecret::new(SECRET).unwrap());
    assert_debug_is_clean(&Password::new(SECRET).unwrap());
    assert_debug_is_clean(&ValidationToken::new(SECRET).unwrap());
    assert_debug_is_clean(&InvitePrivateKey::new(KEY).unwrap());
    assert_debug_is_clean(&signature());
    assert_debug_is_clean(&id_session());
}

#[test]
fn received_tokens_are_not_printed() {
    let token = format!(
        r#"{{"access_token":"{SECRET}","token":"{SECRET}","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600,"user_id":"@a:b"}}"#
    );
    let response = Response::new(token);
    assert_debug_is_clean(&RequestOpenIdToken::parse_response(&response).unwrap());
    assert_debug_is_clean(&Register::parse_response(&response).unwrap());
    assert_debug_is_clean(&PasswordLogin::parse_response(&response).unwrap());
    assert_debug_is_clean(&DidLogin::parse_response(&response).unwrap());
    assert_clean(&Redacted(&response).to_string());
}

#[test]
fn refused_flow_secrets_are_not_repeated() {
    for text in [format!("{SECRET}\n"), SECRET.repeat(2000), format!("é{SECRET}")] {
        for error in [
            ClientSecret::new(&text).unwrap_err(),
            ValidationToken::new(&text).unwrap_err(),
            InvitePrivateKey::new(&text).unwrap_err(),
            Signature::new(&text).unwrap_err(),
            Password::new(text.repeat(700)).unwrap_err(),
        ] {
            assert_clean(&error.to_string());
            assert_debug_is_clean(&error);
        }
    }
}

#[test]
fn refused_responses_do_not_repeat_secrets() {
    let check = |body: String, read: fn(&Response<String>) -> Result<String, ApiError>| {
        let response = Response::new(body);
        let error = read(&response).unwrap_err();
        assert_clean(&error.to_string());
        assert_debug_is_clean(&error);
    };
    let long = SECRET.repeat(2000);
    for token in [format!(r#""{SECRET} ""#), format!(r#""{long}""#), format!(r#"["{SECRET}"]"#)] {
        check(format!(r#"{{"token":{token}}}"#), |response| {
            Register::parse_response(response).map(|token| token.expose().to_owned())
        });
        check(format!(r#"{{"access_token":{token},"token_type":"Bearer"}}"#), |response| {
            RequestOpenIdToken::parse_response(response).map(|token| format!("{token:?}"))
        });
        check(format!(r#"{{"access_token":{token},"user_id":"@a:b"}}"#), |response| {
            PasswordLogin::parse_response(response).map(|login| format!("{login:?}"))
        });
    }
}

/// Returns a login that the wallet with the key 1 has signed.
fn login() -> SignedLoginFlow {
    let address = WalletAddress::new("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf").unwrap();
    let mut flow = LoginFlow::new(Node::new("https://node.example").unwrap(), address);
    for body in [r#"{"data":[]}"#, r#"{"did":"did:web:x","message":"hello","updated":"u"}"#] {
        flow.received(Ok(Response::new(body.into())));
    }
    let Step::Done(Ok(challenge)) = flow.step() else { panic!("{:?}", flow.step()) };
    let (r, s) = (
        "e5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae",
        "0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a",
    );
    let flow = challenge.answer(Signature::new(format!("{r}{s}00")).unwrap()).unwrap();
    let shown = format!("{flow:?} {:?}", flow.step());
    assert!(!shown.contains(r) && !shown.contains(s), "{shown}");
    flow
}

#[test]
fn flows_hide_their_secrets() {
    let room = || RoomId::new("!a:node.example").unwrap();
    let name = || ServerName::new("id.example").unwrap();
    let token = || InviteToken::new("tok").unwrap();
    let key = || InvitePrivateKey::new(KEY).unwrap();
    let id_token = IdAccessToken::new(SECRET).unwrap();
    let third_party_id = ThirdPartyId::email("alice@example.com").unwrap();
    let invite = InviteFlow::new(session(), room(), third_party_id, name());
    let invite = invite.with_id_access_token(id_token);
    let accept = AcceptFlow::signed_by_server(session(), id_session(), room(), token(), key());

    fn check<F: Flow + Debug>(flow: F)
    where
        F::Outcome: Debug,
    {
        assert_debug_is_clean(&flow);
        let step = flow.step();
        assert_debug_is_clean(&step);
        let Step::Send(outgoing) = step else { panic!("{step:?}") };
        assert_debug_is_clean(&outgoing);
    }
    check(invite);
    check(login().with_developer_signature(signature()));
    check(accept);
    check(RevokeFlow::new(session(), room(), token()));
    #[cfg(feature = "verify")]
    check(AcceptFlow::signed_locally(session(), name(), room(), None, token(), key()));
}

#[test]
fn errors_do_not_repeat_refused_tokens() {
    for token in [format!("{SECRET}\n"), SECRET.repeat(2000), format!("é{SECRET}")] {
        let errors =
            [AccessToken::new(&token).unwrap_err(), IdAccessToken::new(&token).unwrap_err()];
        for error in errors {
            assert_clean(&error.to_string());
            assert_debug_is_clean(&error);
        }
        let error =
            InviteBy3pid::from_strings("!a:b", "a@b", &token, "id.example", "email").unwrap_err();
        assert_clean(&error.to_string());
    }
    let error = Node::new(format!("https://bob:{SECRET}@node.example/")).unwrap_err();
    assert_clean(&error.to_string());
}

#[test]
fn panic_message_has_no_token() {
    let result = panic::catch_unwind(|| AccessToken::new(format!("{SECRET}\r\n")).unwrap());
    let message = result.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("access token"));
    assert_clean(&message);
}

#[test]
fn redacted_messages_have_no_secrets() {
    let request = invite().to_request(&session());
    assert!(
        String::from_utf8_lossy(request.body()).contains(SECRET),
        "the test needs a secret to hide"
    );
    assert_clean(&Redacted(&request).to_string());
    assert_debug_is_clean(&Redacted(&request));

    let nested = format!(
        r#"{{"a":[{{"token":"{SECRET}","client_secret":["{SECRET}"]}}],"private_key":"{SECRET}"}}"#
    );
    let response = Response::builder()
        .header("set-cookie", SECRET)
        .header("x-plain", "shown")
        .body(nested)
        .unwrap();
    let shown = Redacted(&response).to_string();
    assert_clean(&shown);
    assert!(shown.starts_with("200 OK\n") && shown.contains("x-plain: shown"), "{shown}");

    let uri = format!(
        "https://u:{SECRET}@id.example/x?sid=7&client_secret={SECRET}&access_token={SECRET}"
    );
    let request = Request::builder()
        .uri(uri)
        .header("authorization", format!("Bearer {SECRET}"))
        .body(format!("token={SECRET}"))
        .unwrap();
    assert_eq!(
        Redacted(&request).to_string(),
        "GET https://id.example/x?sid=7&client_secret=[redacted]&access_token=[redacted]\n\
         authorization: [redacted]\n\n[18 bytes]",
    );
}

#[test]
fn api_error_omits_the_body() {
    let bodies = [
        SECRET.to_owned(),
        format!(r#"{{"token":"{SECRET}""#),
        format!(r#"{{"errcode":"M_UNKNOWN","error":"no","access_token":"{SECRET}"}}"#),
        format!("<html>{SECRET}</html>"),
    ];
    for (status, body) in [200, 302, 403, 502].iter().zip(bodies) {
        let response = Response::builder().status(*status).body(body).unwrap();
        let error: ApiError = InviteBy3pid::parse_response(&response).unwrap_err();
        assert!(!error.body().is_empty());
        assert_clean(&error.to_string());
        assert_debug_is_clean(&error);
        let error = CallError::from(error);
        assert_clean(&error.to_string());
        assert_debug_is_clean(&error);
    }
}
