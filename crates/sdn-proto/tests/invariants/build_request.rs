//! A call's request is the one that the conformance data describe, for any values. No value gets
//! into another header, another path segment, the query or another member. Secrets are marked and
//! not printed. If a server's error repeats the request, the secrets can be removed from it.

use std::fmt::Debug;

use arbitrary::{Arbitrary, Result, Unstructured};
use sdn_proto::bytes::Bytes;
use sdn_proto::generate::{Compose, HostileText, Parts};
use sdn_proto::http::Request;
use sdn_proto::{
    Call, Dialect, IdAccessToken, InviteBy3pid, Outgoing, Redacted, RoomId, ServerName, Session,
    ThirdPartyId,
};
use serde_json::{Map, Value, json};
use url::Url;

use super::calls::{self, Described, Visitor};
use super::echo;
use super::{assert_plain, has_no_control};

/// Makes a call and its server from `data`, builds the request and checks it. Data that make no
/// values pass.
pub fn check(data: &[u8]) {
    // An error means that the data make no values. A wrong request is a panic.
    let _ = draw_and_check(&mut Unstructured::new(data));
}

fn draw_and_check(u: &mut Unstructured<'_>) -> Result<()> {
    let are_hostile = u.arbitrary()?;
    if u.int_in_range(0..=9)? == 9 {
        return from_strings(u);
    }
    let which = u.choose_index(calls::COUNT)?;
    calls::visit(which, AnyCall { parts: Parts::drawn(u, are_hostile) });
    Ok(())
}

struct AnyCall<'u, 'a> {
    parts: Parts<'u, 'a>,
}

impl Visitor for AnyCall<'_, '_> {
    type Output = ();

    fn visit<C>(mut self, described: &Described)
    where
        C: Call + Compose + Debug,
        C::Server: Compose + Debug,
    {
        let (server, call) = compose::<C>(&mut self.parts);
        let request = call.to_request(&server);
        let url = check_sent(&request, described, self.parts.case());
        check_secrecy::<C>(&request, &call, &server, &self.parts);
        echo::check::<C>(&request, &url);
        let outgoing = Outgoing::new(&call, &server);
        assert!(
            outgoing.is::<C>()
                && [C::path(Dialect::Sdn), C::path(Dialect::Matrix)].contains(&outgoing.path())
        );
    }
}

fn compose<C: Call + Compose>(parts: &mut Parts<'_, '_>) -> (C::Server, C)
where
    C::Server: Compose,
{
    (C::Server::compose(parts).unwrap(), C::compose(parts).unwrap())
}

/// Five strings, near the rules' edges or well within, are sent unchanged or refused with an error
/// that does not repeat them.
fn from_strings(u: &mut Unstructured<'_>) -> Result<()> {
    let room = text_or::<RoomId>(u, RoomId::as_str)?;
    let address = text_or::<ThirdPartyId>(u, ThirdPartyId::address)?;
    let id_token = text_or::<IdAccessToken>(u, IdAccessToken::expose)?;
    let id_server = text_or::<ServerName>(u, ServerName::as_str)?;
    let medium = text_or::<ThirdPartyId>(u, |id| id.medium().as_str())?;
    match InviteBy3pid::from_strings(&room, &address, &id_token, &id_server, &medium) {
        Ok(call) => {
            let mut parts = Parts::drawn(u, false);
            let session = Session::compose(&mut parts).unwrap();
            let mut case = parts.case().clone();
            for (name, text) in [
                ("room_id", room),
                ("address", address),
                ("id_access_token", id_token),
                ("id_server", id_server),
                ("medium", medium),
            ] {
                case.insert(name.to_owned(), text.into());
            }
            let file = include_str!("../conformance/calls/client/invite_by_3pid.json");
            check_sent(&call.to_request(&session), &Described::read(file), &case);
        }
        Err(error) => assert_plain(&error),
    }
    Ok(())
}

fn text_or<T: for<'a> Arbitrary<'a>>(
    u: &mut Unstructured<'_>,
    as_str: impl Fn(&T) -> &str,
) -> Result<String> {
    if u.arbitrary()? {
        Ok(u.arbitrary::<HostileText>()?.0)
    } else {
        Ok(as_str(&u.arbitrary()?).to_owned())
    }
}

