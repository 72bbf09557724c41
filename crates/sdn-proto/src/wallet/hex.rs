//! Hex digits of either case.

use crate::error::Rule;

/// Returns what follows `0x`, if it is there.
pub(super) fn without_prefix(text: &str) -> Option<&str> {
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
}

/// Checks that there are so many digits, and nothing else.
pub(super) fn check_digits(text: &str, digits: usize) -> Result<(), Rule> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Err(Rule::NotHex)
    } else if text.len() != digits {
        Err(Rule::WrongLength { digits })
    } else {
        Ok(())
    }
}
