use std::error::Error;
use std::fmt;
use std::sync::LazyLock;

use serde_json::{Map, Number, Value};

use crate::json::{escape_to, is_plain};

/// A value that canonical JSON cannot represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotCanonical {
    /// A number with a fraction.
    Float,
    /// An integer beyond ±(2⁵³ − 1).
    IntegerTooGreat,
    /// Arrays and objects nested more than 128 deep.
    TooDeep,
}

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float => "canonical JSON has no numbers with a fraction",
            Self::IntegerTooGreat => "canonical JSON has no integers beyond 2^53 - 1",
            Self::TooDeep => "nested more than 128 deep",
        })
    }
}

impl Error for NotCanonical {}

const MAX_INTEGER: i64 = (1 << 53) - 1;
const MAX_DEPTH: usize = 128;
/// The initial capacity, which is enough for objects that identity servers sign.
const FIRST_BYTES: usize = 512;

/// Whether maps are sorted. They keep the order of their text if any crate in the program turns
/// that feature of `serde_json` on.
static IS_SORTED: LazyLock<bool> = LazyLock::new(|| {
    let map = Map::from_iter(["b", "a"].map(|key| (key.to_owned(), Value::Null)));
    map.keys().is_sorted()
});

/// Encodes a value as canonical JSON: the shortest form, keys sorted by code point.
///
/// See the specification's [canonical JSON].
///
/// # Errors
///
/// Canonical JSON cannot represent numbers with a fraction and integers beyond ±(2⁵³ − 1). A value
/// that is nested more than 128 deep is an error too. An integer in another form, such as `1e2` or
/// `-0`, becomes `100` or `0`.
///
/// ```
/// use sdn_proto::signed::canonical_json;
///
/// let value = serde_json::json!({"b": 2, "a": "本"});
/// assert_eq!(canonical_json(&value)?, r#"{"a":"本","b":2}"#.as_bytes());
/// # Ok::<(), sdn_proto::signed::NotCanonical>(())
/// ```
///
/// [canonical JSON]: https://spec.matrix.org/v1.19/appendices/#canonical-json
pub fn canonical_json(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    let mut json = Vec::with_capacity(FIRST_BYTES);
    write_value(value, &mut json, MAX_DEPTH)?;
    Ok(json)
}

/// Encodes an object without some of its members.
pub(super) fn canonical_object(
    object: &Map<String, Value>,
    without: &[&str],
) -> Result<Vec<u8>, NotCanonical> {
    let mut json = Vec::with_capacity(FIRST_BYTES);
    let members = object.iter().filter(|(key, _)| !without.contains(&key.as_str()));
    write_members(members, &mut json, MAX_DEPTH)?;
    Ok(json)
}

fn write_value(value: &Value, json: &mut Vec<u8>, depth: usize) -> Result<(), NotCanonical> {
    match value {
        Value::Null => json.extend_from_slice(b"null"),
        Value::Bool(true) => json.extend_from_slice(b"true"),
        Value::Bool(false) => json.extend_from_slice(b"false"),
        Value::Number(number) => write_integer(integer(number)?, json),
        Value::String(text) => write_string(text, json),
        Value::Array(values) => {
            let depth = depth.checked_sub(1).ok_or(NotCanonical::TooDeep)?;
            json.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write_value(value, json, depth)?;
            }
            json.push(b']');
        }
        Value::Object(members) => write_members(members.iter(), json, depth)?,
    }
    Ok(())
}

fn write_members<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
    json: &mut Vec<u8>,
    depth: usize,
) -> Result<(), NotCanonical> {
    if *IS_SORTED {
        return write_sorted(members, json, depth);
    }
    write_sorted(sort(members), json, depth)
}

fn sort<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let mut members: Vec<_> = members.collect();
    // UTF-8 sorts by code point.
    members.sort_unstable_by_key(|(key, _)| *key);
    members.into_iter()
}

fn write_sorted<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
    json: &mut Vec<u8>,
    depth: usize,
) -> Result<(), NotCanonical> {
    let depth = depth.checked_sub(1).ok_or(NotCanonical::TooDeep)?;
    let mut before = b'{';
    for (key, value) in members {
        json.push(before);
        before = b',';
        write_string(key, json);
        json.push(b':');
        write_value(value, json, depth)?;
    }
    if before == b'{' {
        json.push(before);
    }
    json.push(b'}');
    Ok(())
}

fn write_string(text: &str, json: &mut Vec<u8>) {
    json.push(b'"');
    if is_plain(text) {
        json.extend_from_slice(text.as_bytes());
    } else {
        escape_to(text, json);
    }
    json.push(b'"');
}

fn write_integer(integer: i64, json: &mut Vec<u8>) {
    if integer < 0 {
        json.push(b'-');
    }
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = integer.unsigned_abs();
    while rest > 0 || start == digits.len() {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    json.extend_from_slice(&digits[start..]);
}

fn integer(number: &Number) -> Result<i64, NotCanonical> {
    let integer = match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => integer,
        (None, Some(float)) if float.fract() != 0.0 => return Err(NotCanonical::Float),
        // Within the limits the float is exact, and beyond them it is not used.
        (None, Some(float)) => float as i64,
        (None, None) => return Err(NotCanonical::IntegerTooGreat),
    };
    if (-MAX_INTEGER..=MAX_INTEGER).contains(&integer) {
        Ok(integer)
    } else {
        Err(NotCanonical::IntegerTooGreat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsorted_members_are_sorted() {
        let members =
            ["b", "", "\u{10000}", "a", "\u{ffff}"].map(|key| (key.to_owned(), Value::Null));
        let mut json = Vec::new();
        write_sorted(sort(members.iter().map(|(key, value)| (key, value))), &mut json, 1).unwrap();
        let expected = "{\"\":null,\"a\":null,\"b\":null,\"\u{ffff}\":null,\"\u{10000}\":null}";
        assert_eq!(String::from_utf8(json).unwrap(), expected);
    }
}
