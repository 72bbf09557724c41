//! Draws choices and words.

use std::ops::RangeInclusive;

use arbitrary::{Error, Result, Unstructured};

use crate::error::InvalidInput;

/// Converts a constructor's result. The generators keep the rules, so the error never occurs.
pub(super) fn valid<T>(value: std::result::Result<T, InvalidInput>) -> Result<T> {
    value.map_err(|_| Error::IncorrectFormat)
}

pub(super) fn pick<T: Copy>(u: &mut Unstructured<'_>, choices: &[T]) -> Result<T> {
    u.choose(choices).copied()
}

/// Returns `true` one time in eight. `Unstructured::ratio` would return `true` at the end of the
/// input.
pub(super) fn rarely(u: &mut Unstructured<'_>) -> Result<bool> {
    Ok(u.int_in_range(0..=7)? == 7)
}

/// Draws as many characters of `alphabet` as `length` allows.
pub(super) fn word(
    u: &mut Unstructured<'_>,
    alphabet: &str,
    length: RangeInclusive<usize>,
) -> Result<String> {
    let alphabet = alphabet.as_bytes();
    (0..u.int_in_range(length)?).map(|_| pick(u, alphabet).map(char::from)).collect()
}
