//! Checks every call against its conformance data, without a transport. `conformance/README.md`
//! describes the files.

#![cfg(feature = "arbitrary")]

mod common;

use std::collections::BTreeSet;
use std::fs;

use arbitrary::Unstructured;
use bytes::Bytes;
use common::{cases, response, show_error};
use http::{Method, Request, Response, StatusCode};
use sdn_proto::client::{DidLogin, Discover, Login, PasswordLogin, RequestOpenIdToken};
use sdn_proto::generate::{Compose, Parts, Refusal};
use sdn_proto::identity::{Lookup, Register, StoreInvite};
use sdn_proto::{ApiError, Call, Dialect, Did, InvalidInput, Node, Redacted, WalletAddress};
use serde::Serialize;
use serde_json::{Value, json};

/// Parses a response, and serializes the output if it is `Serialize`.
type Read = fn(&Response<Vec<u8>>) -> Result<Option<Value>, ApiError>;

struct Row {
    /// The name of its file in `src` and of its data.
    file: &'static str,
    endpoint: (Method, &'static str),
    request: fn(&Value) -> Result<Request<Bytes>, Refusal>,
    /// Returns a plausible case.
    drawn: fn(&[u8]) -> Value,
    output: Read,
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    macro_rules! rows {
        ($($folder:ident::$file:ident::$call:ident,)*) => {
            rows.extend([$(row::<sdn_proto::$folder::$call>(
                concat!(stringify!($folder), "/", stringify!($file)),
                |response| {
                    let output = sdn_proto::$folder::$call::parse_response(response)?;
                    Ok((&Shown(output)).json())
                },
            )),*]);
        };
    }
    sdn_proto::for_each_call!(rows);
    rows
}

fn row<C: Call + Compose>(file: &'static str, output: Read) -> Row
where
    C::Server: Compose,
{
    let endpoint = (C::METHOD, C::path(Dialect::Sdn));
    let request = |case: &Value| Ok(make::<C>(case)?.to_request(&make(case)?));
    let drawn = |bytes: &[u8]| {
        let mut bytes = Unstructured::new(bytes);
        let mut parts = Parts::drawn(&mut bytes, false);
        C::Server::compose(&mut parts).and(C::compose(&mut parts).map(drop)).unwrap();
        parts.case().clone().into()
    };
    Row { file, endpoint, request, drawn, output }
}

fn make<T: Compose>(case: &Value) -> Result<T, Refusal> {
    T::compose(&mut Parts::of(case.as_object().unwrap().clone()))
}

/// An output. The compiler prefers the first `json` if both are possible.
struct Shown<T>(T);

trait Serialized {
    fn json(&self) -> Option<Value>;
}

impl<T: Serialize> Serialized for Shown<T> {
    fn json(&self) -> Option<Value> {
        Some(json!(self.0))
    }
}

trait Hidden {
    fn json(&self) -> Option<Value>;
}

impl<T> Hidden for &Shown<T> {
    fn json(&self) -> Option<Value> {
        None
    }
}

/// Returns the difference between the case and the result, if there is one.
fn difference(row: &Row, case: &Value, key: &str, found: &Value) -> Option<String> {
    let same = case.get(key) == Some(found);
    (!same).then(|| {
        format!("{}: {}\n  found {key}: {found}\n  wanted: {case}\n", row.file, case["name"])
    })
}

fn show_request(request: &Request<Bytes>) -> Value {
    if let Some(token) = request.headers().get("authorization") {
        assert!(token.is_sensitive());
    }
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| json!([name.as_str(), value.to_str().unwrap()]))
        .collect();
    json!({
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "headers": headers,
        "body": std::str::from_utf8(request.body()).unwrap(),
    })
}

fn check_request(row: &Row, case: &Value) -> Option<String> {
    let error = match (row.request)(case) {
        Ok(request) => return difference(row, case, "request", &show_request(&request)),
        Err(Refusal::Input(error)) => json!({"field": error.field(), "rule": error.rule().name()}),
        Err(Refusal::NotOffered) => json!({"field": "algorithms", "rule": "not_offered"}),
        Err(error) => panic!("{error:?}: {case}"),
    };
    difference(row, case, "error", &error)
}

fn check_response(row: &Row, case: &Value) -> Option<String> {
    let response = response(case);
    match (row.output)(&response) {
        Ok(Some(output)) => difference(row, case, "output", &named(output, &case["output"])),
        Ok(None) => case.get("output").is_none().then(|| format!("{}: {case}\n", row.file)),
        Err(error) => difference(row, case, "error", &show_error(&error, &response)),
    }
}

/// Adds the protocol's name of a single value, which the data has.
fn named(output: Value, wanted: &Value) -> Value {
    let mut names = wanted.as_object().into_iter().flat_map(|members| members.keys());
    match (names.next(), &output) {
        (Some(name), Value::String(_) | Value::Bool(_) | Value::Array(_)) => {
            json!({ name: output })
        }
        _ => output,
    }
}

fn assert_none(differences: impl Iterator<Item = String>) {
    let differences: Vec<String> = differences.collect();
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.concat());
}

