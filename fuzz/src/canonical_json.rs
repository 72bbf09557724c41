//! Compares our canonical JSON with ruma's.

use ruma_common::CanonicalJsonValue;
use sdn_proto::signed::{NotCanonical, canonical_json};
use serde_json::{Number, Value};

/// Checks any JSON text. Text that is not JSON passes.
pub(crate) fn check(text: &str) {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    let ours = canonical_json(&value);
    let whole = whole(value);
    let theirs = CanonicalJsonValue::try_from(whole.clone()).map(|value| value.to_string());
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(String::from_utf8_lossy(&ours), theirs);
            assert_eq!(serde_json::from_slice::<Value>(&ours).unwrap(), whole);
            assert_eq!(canonical_json(&whole), Ok(ours));
        }
        (Err(NotCanonical::Float | NotCanonical::IntegerTooGreat), Err(_)) => {}
        (ours, theirs) => panic!("{text}: {ours:?}, and to ruma {theirs:?}"),
    }
}

/// Converts floats that are integers to integers, because ruma refuses floats.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e18 => {
                Value::Number(Number::from(float as i64))
            }
            _ => Value::Number(number),
        },
        Value::Array(values) => values.into_iter().map(whole).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(key, value)| (key, whole(value))).collect()
        }
        other => other,
    }
}
