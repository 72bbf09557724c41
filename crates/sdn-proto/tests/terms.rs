//! The terms of an identity server: the text of a policy to show, and terms that cannot be
//! accepted.

mod support;

use sdn_proto::Call;
use sdn_proto::flow::{InviteError, InviteFlow, RegisterError, RegisterFlow};
use sdn_proto::http::Response;
use sdn_proto::identity::{GetTerms, Terms};
use sdn_proto::{InviteStatus, ThirdPartyId};
use serde_json::{Value, json};
use support::*;

fn terms(policies: &Value) -> Terms {
    let body = json!({ "policies": policies }).to_string();
    GetTerms::parse_response(&Response::new(body)).unwrap()
}

fn text(url: &str) -> Value {
    json!({ "name": "P", "url": url })
}

#[test]
fn policy_is_shown_in_best_language() {
    const EN: &str = "https://id.example/en";
    const US: &str = "https://id.example/en-us";
    const DE: &str = "https://id.example/de";
    const AT: &str = "https://id.example/de-at";
    for (languages, wanted, expected) in [
        (&[("en", EN), ("de", DE)][..], "de", DE),
        (&[("en", EN), ("de", DE)], "DE", DE),
        (&[("en", EN), ("de", DE)], "fr", EN),
        (&[("en", EN), ("de", DE)], "", EN),
        (&[("en", EN), ("de", DE)], "de-AT", DE),
        (&[("de", DE), ("de-AT", AT)], "de-at", AT),
        (&[("de", DE), ("de-AT", AT)], "de", DE),
        (&[("de-AT", AT), ("en", EN)], "de", AT),
        (&[("de_AT", AT), ("en", EN)], "de-CH", AT),
        (&[("de", DE), ("en-US", US)], "en", US),
        (&[("de", DE), ("en-US", US)], "fr", US),
        (&[("de", DE), ("en-US", US), ("en", EN)], "fr", EN),
        (&[("de", DE), ("EN-us", US)], "en-GB", US),
        (&[("de", DE)], "en", DE),
        // `eng` is another code, and `e` is not a code.
        (&[("de", DE), ("eng", EN)], "en", DE),
        (&[("de", DE), ("e", EN)], "en", DE),
        // Texts that cannot be read are skipped.
        (&[("en", ""), ("de", DE)], "en", DE),
        (&[("en", "javascript:alert(1)"), ("de", DE)], "en", DE),
        (&[("en", "/privacy"), ("de", DE)], "en", DE),
        (&[("en", "HTTPS://id.example/en")], "en", "HTTPS://id.example/en"),
        (&[("en", "http://id.example/en")], "en", "http://id.example/en"),
    ] {
        let mut policy = json!({ "version": "1" });
        for (code, url) in languages {
            policy[code] = text(url);
        }
        let terms = terms(&json!({ "p": policy, "q": { "en": text(EN) } }));
        assert_eq!(terms.urls(wanted).unwrap(), [expected, EN], "{wanted} of {languages:?}");
    }
}

#[test]
fn unreadable_policy_has_no_urls() {
    for policy in [
        json!({ "version": "1" }),
        json!({ "version": "1", "en": {} }),
        json!({ "version": "1", "en": "https://id.example/en" }),
        json!({ "version": "1", "en": { "name": "P" } }),
        json!({ "version": "1", "en": { "url": "https://id.example/en" } }),
        json!({ "version": "1", "en": text("") }),
        json!({ "version": "1", "en": text("https://") }),
        json!({ "version": "1", "en": text("ftp://id.example/en") }),
    ] {
        let terms = terms(&json!({ "a": { "en": text("https://id.example/en") }, "p\n": policy }));
        let error = terms.urls("en").unwrap_err();
        assert_eq!(error.policy(), Some("p\n"), "{policy}");
        assert_eq!(
            error.to_string(),
            "the policy p\\n has no readable text; ask the server's operator to correct its terms"
        );
    }
    let error = terms(&json!({})).urls("en").unwrap_err();
    assert_eq!(error.policy(), None);
    assert!(
        error.to_string().starts_with("the identity server has no policy to accept"),
        "{error}"
    );
}

const OPEN_ID_TOKEN: Reply =
    Reply::Response(200, r#"{"access_token":"oid","token_type":"Bearer","expires_in":3600}"#);
const TOKEN: Reply = Reply::Response(200, r#"{"token":"new"}"#);
const UNEXPLAINED: Reply = Reply::Response(500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#);

#[test]
fn flow_offers_no_unreadable_terms() {
    for body in [
        r#"{"policies":{}}"#,
        r#"{"policies":{"p":{"version":"1"}}}"#,
        r#"{"policies":{"p":{"version":1,"en":{"name":"P","url":"about:blank"}}}}"#,
    ] {
        let unreadable = Reply::Response(200, body);
        let replies = [ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, unreadable];
        let outcome = drive(RegisterFlow::new(session(), id_server()), &replies).1;
        let Err(error @ RegisterError::UnreadableTerms(_)) = outcome else { panic!("{body}") };
        assert!(error.to_string().ends_with("ask the server's operator to correct its terms"));
        assert!(error.api_error().is_none() && std::error::Error::source(&error).is_none());

        let alice = ThirdPartyId::email("alice@example.com").unwrap();
        let flow = InviteFlow::new(session(), room_id(), alice, id_server());
        let flow = flow.with_id_access_token(id_token());
        let outcome = drive(flow, &[UNEXPLAINED, UNSIGNED, unreadable]).1;
        let Err(error @ InviteError::UnreadableTerms(_)) = outcome else { panic!("{body}") };
        assert!(error.to_string().starts_with("nobody was invited: the "), "{error}");
        assert!(error.api_error().is_none() && std::error::Error::source(&error).is_none());
        assert_eq!(InviteStatus::from(&error), InviteStatus::NotSent);
    }
}

#[test]
fn numeric_version_does_not_matter() {
    const NUMERIC: Reply = Reply::Response(
        200,
        r#"{"policies":{"p":{"version":3,"en-US":{"name":"P","url":"https://id.example/p"}}}}"#,
    );
    let replies = [ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, NUMERIC];
    let outcome = drive(RegisterFlow::new(session(), id_server()), &replies).1;
    let Err(RegisterError::Terms(pending)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(pending.terms().policies["p"].version, "3");
    let urls = pending.terms().urls("en").unwrap();
    assert_eq!(urls, ["https://id.example/p"]);
    assert!(drive(pending.accept(urls), &[DONE, ME]).1.is_ok());
}
