//! A client can be shared and printed, and its errors contain no token with any response.

use sdn_proto::flow::InviteFlow;
use sdn_proto::id::InviteToken;
use sdn_proto::identity::SignInvite;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    ApiErrorKind, CallError, IdAccessToken, IdentityServer, Node, RoomId, ServerName, ThirdPartyId,
    UserId,
};
use sdn_testkit::script::{ScriptedServer, response, serve, serve_always};
use serde_json::json;

use super::{ACCESS_TOKEN, ID_ACCESS_TOKEN, api_error, session, try_to_invite};
use crate::{Client, run, send};

const PRIVATE_KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";

#[test]
fn client_can_be_shared() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Client>();
}

#[test]
fn client_shows_no_token() {
    let server = serve_always(response("200 OK", "{}"));
    let client = Client::default();
    try_to_invite(&client, &server.base_url()).unwrap();
    let text = format!("{client:?} {:?}", Client::builder());
    assert!(!text.contains(ACCESS_TOKEN) && !text.contains(ID_ACCESS_TOKEN), "{text}");
}

/// Starts a server that repeats a request's header and body as words that do not look like secrets.
fn serve_echo(status: &'static str, body: fn(&str) -> String) -> ScriptedServer {
    serve(move |connection| {
        while let Some(request) = connection.request() {
            let header = request.header("authorization").unwrap_or_default();
            let header = header.trim_start_matches("Bearer ");
            let sent = std::str::from_utf8(&request.body).unwrap().replace(['"', ':'], " ");
            if connection.write(response(status, &body(&format!("{header} {sent}")))).is_err() {
                return;
            }
        }
    })
}

fn error_object(echo: &str) -> String {
    json!({ "errcode": echo, "error": echo, "token": echo }).to_string()
}

#[track_caller]
fn assert_clean(shown: &str) {
    for secret in [ACCESS_TOKEN, ID_ACCESS_TOKEN, PRIVATE_KEY] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("[redacted]"), "{shown}");
}

#[test]
fn echoed_request_is_cleaned_by_send() {
    for (status, body, kind) in [
        ("403 Forbidden", error_object as fn(&str) -> String, ApiErrorKind::Refused),
        ("502 Bad Gateway", |echo| format!("<html>{echo}"), ApiErrorKind::UnexpectedStatus),
        ("302 Found", str::to_owned, ApiErrorKind::UnexpectedStatus),
        ("200 OK", |echo| format!("<html>{echo}"), ApiErrorKind::Malformed),
    ] {
        let error = api_error(&Client::new(), &serve_echo(status, body).base_url());
        assert_eq!(error.kind(), kind);
        let code = error.code().map(|code| code.as_str().to_owned());
        assert_clean(&format!(
            "{error} {error:?} {code:?} {:?} {:?}",
            error.message(),
            error.body()
        ));
    }
}

#[test]
fn echoed_key_is_cleaned_by_send() {
    let server = serve_echo("403 Forbidden", error_object);
    let id_server = IdentityServer::new(server.base_url()).unwrap();
    let sign = SignInvite::new(
        UserId::new("@alice:node.example").unwrap(),
        InviteToken::new("an_invitation").unwrap(),
        InvitePrivateKey::new(PRIVATE_KEY).unwrap(),
    );
    let id_session = id_server.session(IdAccessToken::new(ID_ACCESS_TOKEN).unwrap());
    match send(&Client::new(), &id_session, &sign) {
        Err(CallError::Api(error)) => assert_clean(&format!("{error} {:?}", error.body())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn echoed_request_is_cleaned_by_flows() {
    let server = serve_echo("403 Forbidden", error_object);
    let node = Node::new(server.base_url()).unwrap();
    let invitee = ThirdPartyId::email("alice@example.com").unwrap();
    let flow = || {
        let (room, at) = (RoomId::new("!a:b").unwrap(), ServerName::new("id.example").unwrap());
        InviteFlow::new(session(&node.to_string()), room, invitee.clone(), at)
    };
    // One fails when it gets the user's ID, the other at the invitation.
    let token = IdAccessToken::new(ID_ACCESS_TOKEN).unwrap();
    for flow in [flow(), flow().with_id_access_token(token)] {
        let failure = run(&Client::new(), flow).unwrap_err();
        assert_clean(&format!("{failure} {failure:?}"));
    }
}
