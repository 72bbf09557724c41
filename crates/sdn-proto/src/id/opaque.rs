//! Identifiers that servers choose: `[0-9a-zA-Z.=_-]{1,255}`.

use std::sync::Arc;

use crate::error::{InvalidInput, Rule};

const MAX_BYTES: usize = 255;

pub(crate) fn check(field: &'static str, text: &str) -> Result<Arc<str>, InvalidInput> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".=_-".contains(&byte);
    let rule = if text.is_empty() {
        Rule::Empty
    } else if text.len() > MAX_BYTES {
        Rule::TooLong { max: MAX_BYTES }
    } else if !text.bytes().all(is_allowed) {
        Rule::InvalidCharacter
    } else {
        return Ok(text.into());
    };
    Err(InvalidInput::new(field, rule))
}
