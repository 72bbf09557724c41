//! Servers that repeat the request in their errors, and the printed errors.

use std::error::Error;

use sdn_proto::client::{JoinRoom, PasswordLogin, WhoAmI};
use sdn_proto::http::{Request, Response};
use sdn_proto::identity::SubmitEmailToken;
use sdn_proto::secret::Password;
use sdn_proto::{
    AccessToken, ApiError, ApiErrorKind, Call, ErrorCode, InviteBy3pid, Node, Redacted, Session,
    TransportError, TransportErrorKind,
};
use serde_json::json;

const TOKEN: &str = "syt_PLANTED-a.b~c+d/e==";
const ID_TOKEN: &str = "id_PLANTED";

fn session(token: &str) -> Session {
    Node::new("https://node.example").unwrap().session(AccessToken::new(token).unwrap())
}

/// Returns an invitation's request, and the same request as a server receives it.
fn invitation() -> (Request<bytes::Bytes>, String) {
    let invite =
        InviteBy3pid::from_strings("!a:b", "bob@example.com", ID_TOKEN, "id.example", "email");
    let request = invite.unwrap().to_request(&session(TOKEN));
    let body = std::str::from_utf8(request.body()).unwrap();
    let head = format!("POST {} HTTP/1.1\r\nauthorization: Bearer {TOKEN}\r\n", request.uri());
    let received = format!("{head}\r\n{body}");
    (request, received)
}

fn refusal(status: u16, body: impl ToString) -> ApiError {
    let response = Response::builder().status(status).body(body.to_string()).unwrap();
    InviteBy3pid::parse_response(&response).unwrap_err()
}

fn printed(error: &ApiError) -> String {
    format!("{error} {error:?} {error:#?}")
}

#[track_caller]
fn assert_printed_without_secrets(error: &ApiError) {
    let printed = printed(error);
    assert!(!printed.contains("PLANTED") && printed.contains("[redacted]"), "{printed}");
}