#[test]
fn requests() {
    assert_none(rows().iter().flat_map(|row| {
        let cases = cases(&format!("calls/{}", row.file), "requests");
        cases.into_iter().filter_map(|case| check_request(row, &case))
    }));
}

#[test]
fn responses() {
    assert_none(rows().iter().flat_map(|row| {
        let cases = cases(&format!("calls/{}", row.file), "responses");
        cases.into_iter().filter_map(|case| check_response(row, &case))
    }));
}

#[test]
fn failed_invitation_fails_every_call() {
    let mut errors = cases("invite_response", "cases");
    errors.retain(|case| case.get("error").is_some());
    for row in rows() {
        assert_none(errors.iter().filter_map(|case| check_response(&row, case)));
    }
}

/// Returns the case's responses with deep nesting instead of a member of its body, or instead of
/// the body.
fn nested(case: &Value) -> Vec<Response<Vec<u8>>> {
    const DEPTH: usize = 50_000;
    const PLACE: &str = "the place of the nesting";
    let response = response(case);
    let mut bodies = vec![Value::from(PLACE)];
    if let Ok(Value::Object(body)) = serde_json::from_slice(response.body()) {
        bodies.extend(body.keys().map(|key| {
            let mut body = body.clone();
            body[key] = PLACE.into();
            body.into()
        }));
    }
    let arrays = ["[".repeat(DEPTH), "]".repeat(DEPTH)].concat();
    let objects = [r#"{"a":"#.repeat(DEPTH), "1".to_owned(), "}".repeat(DEPTH)].concat();
    let bodies = bodies.iter().flat_map(|body| {
        let text = body.to_string();
        let place = Value::from(PLACE).to_string();
        [&arrays, &objects].map(|nesting| text.replace(&place, nesting).into_bytes())
    });
    bodies.map(|body| response.clone().map(|_| body)).collect()
}

#[test]
fn deeply_nested_responses_are_parsed() {
    for row in rows() {
        let cases = cases(&format!("calls/{}", row.file), "responses");
        for case in cases.iter().filter(|case| case.get("output").is_some()).take(1) {
            for mut response in nested(case) {
                for status in [200, 400] {
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    // The call may reject or skip the nesting.
                    let _ = (row.output)(&response);
                }
                assert!(Redacted(&response).to_string().len() < 1000, "{}", row.file);
            }
        }
    }
}

/// Returns the successes among a call's responses.
fn successes<C: Call>(file: &str) -> Vec<(Value, C::Output)> {
    let cases = cases(&format!("calls/{file}"), "responses").into_iter();
    let mut successes = Vec::new();
    for case in cases.filter(|case| case.get("output").is_some()) {
        let output = C::parse_response(&response(&case)).unwrap();
        successes.push((case, output));
    }
    successes
}

#[test]
fn outputs_with_secrets_are_not_serialize() {
    let is_hidden = |row: &&Row| {
        let mut cases = cases(&format!("calls/{}", row.file), "responses").into_iter();
        cases.any(|case| matches!((row.output)(&response(&case)), Ok(None)))
    };
    let rows = rows();
    let hidden: Vec<_> = rows.iter().filter(is_hidden).map(|row| row.file).collect();
    let files = [
        "client/did_login",
        "client/password_login",
        "client/request_open_id_token",
        "identity/register",
    ];
    assert_eq!(hidden, files);
    let logins = successes::<PasswordLogin>("client/password_login");
    for (case, login) in logins.into_iter().chain(successes::<DidLogin>("client/did_login")) {
        assert_eq!(show_login(&login), case["output"]);
    }

    for (case, token) in successes::<RequestOpenIdToken>("client/request_open_id_token") {
        let output = json!({
            "unchanged": token.expose(),
            "server_name": token.server_name(),
            "expires_in": token.expires_in().as_secs(),
        });
        assert_eq!(output, case["output"]);
    }
    for (case, token) in successes::<Register>("identity/register") {
        assert_eq!(json!({ "token": token.expose() }), case["output"]);
    }
}

fn show_login(login: &Login) -> Value {
    json!({
        "access_token": login.access_token.expose(),
        "device_id": login.device_id,
        "user_id": login.user_id,
    })
}

#[test]
fn lookup_finds_users_by_identifier() {
    for (case, mappings) in successes::<Lookup>("identity/lookup") {
        let lookup: Lookup = make(&case).unwrap();
        let found = lookup.found(&mappings);
        let found = found.map(|(id, user_id)| json!([id.medium(), id.address(), user_id]));
        assert_eq!(found.collect::<Value>(), case["found"]);
    }
}

#[test]
fn discovery_names_valid_servers() {
    fn show<T: ToString>(server: Option<Result<T, InvalidInput>>) -> Value {
        match server {
            Some(Ok(server)) => server.to_string().into(),
            Some(Err(error)) => json!({ "rule": error.rule().name() }),
            None => Value::Null,
        }
    }
    for (case, found) in successes::<Discover>("client/discover") {
        let domain = case.get("node").map_or("https://example.com", |node| node.as_str().unwrap());
        let dialect = case.get("dialect").map_or("sdn", |dialect| dialect.as_str().unwrap());
        let domain = Node::new(domain).unwrap().with_dialect(dialect.parse().unwrap());
        let servers = json!({
            "node": show(found.node(&domain)),
            "identity_server": show(found.identity_server(&domain)),
        });
        assert_eq!(servers, case["servers"], "{case}");
    }
}

#[test]
fn already_bound_address_names_its_user() {
    let mut named = 0;
    for case in cases("calls/identity/store_invite", "responses") {
        let Err(error) = StoreInvite::parse_response(&response(&case)) else { continue };
        let user_id = StoreInvite::bound_to(&error);
        assert_eq!(user_id.as_ref().map(|id| id.as_str()), case["bound_to"].as_str(), "{case}");
        named += usize::from(user_id.is_some());
    }
    assert!(named > 0);
}

/// Collects the texts in a value, each with the name of its member. JSON in a text is parsed.
fn texts(name: &str, value: &Value, texts: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                texts.push((String::new(), name.clone()));
                self::texts(name, value, texts);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| self::texts(name, value, texts)),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => self::texts(name, &json, texts),
            _ => texts.push((name.to_owned(), text.clone())),
        },
        _ => {}
    }
}

