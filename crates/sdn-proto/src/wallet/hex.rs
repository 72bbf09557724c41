//! Hex digits of either case.

use crate::error::Rule;

/// Removes `0x` from the start of a text, if it has it.
pub(super) fn without_prefix(text: &str) -> Option<&str> {
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
}

/// Checks that the text consists of this many hex digits.
pub(super) fn check_digits(text: &str, digits: usize) -> Result<(), Rule> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Err(Rule::NotHex)
    } else if text.len() != digits {
        Err(Rule::WrongLength { digits })
    } else {
        Ok(())
    }
}

/// Encodes bytes in lower case.
#[cfg(feature = "wallet")]
pub(super) fn encode(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Decodes checked digits, and leaves no copy of them elsewhere.
#[cfg(feature = "wallet")]
pub(super) fn decode(digits: &str, bytes: &mut [u8]) {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    };
    for (byte, digits) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = (value(digits[0]) << 4) | value(digits[1]);
    }
}