/// Returns a request in the forms in which programs log it.
fn ways_to_log(received: &str) -> Vec<String> {
    let json = json!(received).to_string();
    let members = json!({ "authorization": format!("Bearer {TOKEN}"), "body": { "id_access_token": ID_TOKEN } });
    let in_form = TOKEN.replace('/', "%2f").replace('+', "%2b").replace('=', "%3d");
    let form = format!(r#"authorization=Bearer+{in_form}&body={{"id_access_token":"{ID_TOKEN}"}}"#);
    vec![
        received.to_owned(),
        json.clone(),
        json!(json).to_string(),
        format!("{received:?}"),
        members.to_string(),
        json!(members.to_string()).to_string(),
        members.to_string().replace('"', "'"),
        members.to_string().replace("\":", "\" => "),
        received.replace('"', "&quot;"),
        format!("curl -H 'Authorization: Bearer {TOKEN}' -d id_access_token={ID_TOKEN}&a=b"),
        format!("/invite?access_token={TOKEN}&id_access_token={ID_TOKEN}"),
        form.replace('{', "%7B").replace('"', "%22").replace(':', "%3A").replace('}', "%7D"),
    ]
}

#[test]
fn parsed_errors_mask_echoes_when_printed() {
    let (_, received) = invitation();
    for echo in ways_to_log(&received) {
        let error = refusal(403, json!({ "errcode": "M_FORBIDDEN", "error": echo }));
        assert_printed_without_secrets(&error);
        assert_eq!(error.message(), Some(&*echo), "it stays raw");
        assert!(String::from_utf8_lossy(error.body()).contains("PLANTED"), "it stays raw");
    }
}

#[test]
fn parsed_codes_mask_echoes_when_printed() {
    let code = format!("M_BAD access_token={TOKEN}");
    let error = refusal(403, json!({ "errcode": code, "error": "no" }));
    assert_printed_without_secrets(&error);
    let code = error.code().unwrap();
    assert_eq!(code.as_str(), format!("M_BAD access_token={TOKEN}"));
    assert_eq!(code.to_string(), "M_BAD access_token=[redacted]");
    assert_eq!(format!("{code:?}"), "Other(M_BAD access_token=[redacted])");
}

#[test]
fn exact_secrets_are_removed_everywhere() {
    let (request, received) = invitation();
    let plain = format!("no {TOKEN}, no {ID_TOKEN}");
    for echo in ways_to_log(&received).into_iter().chain([plain]) {
        let object = json!({ "errcode": format!("M_{ID_TOKEN}"), "error": echo, "token": TOKEN });
        for (status, body) in
            [(403, object.to_string()), (502, echo.clone()), (200, format!("<{echo}"))]
        {
            let error = refusal(status, body).without_secrets_of(&request);
            assert!(!printed(&error).contains("PLANTED"), "{error:?}");
            let body = String::from_utf8_lossy(error.body());
            assert!(!body.contains("PLANTED") && body.contains("[redacted]"), "{body}");
            assert!(!error.message().unwrap_or_default().contains("PLANTED"));
            assert!(!error.code().map_or("", ErrorCode::as_str).contains("PLANTED"));
        }
    }
}

#[test]
fn redirect_location_has_no_secrets() {
    let (request, received) = invitation();
    let redirect = |location: &str| {
        let response = Response::builder().status(302).header("location", location);
        InviteBy3pid::parse_response(&response.body(String::new()).unwrap()).unwrap_err()
    };
    let echoes = ways_to_log(&received).into_iter().map(|echo| echo.replace("\r\n", "%0D%0A"));
    for echo in echoes.chain([TOKEN.to_owned(), ID_TOKEN.to_owned()]) {
        let error = redirect(&format!("https://evil.example/?to={echo}"));
        assert!(error.location().unwrap().contains("PLANTED"), "it stays raw");
        assert!(!format!("{error} {error:?}").contains("PLANTED"), "it is not printed");
        let error = error.without_secrets_of(&request);
        let location = error.location().unwrap();
        assert!(!location.contains("PLANTED") && location.contains("[redacted]"), "{location}");
    }
    let error = redirect("/elsewhere").without_secrets_of(&request);
    assert_eq!(error.location(), Some("/elsewhere"));
}

#[test]
fn location_is_bounded_and_ascii() {
    let location = |status: u16, location: &[u8]| {
        let response = Response::builder().status(status).header("location", location);
        let error = InviteBy3pid::parse_response(&response.body("").unwrap()).unwrap_err();
        error.location().map(str::to_owned)
    };
    let longest = "x".repeat(ApiError::MAX_BODY_BYTES);
    assert_eq!(location(308, longest.as_bytes()), Some(longest.clone()));
    assert_eq!(location(308, format!("{longest}x").as_bytes()), None);
    assert_eq!(location(301, "/gr\u{fc}n".as_bytes()), None);
    assert_eq!(location(301, b""), Some(String::new()));
    // Only a redirect has a location.
    assert_eq!(location(201, b"/made"), None);
    assert_eq!(location(404, b"/made"), None);
}

#[test]
fn rest_of_error_stays() {
    let (request, _) = invitation();
    let body = format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","error":"{TOKEN}","retry_after_ms":7}}"#);
    let error = refusal(429, &body).without_secrets_of(&request);
    assert_eq!(error.to_string(), "429 M_LIMIT_EXCEEDED: [redacted] (retry after 7ms)");
    assert_eq!(error.body(), &body.replace(TOKEN, "[redacted]"));

    let body = json!({ "errcode": "M_FORBIDDEN", "error": "You are not in the room" }).to_string();
    let error = refusal(403, &body).without_secrets_of(&request);
    assert_eq!((error.body().to_vec(), error.kind()), (body.into_bytes(), ApiErrorKind::Refused));
    assert_eq!(error.code(), Some(&ErrorCode::Forbidden));
}

#[test]
fn cut_off_secret_is_removed() {
    let (request, _) = invitation();
    for kept in 4..TOKEN.len() {
        let start = "x".repeat(1024 - kept);
        let error = refusal(403, json!({ "errcode": "M_X", "error": format!("{start}{TOKEN}") }));
        let error = error.without_secrets_of(&request);
        assert!(error.message().unwrap().starts_with(&start));
        assert!(!error.message().unwrap().contains(&TOKEN[..4]), "{error}");

        let start = "x".repeat(512 - kept);
        let page = refusal(502, format!("{start}{TOKEN}")).without_secrets_of(&request);
        assert!(page.body().len() <= 512);
        assert!(!page.body().windows(4).any(|window| window == &TOKEN.as_bytes()[..4]));
    }
    // In the middle of an escape.
    let request = WhoAmI::new().to_request(&session(r#"syt_"PLANTED""#));
    let page = format!("{}syt_%2", "x".repeat(512 - 6));
    let error = refusal(502, page).without_secrets_of(&request);
    assert!(error.body().ends_with(b"x[redac"), "{:?}", error.body());
    // What is hidden before makes the body shorter than the limit.
    let issued = "x".repeat(100);
    let page = format!(r#"{{"token":"{issued}","{}syt_"PLAN"#, "y".repeat(512 - 122));
    let error = refusal(200, page).without_secrets_of(&request);
    assert!(error.body().ends_with(b"y[redacted]"), "{:?}", error.body());
    // What looks like an escape is part of the secret.
    let request = WhoAmI::new().to_request(&session("%41%42%43%44"));
    let page = format!("{}%41%42%4", "x".repeat(512 - 8));
    let error = refusal(502, page).without_secrets_of(&request);
    assert!(error.body().ends_with(b"x[redacte"), "{:?}", error.body());
}

#[test]
fn any_secret_is_removed() {
    for token in ["x", "\\", r#"\\""#, "M_FORBIDDEN", "%25", r"a\nb%41&quot;", "[redacted]"] {
        let request = WhoAmI::new().to_request(&session(token));
        let body = json!({ "errcode": "M_FORBIDDEN", "error": format!("<{token}>") });
        let error = refusal(403, body).without_secrets_of(&request);
        assert_eq!(error.message(), Some("<[redacted]>"), "{token}");
        assert_eq!(error.code(), Some(&ErrorCode::Forbidden));
    }
}

#[test]
fn all_request_secrets_are_removed() {
    let request = Request::builder()
        .uri("https://u:PLANTED1@node.example/?client_secret=PLANTED%202&a=b")
        .header("cookie", "PLANTED3")
        .header("authorization", "Basic PLANTED4")
        .body(r#"{"a":[{"token":{"b":["PLANTED5",123456]}}],"password":"PLÄNTED6"}"#)
        .unwrap();
    let echo = "PLANTED1 PLANTED 2 PLANTED%202 PLANTED3 PLANTED4 PLANTED5 123456 PL\\u00c4NTED6";
    let error = refusal(502, echo).without_secrets_of(&request);
    assert_eq!(error.body(), &["[redacted]"; 8].join(" "));

    let form = Request::new("a=b&password=PLANTED%2B7");
    let error = refusal(502, "PLANTED+7").without_secrets_of(&form);
    assert_eq!(error.body(), "[redacted]");
}

/// Programs encode the bytes of a signature in hex again, and some change the last byte first.
#[test]
fn signature_is_removed_in_each_spelling() {
    let number = |digit: &str| format!("{digit}a").repeat(32);
    let numbers = format!("{}{}", number("e"), number("0"));
    let body = json!({ "identifier": { "app_token": "x", "token": format!("0x{numbers}1b") } });
    let request = Request::new(body.to_string());
    let capitals = numbers.to_uppercase();
    for (echo, clean) in [
        (format!("<0x{numbers}1b>"), "<[redacted]>"),
        (format!("<{numbers}1b>"), "<[redacted]1b>"),
        (format!("<{numbers}00>"), "<[redacted]00>"),
        (format!("<0X{capitals}1B>"), "<0X[redacted]1B>"),
        (format!("<{capitals}00>"), "<[redacted]00>"),
    ] {
        let body = json!({ "errcode": "M_FORBIDDEN", "error": echo });
        let error = refusal(403, body).without_secrets_of(&request);
        assert_eq!(error.message(), Some(clean));
        assert!(!String::from_utf8_lossy(error.body()).to_lowercase().contains(&numbers));
    }
}

#[test]
fn unsuccessful_200_is_cleaned() {
    let request = WhoAmI::new().to_request(&session(TOKEN));
    let body = json!({ "success": false, "errcode": TOKEN, "error": TOKEN }).to_string();
    let error = SubmitEmailToken::parse_response(&Response::new(body)).unwrap_err();
    let error = error.without_secrets_of(&request);
    assert_eq!(error.to_string(), "200 OK, but without success: [redacted]: [redacted]");
}

/// The server issued the token, so the request does not contain it.
#[test]
fn issued_token_is_removed_from_body() {
    let node = Node::new("https://node.example").unwrap();
    let login = PasswordLogin::new("alice", Password::new("secret").unwrap());
    let request = login.to_request(&node);
    for (body, clean) in [
        (
            r#"{"access_token":"PLANTED","user_id":"alice"}"#,
            r#"{"access_token":"[redacted]","user_id":"alice"}"#,
        ),
        (
            r#"{"errcode":"M_X","access_token":"PLANTED é"}"#,
            r#"{"errcode":"M_X","access_token":"[redacted]"}"#,
        ),
        (r#"{"user_id":"alice"}"#, r#"{"user_id":"alice"}"#),
    ] {
        let error = PasswordLogin::parse_response(&Response::new(body)).unwrap_err();
        assert_eq!(error.body(), body, "it stays raw");
        assert_eq!(error.without_secrets_of(&request).body(), clean);
    }
    // Another status is an error of this call, but its body has a token.
    let created = r#"{"access_token":"PLANTED","user_id":"@a:b"}"#;
    let created = Response::builder().status(201).body(created).unwrap();
    let error = PasswordLogin::parse_response(&created).unwrap_err().without_secrets_of(&request);
    assert_eq!(error.body(), r#"{"access_token":"[redacted]","user_id":"@a:b"}"#);
    // Cut off in the middle of the token.
    let body = format!(r#"{{"x":"{}","access_token":"PLANTED"}}"#, "x".repeat(485));
    let error = PasswordLogin::parse_response(&Response::new(body)).unwrap_err();
    let body = String::from_utf8_lossy(error.without_secrets_of(&request).body()).into_owned();
    assert!(body.ends_with(r#""access_token":"[re"#) && body.len() == 512, "{body}");
}

#[test]
fn cause_is_cleaned_with_its_sources() {
    let (request, _) = invitation();
    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("outer")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let outer = Outer(std::io::Error::other(format!("goodbye (b\"{TOKEN}\")")));
    let error = TransportError::new(TransportErrorKind::Other, outer);
    let error = error.without_secrets_of(&request);
    let clean = error.source().unwrap();
    assert_eq!(clean.to_string(), "outer");
    assert_eq!(clean.source().unwrap().to_string(), "goodbye (b\"[redacted]\")");
    assert!(!format!("{error:?}").contains("PLANTED") && !clean.is::<Outer>());

    let outer = Outer(std::io::Error::other("goodbye"));
    let error = TransportError::new(TransportErrorKind::Other, outer);
    let error = error.without_secrets_of(&request);
    assert!(error.source().unwrap().is::<Outer>(), "nothing is lost");
}

#[test]
fn redacted_responses_mask_echoes() {
    let (_, received) = invitation();
    for echo in ways_to_log(&received) {
        let body = json!({ "errcode": "M_FORBIDDEN", "error": echo }).to_string();
        let response = Response::builder().header("x-echo", format!("Bearer {TOKEN}"));
        let shown = Redacted(&response.body(body).unwrap()).to_string();
        assert!(!shown.contains("PLANTED"), "{shown}");
    }
}

#[test]
fn join_hides_the_invitation_token() {
    let signed = json!({
        "mxid": "@a:b", "sender": "@c:b", "token": "tok_PLANTED", "signatures": {},
    });
    let join = JoinRoom::new("!a:b".parse().unwrap())
        .with_third_party_signed(serde_json::from_value(signed).unwrap());
    let request = join.to_request(&session(TOKEN));
    let error = refusal(403, json!({ "errcode": "M_FORBIDDEN", "error": "not tok_PLANTED" }));
    assert_eq!(error.without_secrets_of(&request).message(), Some("not [redacted]"));
}
