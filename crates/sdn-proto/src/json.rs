//! Writes JSON bodies, each in a buffer of exactly its size.

use bytes::Bytes;
use serde::Serialize;

/// Writes an object of strings: the members that have a value, in the order of the arguments.
pub(crate) fn object(members: &[(&str, Option<&str>)]) -> Bytes {
    let present = || members.iter().filter_map(|(key, value)| Some((key, (*value)?)));
    let plain = present().map(|(key, value)| key.len() + value.len() + 6).sum::<usize>();
    let escapes = present().map(|(_, value)| escapes_len(value)).sum::<usize>();
    // The commas between the members, and two braces.
    let mut json = Vec::with_capacity((plain + escapes + 1).max(2));
    let mut before = b'{';
    for (key, value) in present() {
        json.extend_from_slice(&[before, b'"']);
        json.extend_from_slice(key.as_bytes());
        json.extend_from_slice(b"\":\"");
        if escapes == 0 {
            json.extend_from_slice(value.as_bytes());
        } else {
            escape_to(value, &mut json);
        }
        json.push(b'"');
        before = b',';
    }
    if json.is_empty() {
        json.push(b'{');
    }
    json.push(b'}');
    Bytes::from(json)
}

/// Writes a body of any shape. Keys are in alphabetical order if the type's fields are.
pub(crate) fn body(value: &impl Serialize) -> Bytes {
    Bytes::from(
        serde_json::to_vec(value).expect("our own types have string keys and no failing fields"),
    )
}

/// Returns how many more bytes a text takes inside a JSON string.
fn escapes_len(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(ESCAPES_LEN[usize::from(byte)])).sum()
}

/// Copies runs of plain bytes at once, and escapes the others one by one.
pub(crate) fn escape_to(text: &str, json: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let plain = rest.iter().position(|&byte| ESCAPES[usize::from(byte)] != 0);
        let (run, after) = rest.split_at(plain.unwrap_or(rest.len()));
        json.extend_from_slice(run);
        rest = after;
        while let Some((&byte, after)) = rest.split_first() {
            match ESCAPES[usize::from(byte)] {
                0 => break,
                b'u' => {
                    let hex = b"0123456789abcdef";
                    let (high, low) = (hex[usize::from(byte >> 4)], hex[usize::from(byte & 15)]);
                    json.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
                }
                letter => json.extend_from_slice(&[b'\\', letter]),
            }
            rest = after;
        }
    }
}

/// Returns whether a text needs no escapes inside a JSON string.
///
/// It looks at eight bytes at a time, which costs short texts more than it saves.
#[cfg(feature = "verify")]
pub(crate) fn is_plain(text: &str) -> bool {
    let text = text.as_bytes();
    let Some(last) = text.last_chunk() else {
        return text.iter().all(|&byte| ESCAPES[usize::from(byte)] == 0);
    };
    // The last eight bytes overlap those before.
    let words = text.chunks_exact(8).filter_map(|word| word.try_into().ok());
    words.chain([*last]).fold(0, |found, word| found | escapes_in(u64::from_le_bytes(word))) == 0
}

/// Returns 0 if none of eight bytes needs an escape.
#[cfg(feature = "verify")]
fn escapes_in(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    // A byte below the limit borrows from its highest bit, which was not set.
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & (EACH << 7)
}

/// The character after the backslash of an escaped byte: `u` before four digits, 0 if the byte has
/// no backslash.
const ESCAPES: [u8; 256] = {
    let mut letters = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        letters[control] = b'u';
        control += 1;
    }
    letters[0x08] = b'b';
    letters[0x09] = b't';
    letters[0x0a] = b'n';
    letters[0x0c] = b'f';
    letters[0x0d] = b'r';
    letters[b'"' as usize] = b'"';
    letters[b'\\' as usize] = b'\\';
    letters
};

/// The number of bytes that the escape of a byte adds.
const ESCAPES_LEN: [u8; 256] = {
    let mut lengths = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        lengths[byte] = match ESCAPES[byte] {
            0 => 0,
            b'u' => 5,
            _ => 1,
        };
        byte += 1;
    }
    lengths
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn object_equals_serde_json(values in proptest::collection::vec(any::<Option<String>>(), 0..5)) {
            let keys = ["a", "b", "c", "d", "e"];
            let members: Vec<_> = keys.iter().copied().zip(values.iter().map(Option::as_deref)).collect();
            let present: serde_json::Map<_, _> = members
                .iter()
                .filter_map(|&(key, value)| Some((key.to_owned(), value?.into())))
                .collect();
            let json = object(&members);
            prop_assert_eq!(&json, &serde_json::to_vec(&present).unwrap());
            // `Bytes` would copy a buffer with spare capacity.
            prop_assert_eq!(Vec::from(json).capacity(), serde_json::to_vec(&present).unwrap().len());
        }
    }

    #[cfg(feature = "verify")]
    proptest! {
        #[test]
        fn plain_texts_need_no_escapes(text in "[ -~\\n\\x1fé]{0,20}") {
            prop_assert_eq!(is_plain(&text), escapes_len(&text) == 0);
        }
    }

    #[cfg(feature = "verify")]
    #[test]
    fn escape_is_found_at_any_position() {
        for length in 1..20 {
            for at in 0..length {
                for character in (0..=0x7f_u8).map(char::from).chain(['é']) {
                    for around in ["a", "\u{7f}", "!", "#", "[", "]", "é"] {
                        let mut text = around.repeat(length);
                        text.insert(at * around.len(), character);
                        assert_eq!(is_plain(&text), escapes_len(&text) == 0, "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_are_escaped_like_serde_json() {
        let all: String = (0..=0x7f_u8).map(char::from).collect();
        let expected = serde_json::json!({ "all": all }).to_string();
        let json = object(&[("all", Some(&all))]);
        assert_eq!(json, expected);
        assert_eq!(Vec::from(json).capacity(), expected.len());
    }
}