/// Returns whether an identifier or a node's token has the shape of SDN's; `None` for other texts.
fn is_of_sdn(name: &str, text: &str) -> Option<bool> {
    let is_wallet = |digits: &str| WalletAddress::new(format!("0x{digits}")).is_ok();
    let is_server = |text: &str| text.split_once(':').is_some_and(|(_, server)| is_wallet(server));
    let is_user = |text: &str| {
        let digits = text.split_once(':').map_or("", |(_, server)| server);
        is_wallet(digits) && text == format!("@sdn_{digits}:{digits}")
    };
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    match text.chars().next()? {
        _ if name == "access_token" => Some(text.len() == 43 && text.chars().all(is_letter)),
        '@' => Some(is_user(text)),
        '!' => Some(text.get(17..18) == Some("-") && is_user(&text[18..])),
        '#' => Some(is_server(text)),
        _ if text.starts_with("did:") => Some(Did::new(text).is_ok()),
        _ => None,
    }
}

#[test]
fn every_call_has_cases_of_sdn() {
    let mut missing = Vec::new();
    for Row { file, .. } in rows() {
        for (list, result, skipped) in [
            ("requests", "request", ["name", "request"]),
            ("responses", "output", ["name", "output"]),
        ] {
            let mut cases = cases(&format!("calls/{file}"), list);
            cases.retain(|case| case.get(result).is_some());
            let shapes = cases.into_iter().map(|mut case| {
                skipped.iter().for_each(|name| drop(case.as_object_mut().unwrap().remove(*name)));
                let mut found = Vec::new();
                texts("", &case, &mut found);
                let shapes = found.iter().filter_map(|(name, text)| is_of_sdn(name, text));
                shapes.collect::<Vec<_>>()
            });
            let shapes: Vec<_> = shapes.filter(|shapes| !shapes.is_empty()).collect();
            if !shapes.is_empty() && !shapes.iter().any(|shapes| !shapes.contains(&false)) {
                missing.push(format!("{file}: {list}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The dialect of the server decides, so that a request is like one to a real node.
#[test]
fn plausible_parts_are_of_their_dialect() {
    let mut seen = BTreeSet::new();
    for Row { file, drawn, .. } in rows() {
        for seed in 0..64_u32 {
            let bytes: Vec<_> = (0..1000_u32).map(|n| ((n * n + seed * n) >> 3) as u8).collect();
            let case = drawn(&bytes);
            let mut found = Vec::new();
            texts("", &case, &mut found);
            let is_sdn = case["dialect"] == "sdn";
            for (name, text) in found {
                // A user name does not have a dialect. Tokens of other nodes can have SDN's shape.
                let Some(shape) = is_of_sdn(&name, &text).filter(|_| name != "user") else {
                    continue;
                };
                let is_fine = shape == is_sdn || (!is_sdn && name == "access_token");
                let is_old = is_sdn && text.starts_with("@0x") && text.ends_with(":hs.sending.me");
                assert!(is_fine || is_old || text.starts_with("did:"), "{file}: {name} {text}");
                seen.insert((is_sdn, text.chars().next()));
            }
        }
    }
    for dialect in [true, false] {
        for sigil in ['@', '!', '#'] {
            assert!(seen.contains(&(dialect, Some(sigil))), "no {sigil} in {dialect}");
        }
    }
}

#[test]
fn docs_of_calls_name_their_endpoint() {
    for Row { file, endpoint: (method, path), .. } in rows() {
        let source = format!("{}/src/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(source).unwrap();
        let endpoint = format!("`{method} {}`", path.replacen("/_api/", "/{prefix}/", 1));
        let mut docs = source.lines().filter(|line| line.starts_with("/// "));
        assert!(docs.any(|line| line.contains(&endpoint)), "{file} has no {endpoint} in its docs");
    }
}

#[test]
fn every_call_has_one_data_file() {
    let mut files = BTreeSet::new();
    for folder in ["client", "identity"] {
        let data = format!("{}/tests/conformance/calls/{folder}", env!("CARGO_MANIFEST_DIR"));
        for entry in fs::read_dir(data).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            files.insert(format!("{folder}/{}", name.strip_suffix(".json").unwrap()));
        }
    }
    assert_eq!(files, rows().iter().map(|row| row.file.to_owned()).collect());
}
