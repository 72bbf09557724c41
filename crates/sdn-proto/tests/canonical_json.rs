//! Canonical JSON of the specification: <https://spec.matrix.org/v1.19/appendices/#canonical-json>.
#![cfg(feature = "verify")]

use sdn_proto::signed::{NotCanonical, canonical_json};
use serde_json::{Map, Value, json};

fn canonical(text: &str) -> Result<String, NotCanonical> {
    let json = canonical_json(&serde_json::from_str(text).unwrap())?;
    Ok(String::from_utf8(json).unwrap())
}

#[test]
fn specification_examples_are_encoded() {
    let john = r#"{
        "auth": {
            "success": true,
            "mxid": "@john.doe:example.com",
            "profile": {
                "display_name": "John Doe",
                "three_pids": [
                    {"medium": "email", "address": "john.doe@example.org"},
                    {"medium": "msisdn", "address": "123456789"}
                ]
            }
        }
    }"#;
    let examples = [
        ("{}", "{}"),
        (r#"{"one": 1, "two": "Two"}"#, r#"{"one":1,"two":"Two"}"#),
        (r#"{"b": "2", "a": "1"}"#, r#"{"a":"1","b":"2"}"#),
        (r#"{"b":"2","a":"1"}"#, r#"{"a":"1","b":"2"}"#),
        (
            john,
            r#"{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}"#,
        ),
        (r#"{"a": "日本語"}"#, r#"{"a":"日本語"}"#),
        (r#"{"本": 2, "日": 1}"#, r#"{"日":1,"本":2}"#),
        (r#"{"a": "\u65E5"}"#, r#"{"a":"日"}"#),
        (r#"{"a": null}"#, r#"{"a":null}"#),
        (r#"{"a": -0, "b": 1e10}"#, r#"{"a":0,"b":10000000000}"#),
    ];
    for (given, expected) in examples {
        assert_eq!(canonical(given).as_deref(), Ok(expected), "{given}");
    }
}

#[test]
fn keys_are_sorted_by_code_point() {
    // Sorted by UTF-16, the last two would be swapped. Sorted with their escapes, the first would
    // come later.
    let keys = ["", "\n", "\"", "A", "AA", "B", "\\", "a", "\u{e9}", "\u{ffff}", "\u{10000}"];
    let forwards: Map<_, _> = keys.iter().map(|key| ((*key).to_owned(), json!(1))).collect();
    let backwards: Map<_, _> = keys.iter().rev().map(|key| ((*key).to_owned(), json!(1))).collect();
    let members: Vec<_> = keys.iter().map(|key| format!("{}:1", json!(key))).collect();
    let expected = format!("[{{{}}}]", members.join(","));
    for object in [forwards, backwards] {
        assert_eq!(canonical_json(&json!([object])).unwrap(), expected.as_bytes());
    }
}

#[test]
fn only_required_escapes_are_written() {
    let mut text = String::from("\"\\/");
    text.extend((0..0x20).map(char::from));
    text.push_str("\u{7f}\u{80}\u{2028}\u{feff}\u{ffff}😀");
    let expected = concat!(
        r#"["\"\\/\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#,
        r"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f",
        "\u{7f}\u{80}\u{2028}\u{feff}\u{ffff}😀\"]",
    );
    assert_eq!(canonical_json(&json!([text])).unwrap(), expected.as_bytes());
    assert_eq!(canonical(r#""\/\uD83D\ude00\u000A""#).as_deref(), Ok(r#""/😀\n""#));
}

#[test]
fn unsafe_number_is_refused() {
    let kept = [
        ("0", "0"),
        ("-1", "-1"),
        ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"),
        ("1795418102513.0", "1795418102513"),
        ("-0.0", "0"),
        ("12.50e1", "125"),
        ("0e999", "0"),
    ];
    for (given, expected) in kept {
        assert_eq!(canonical(given).as_deref(), Ok(expected), "{given}");
    }
    for given in ["0.5", "-1.25", "1e-1", "5e-324"] {
        assert_eq!(canonical(given), Err(NotCanonical::Float), "{given}");
        assert_eq!(canonical(&format!(r#"{{"a":[{given}]}}"#)), Err(NotCanonical::Float));
    }
    let too_great = [
        "9007199254740992",
        "-9007199254740992",
        "9007199254740992.0",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e16",
        "-1e308",
    ];
    for given in too_great {
        assert_eq!(canonical(given), Err(NotCanonical::IntegerTooGreat), "{given}");
    }
}

#[test]
fn invalid_numbers_are_not_parsed() {
    for text in [r#""\ud83d""#, r#""\ude00\ud83d""#, "NaN", "1e999", "01", "+1", "[1,]"] {
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |depth: usize, start: Value, wrap: fn(Value) -> Value| {
        (1..depth).fold(start, |value, _| wrap(value))
    };
    let in_array: fn(Value) -> Value = |value| Value::Array(vec![value]);
    let in_object: fn(Value) -> Value = |value| [("a".to_owned(), value)].into_iter().collect();
    for (start, wrap) in [(json!([]), in_array), (json!({}), in_object)] {
        assert!(canonical_json(&nested(128, start.clone(), wrap)).is_ok());
        for depth in [129, 1000] {
            let value = nested(depth, start.clone(), wrap);
            assert_eq!(canonical_json(&value), Err(NotCanonical::TooDeep));
        }
    }
}

#[test]
fn refusal_is_one_line() {
    for error in [NotCanonical::Float, NotCanonical::IntegerTooGreat, NotCanonical::TooDeep] {
        let shown = error.to_string();
        assert!(!shown.is_empty() && shown.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    }
}
