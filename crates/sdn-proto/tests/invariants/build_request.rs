//! Whatever the values of a call hold, an independent parser reads the same values from its request: nothing of them
//! gets into another header, another path segment, the query or another member, and secrets are marked and not printed.
//! If a server's error repeats the request, the secrets can be taken out.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use percent_encoding::percent_decode_str;
use sdn_proto::bytes::Bytes;
use sdn_proto::generate::{Hostile, HostileText};
use sdn_proto::http::{Method, Request};
use sdn_proto::{
    Call, IdAccessToken, InviteBy3pid, InviteUser, Redacted, RoomId, ServerName, Session,
    ThirdPartyId, UserId, path_template,
};
use serde_json::{Value, json};
use url::Url;

use super::assert_plain;
use super::calls::{self, Visitor};
use super::echo;
use super::place::{Peer, Place};
use super::sent;

/// Reads a call and its server from `data`, builds the request and checks it. Data that make no values pass.
pub fn check(data: &[u8]) {
    // An error says that the data make no values; what is wrong with the request is a panic.
    let _ = draw_and_check(&mut Unstructured::new(data));
}

fn draw_and_check(u: &mut Unstructured<'_>) -> Result<()> {
    let hostile = u.arbitrary()?;
    match u.int_in_range(0..=9)? {
        0 => invite_by_3pid(u, hostile),
        1 => invite_user(u, hostile),
        2 => from_parts(u),
        3 => sent::paths(u, hostile),
        4 => sent::bodies(u, hostile),
        9 => sent::check(u, hostile),
        _ => {
            let which = u.choose_index(calls::COUNT)?;
            calls::visit(which, AnyCall { u, hostile })
        }
    }
}

