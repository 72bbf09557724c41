//! Every call against its conformance data, over no transport at all. `conformance/README.md` says what the files mean.
//!
//! A new call needs a row in `rows/mod.rs` and a file in `conformance/calls`; a test fails as long as one of them is missing.

mod common;
mod rows;

use std::collections::BTreeSet;
use std::fs;

use common::{cases, response, show_error, show_request};
use rows::{Refusal, Row, rows};
use sdn_proto::http::{Response, StatusCode};
use sdn_proto::identity::StoreInvite;
use sdn_proto::{Call, Redacted};
use serde_json::Value;

/// Files in `src` that are no call with a file of its own in `conformance/calls`: the invitations have theirs beside it.
const OTHERS: [&str; 4] =
    ["client/invite_by_3pid", "client/invite_user", "client/mod", "identity/mod"];

/// Says how what was found differs from what the case wants, if it does.
fn difference(row: &Row, case: &Value, key: &str, found: &Value) -> Option<String> {
    let same = case.get(key) == Some(found);
    (!same).then(|| {
        format!("{}: {}\n  found {key}: {found}\n  wanted: {case}\n", row.file, case["name"])
    })
}

fn ask(row: &Row, case: &Value) -> Option<String> {
    match (row.request)(case) {
        Ok(request) => difference(row, case, "request", &show_request(&request)),
        Err(Refusal(error)) => difference(row, case, "error", &error),
    }
}

fn answer(row: &Row, case: &Value) -> Option<String> {
    let response = response(case);
    match (row.answer)(case, &response) {
        Ok(output) => difference(row, case, "output", &output),
        Err(error) => difference(row, case, "error", &show_error(&error, &response)),
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
        cases.into_iter().filter_map(|case| ask(row, &case))
    }));
}

#[test]
fn responses() {
    assert_none(rows().iter().flat_map(|row| {
        let cases = cases(&format!("calls/{}", row.file), "responses");
        cases.into_iter().filter_map(|case| answer(row, &case))
    }));
}

#[test]
fn what_is_no_answer_to_an_invitation_is_none_to_any_call() {
    let mut errors = cases("invite_response", "cases");
    errors.retain(|case| case.get("error").is_some());
    assert_none(
        rows().iter().flat_map(|row| errors.iter().filter_map(move |case| answer(row, case))),
    );
}

/// The case's responses with deep nesting instead of one of the members of its body, or of the whole body.
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
                    // Too deep for what the call wants, or skipped: either is fine.
                    let _ = (row.answer)(case, &response);
                }
                assert!(Redacted(&response).to_string().len() < 1000, "{}", row.file);
            }
        }
    }
}

#[test]
fn an_address_that_is_bound_already_names_its_user() {
    let mut named = 0;
    for case in cases("calls/identity/store_invite", "responses") {
        let Err(error) = StoreInvite::parse_response(&response(&case)) else { continue };
        let user_id = StoreInvite::bound_to(&error);
        assert_eq!(user_id.as_ref().map(|id| id.as_str()), case["bound_to"].as_str(), "{case}");
        named += usize::from(user_id.is_some());
    }
    assert!(named > 0);
}

fn files(folder: &str, extension: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in ["client", "identity"] {
        let path = format!("{}/{folder}/{kind}", env!("CARGO_MANIFEST_DIR"));
        for entry in fs::read_dir(path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let stem = name.strip_suffix(extension).unwrap_or_else(|| panic!("{name} in {folder}"));
            found.insert(format!("{kind}/{stem}"));
        }
    }
    found
}

#[test]
fn every_call_has_a_row_and_data() {
    let rows: BTreeSet<String> = rows().iter().map(|row| row.file.to_owned()).collect();
    let mut calls = files("src", ".rs");
    for other in OTHERS {
        assert!(calls.remove(other), "{other} is not in src");
    }
    assert_eq!(rows, calls, "rows of this test, and files in src");
    assert_eq!(rows, files("tests/conformance/calls", ".json"), "rows of this test, and data");
}
