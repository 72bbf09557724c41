use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{ErrorCode, RetryAfter};
use crate::body;
use crate::object::Object;

/// A longer message is cut.
pub(super) const MAX_MESSAGE_BYTES: usize = 1024;
/// The longest code. An object with a longer one is not a standard error object.
const MAX_CODE_BYTES: usize = 255;

/// The maximum number of bytes of an escape for each byte that it represents.
const MAX_ESCAPE: usize = 6;
/// The length of two escapes that form one character.
const MAX_PAIR: usize = 12;

/// The fields of a standard error object that we read. Any of them may be missing or of another
/// type.
#[derive(Default)]
pub(super) struct ErrorObject<'a> {
    errcode: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
    retry_after_ms: Option<&'a RawValue>,
}

impl<'a> ErrorObject<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        // The first character distinguishes a proxy's page from JSON, so the page is not parsed.
        let first = body.iter().find(|byte| !b"\xEF\xBB\xBF \t\r\n".contains(byte))?;
        if *first != b'{' {
            return None;
        }
        serde_json::from_str(body::text(body)?).ok()
    }

    pub(super) fn code(&self) -> Option<ErrorCode> {
        code(self.errcode?)
    }

    pub(super) fn message(&self) -> Option<Box<str>> {
        const ENOUGH: usize = MAX_ESCAPE * MAX_MESSAGE_BYTES + MAX_PAIR;
        let quoted = quoted(self.error?)?;
        let message = if quoted.len() <= ENOUGH {
            unescaped(quoted)?
        } else {
            // A text that ends within an escape, or between two that form one character, is not
            // JSON.
            (0..MAX_PAIR).find_map(|less| unescaped(beginning(quoted, ENOUGH - less)))?
        };
        Some(cut(&message).into())
    }

    /// Returns the delay, which may be any number: a gateway in JavaScript writes `1500.0` or
    /// `1.5e3`.
    pub(super) fn delay(&self) -> Option<RetryAfter> {
        let number = self.retry_after_ms?.get();
        let milliseconds = number.parse().ok().or_else(|| {
            let number: f64 = number.parse().ok()?;
            // The cast turns a number that is too large into the largest `u64`.
            (number >= 0.0).then(|| number.ceil() as u64)
        })?;
        Some(RetryAfter::Delay(Duration::from_millis(milliseconds)))
    }
}

/// Members that few error objects have, read separately so that the others do not pay for them.
#[derive(Default, serde::Deserialize)]
pub(super) struct Rare<'a> {
    /// A few nodes write the code of a 200 under this name.
    #[serde(borrow)]
    errorcode: Option<&'a RawValue>,
    #[serde(borrow)]
    consent_uri: Option<&'a RawValue>,
}

impl<'a> Rare<'a> {
    pub(super) fn read(body: &'a [u8]) -> Self {
        let rare = body::text(body).and_then(|text| serde_json::from_str(text).ok());
        rare.map(|Object(rare)| rare).unwrap_or_default()
    }

    pub(super) fn errorcode(&self) -> Option<ErrorCode> {
        code(self.errorcode?)
    }

    pub(super) fn consent_uri(&self) -> Option<String> {
        Some(unescaped(quoted(self.consent_uri?)?)?.into_owned())
    }
}

fn code(value: &RawValue) -> Option<ErrorCode> {
    let quoted = quoted(value)?;
    // A longer text is too long with any escapes.
    let code = (quoted.len() <= MAX_ESCAPE * MAX_CODE_BYTES).then(|| unescaped(quoted))??;
    (!code.is_empty() && code.len() <= MAX_CODE_BYTES).then(|| ErrorCode::from(&*code))
}

/// Returns the text between the quotation marks, if the value is a string.
fn quoted(value: &RawValue) -> Option<&str> {
    value.get().strip_prefix('"')?.strip_suffix('"')
}

fn unescaped(quoted: &str) -> Option<Cow<'_, str>> {
    // Without an early end, so that the compiler can look at many bytes at once.
    let has_escapes = quoted.bytes().fold(false, |any, byte| any | (byte == b'\\'));
    if has_escapes {
        return serde_json::from_str(&format!("\"{quoted}\"")).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(quoted))
}

/// Returns the start of a message.
pub(super) fn cut(message: &str) -> &str {
    beginning(message, MAX_MESSAGE_BYTES)
}

/// Returns at most `max` bytes, in whole characters.
fn beginning(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

impl<'de> Deserialize<'de> for ErrorObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ErrorObjectVisitor)
    }
}

/// Takes the last of several equal keys, where a derived implementation would refuse the whole
/// object.
struct ErrorObjectVisitor;

impl<'de> Visitor<'de> for ErrorObjectVisitor {
    type Value = ErrorObject<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a standard error object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = ErrorObject::default();
        while let Some(key) = map.next_key::<Key>()? {
            let value = map.next_value::<&'de RawValue>()?;
            match key {
                Key::Errcode => object.errcode = Some(value),
                Key::Error => object.error = Some(value),
                Key::RetryAfterMs => object.retry_after_ms = Some(value),
                Key::Other => {}
            }
        }
        Ok(object)
    }
}

/// The names that are read. `serde_json` copies a name into a `Cow`; this enum needs no copy.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Errcode,
    Error,
    RetryAfterMs,
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_too_large_is_for_ever() {
        for number in ["18446744073709551616", "1e30", "1e400"] {
            let body = format!(r#"{{"retry_after_ms":{number}}}"#);
            let delay = ErrorObject::read(body.as_bytes()).and_then(|object| object.delay());
            assert_eq!(delay, Some(RetryAfter::Delay(Duration::from_millis(u64::MAX))), "{number}");
        }
    }
}