pub(super) fn draw<T>(u: &mut Unstructured<'_>, hostile: bool) -> Result<T>
where
    T: for<'a> Arbitrary<'a>,
    Hostile<T>: for<'a> Arbitrary<'a>,
{
    if hostile { Ok(u.arbitrary::<Hostile<T>>()?.0) } else { u.arbitrary() }
}

/// A call as its own generator makes it: needs no word about which call it is.
struct AnyCall<'u, 'a> {
    u: &'u mut Unstructured<'a>,
    hostile: bool,
}

impl Visitor for AnyCall<'_, '_> {
    type Output = Result<()>;

    fn visit<C>(self) -> Result<()>
    where
        C: Call + for<'a> Arbitrary<'a>,
        C::Server: Peer,
        Hostile<C>: for<'a> Arbitrary<'a>,
    {
        let place = C::Server::place(self.u, self.hostile)?;
        reparse(&draw::<C>(self.u, self.hostile)?, &place);
        Ok(())
    }
}

fn invite_by_3pid(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = Session::place(u, hostile)?;
    let room: RoomId = draw(u, hostile)?;
    let invitee: ThirdPartyId = draw(u, hostile)?;
    let id_server: ServerName = draw(u, hostile)?;
    let id_token: IdAccessToken = draw(u, hostile)?;
    let call =
        |id_token| InviteBy3pid::new(room.clone(), invitee.clone(), id_server.clone(), id_token);

    let sent = reparse(&call(id_token.clone()), &place);
    assert_eq!(sent.method, Method::POST);
    assert_eq!(sent.path, ["client", "v3", "rooms", room.as_str(), "invite"]);
    sent.assert_body(&[
        ("address", invitee.address()),
        ("id_access_token", id_token.expose()),
        ("id_server", id_server.as_str()),
        ("medium", invitee.medium().as_str()),
    ]);

    let another = || call(IdAccessToken::new("another").unwrap());
    let session = &place.server;
    assert_eq!(format!("{:?}", call(id_token.clone())), format!("{:?}", another()));
    assert_eq!(
        Redacted(&call(id_token).to_request(session)).to_string(),
        Redacted(&another().to_request(session)).to_string(),
    );
    Ok(())
}

fn invite_user(u: &mut Unstructured<'_>, hostile: bool) -> Result<()> {
    let place = Session::place(u, hostile)?;
    let room: RoomId = draw(u, hostile)?;
    let user: UserId = draw(u, hostile)?;
    let reason: Option<String> =
        if u.arbitrary()? { Some(u.arbitrary::<HostileText>()?.0) } else { None };
    let mut call = InviteUser::new(room.clone(), user.clone());
    if let Some(reason) = &reason {
        call = call.with_reason(reason);
    }

    let sent = reparse(&call, &place);
    assert_eq!(sent.method, Method::POST);
    assert_eq!(sent.path, ["client", "v3", "rooms", room.as_str(), "invite"]);
    let mut members = vec![("user_id", user.as_str())];
    members.extend(reason.as_deref().map(|reason| ("reason", reason)));
    sent.assert_body(&members);
    Ok(())
}

/// Five strings, near the rules' edges or well within: sent exactly as they are, or refused in words of our own.
fn from_parts(u: &mut Unstructured<'_>) -> Result<()> {
    let place = Session::place(u, false)?;
    let room = text_or::<RoomId>(u, RoomId::as_str)?;
    let address = text_or::<ThirdPartyId>(u, ThirdPartyId::address)?;
    let id_token = text_or::<IdAccessToken>(u, IdAccessToken::expose)?;
    let id_server = text_or::<ServerName>(u, ServerName::as_str)?;
    let medium = text_or::<ThirdPartyId>(u, |id| id.medium().as_str())?;
    match InviteBy3pid::from_strings(&room, &address, &id_token, &id_server, &medium) {
        Ok(call) => {
            let sent = reparse(&call, &place);
            assert_eq!(sent.path, ["client", "v3", "rooms", &room, "invite"]);
            sent.assert_body(&[
                ("address", &address),
                ("id_access_token", &id_token),
                ("id_server", &id_server),
                ("medium", &medium),
            ]);
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

/// What an independent parser reads from a request.
pub(super) struct Reparsed {
    pub(super) method: Method,
    /// The segments after base and prefix, decoded.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<BTreeMap<String, Value>>,
}

impl Reparsed {
    pub(super) fn assert(&self, method: Method, path: &[&str], body: Option<Value>) {
        assert_eq!(
            (&self.method, &*self.path),
            (&method, &*path.iter().map(|&s| s.to_owned()).collect::<Vec<_>>())
        );
        assert_eq!(self.body.as_ref().map(|members| json!(members)), body);
    }

    pub(super) fn assert_body(&self, members: &[(&str, &str)]) {
        let expected: BTreeMap<String, Value> =
            members.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect();
        assert_eq!(self.body.as_ref(), Some(&expected));
    }
}

/// Checks what is true of every call's request.
pub(super) fn reparse<C: Call>(call: &C, place: &Place<C::Server>) -> Reparsed {
    let request = call.to_request(&place.server);
    check_headers(&request, place.token.as_deref());
    check_secrecy(call, place, &request);
    echo::check::<C>(&request);
    let (mut path, query) = check_uri(&request, &place.base);
    check_template(request.uri().path(), &path);
    let first = path.remove(0);
    assert!(first == place.prefix || first == ".well-known", "{first}");
    Reparsed { method: request.method().clone(), path, query, body: check_body(request.body()) }
}

/// It says which call it is, and nothing of what is in it.
fn check_template(path: &str, segments: &[String]) {
    let template = path_template(path);
    let shown: Vec<&str> = template.rsplit('/').take(segments.len()).collect();
    assert_eq!(template.matches('/').count(), path.matches('/').count());
    for (shown, sent) in shown.into_iter().rev().zip(segments) {
        assert!(shown == "{}" || shown == sent, "{template}");
        assert!(shown == "{}" || !sent.contains([':', '%', '@', '!']), "{template}");
    }
}

/// The token of the server that is called, if it takes one, and no other header than the body needs.
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

/// A different token changes nothing that is printed.
fn check_secrecy<C: Call>(call: &C, place: &Place<C::Server>, request: &Request<Bytes>) {
    let other_request = call.to_request(&place.other);
    assert_eq!(place.shown(&place.server), place.shown(&place.other));
    assert_eq!(format!("{request:?}"), format!("{other_request:?}"));
    let shown = Redacted(request).to_string();
    assert_eq!(shown, Redacted(&other_request).to_string());
    // Request line and headers and, after an empty line, the body.
    let body_lines = if request.body().is_empty() { 0 } else { 2 };
    assert_eq!(shown.lines().count(), 1 + request.headers().len() + body_lines, "{shown}");
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
}

/// Returns the decoded segments after the base, and the decoded query.
fn check_uri(request: &Request<Bytes>, base: &str) -> (Vec<String>, Vec<(String, String)>) {
    let text = request.uri().to_string();
    let after_base = text.strip_prefix(base).unwrap();
    let (after_base, query) = after_base.split_once('?').unwrap_or((after_base, ""));
    let (url, base) = (Url::parse(&text).unwrap(), Url::parse(base).unwrap());
    assert_eq!(
        (url.scheme(), url.host(), url.port(), url.username(), url.password()),
        (base.scheme(), base.host(), base.port(), "", None),
    );
    assert_eq!((url.query().unwrap_or_default(), url.fragment()), (query, None), "{text}");
    // A URL library on the way has nothing to resolve or to mend.
    assert_eq!(url.path(), request.uri().path());
    assert_eq!(url.path(), format!("{}{after_base}", base.path()));
    // A server reads `+` as a space, and so must find none.
    assert!(!query.contains('+'), "{query}");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Vec<_> = pairs.map(|(key, value)| (decode(key), decode(value))).collect();
    let read: Vec<_> = url.query_pairs().into_owned().collect();
    assert_eq!(read, query);
    (after_base.split('/').map(decode).collect(), query)
}

/// Undoes ECMAScript's `encodeURIComponent`, and is as strict about what it leaves alone.
fn decode(segment: &str) -> String {
    for (index, piece) in segment.split('%').enumerate() {
        let plain = if index == 0 { piece } else { &piece[2..] };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c);
        assert!(plain.chars().all(allowed), "{segment}");
        assert!(index == 0 || piece[..2] == piece[..2].to_ascii_uppercase(), "{segment}");
    }
    percent_decode_str(segment).decode_utf8().unwrap().into_owned()
}

/// A JSON object that has no key twice.
fn check_body(body: &[u8]) -> Option<BTreeMap<String, Value>> {
    if body.is_empty() {
        return None;
    }
    let members: BTreeMap<String, Value> = serde_json::from_slice(body).unwrap();
    // What is handed on as it came need not be in order, but nothing is lost or doubled.
    let mut shortest = serde_json::to_vec(&members).unwrap();
    let mut sent = body.to_vec();
    shortest.sort_unstable();
    sent.sort_unstable();
    assert_eq!(shortest, sent);
    Some(members)
}