/// Checks that the request is the one in the data, byte for byte. Returns its URL.
fn check_sent(request: &Request<Bytes>, described: &Described, case: &Map<String, Value>) -> Url {
    let base = case.get("node").or(case.get("identity_server")).unwrap().as_str().unwrap();
    assert_eq!(request.method(), described.method());
    assert_eq!(request.uri().to_string(), format!("{base}{}", described.path(case)));
    check_headers(request, described.token(case));
    let url = check_url(request, base);
    let sent = std::str::from_utf8(request.body()).unwrap();
    match case.get("third_party_ids") {
        Some(ids) => check_lookup(sent, case, ids.as_array().unwrap()),
        None => assert_eq!(sent, described.body(case)),
    }
    url
}

/// Checks for the token of the called server, if it needs one, and only the headers that the body
/// needs.
fn check_headers(request: &Request<Bytes>, token: Option<&str>) {
    let headers = request.headers();
    let has_body = !request.body().is_empty();
    let has_token = headers.contains_key("authorization");
    assert_eq!(headers.len(), usize::from(has_token) + usize::from(has_body), "{headers:?}");
    assert_eq!(has_token, token.is_some());
    if let Some(token) = token {
        assert_eq!(headers["authorization"], format!("Bearer {token}"));
        assert!(headers["authorization"].is_sensitive());
    }
    if has_body {
        assert_eq!(headers["content-type"], "application/json");
    }
    for value in headers.values() {
        assert!(value.as_bytes().iter().all(|byte| matches!(byte, b' '..=b'~')), "{value:?}");
    }
}

/// Checks that URL libraries do not resolve or change anything. Returns the URL.
fn check_url(request: &Request<Bytes>, base: &str) -> Url {
    let (url, base) = (Url::parse(&request.uri().to_string()).unwrap(), Url::parse(base).unwrap());
    assert_eq!(
        (url.scheme(), url.host(), url.port(), url.username(), url.password()),
        (base.scheme(), base.host(), base.port(), "", None),
    );
    assert_eq!((url.path(), url.query()), (request.uri().path(), request.uri().query()));
    assert_eq!(url.fragment(), None);
    // A server reads `+` as a space.
    assert!(!url.query().unwrap_or_default().contains('+'), "{url}");
    url
}

/// Addresses are sent unchanged only if the case says so. Otherwise as many hashes are sent, and
/// equal addresses have equal hashes.
fn check_lookup(sent: &str, case: &Map<String, Value>, ids: &[Value]) {
    let mut body: Map<String, Value> = serde_json::from_str(sent).unwrap();
    assert_eq!(json!(body).to_string(), sent);
    let addresses = body.remove("addresses").unwrap();
    let is_unhashed = case.contains_key("unhashed");
    let algorithm = if is_unhashed { "none" } else { "sha256" };
    assert_eq!(json!(body), json!({ "algorithm": algorithm, "pepper": case["pepper"] }));
    let text = |id: &Value, name: &str| id[name].as_str().unwrap().to_owned();
    let plain: Vec<_> =
        ids.iter().map(|id| text(id, "address") + " " + &text(id, "medium")).collect();
    if is_unhashed {
        assert_eq!(addresses, json!(plain));
        return;
    }
    let hashes = addresses.as_array().unwrap();
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    for hash in hashes.iter().map(|hash| hash.as_str().unwrap()) {
        assert!(hash.len() == 43 && hash.chars().all(is_digit), "{hash}");
    }
    assert_eq!(hashes.len(), plain.len());
    for (hash, id) in hashes.iter().zip(&plain) {
        assert_eq!(hash == &hashes[0], id == &plain[0]);
    }
}

/// Printed text is the same for other secrets.
fn check_secrecy<C>(request: &Request<Bytes>, call: &C, server: &C::Server, parts: &Parts<'_, '_>)
where
    C: Call + Compose + Debug,
    C::Server: Compose + Debug,
{
    let (other_server, other) = compose::<C>(&mut Parts::of(parts.with_other_secrets()));
    assert_eq!(
        format!("{call:?} {call:#?} {server:?} {server:#?}"),
        format!("{other:?} {other:#?} {other_server:?} {other_server:#?}"),
    );
    let other_request = other.to_request(&other_server);
    assert_eq!(format!("{:?}", request.headers()), format!("{:?}", other_request.headers()));
    let shown = Redacted(request).to_string();
    assert_eq!(shown, Redacted(&other_request).to_string());
    // Request line and headers and, after an empty line, the body.
    let body_lines = if request.body().is_empty() { 0 } else { 2 };
    assert_eq!(shown.lines().count(), 1 + request.headers().len() + body_lines, "{shown}");
    assert!(shown.split('\n').all(has_no_control), "{shown:?}");
}
