//! The part of an e-mail address after its `@`.

use std::net::Ipv4Addr;

use crate::error::Rule;

/// A name has at most 253 characters, and each part between its dots at most 63.
///
/// These limits are about the ASCII form. The Unicode form never has more characters, but may have
/// more bytes.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Checks that the text is a domain's name, in its Unicode or its ASCII form.
pub(super) fn check(domain: &str) -> Result<(), Rule> {
    let is_literal = domain.starts_with('[') && domain.ends_with(']');
    if is_literal || domain.parse::<Ipv4Addr>().is_ok() {
        return Err(Rule::HasIpAddress);
    }
    if is_name(domain) {
        return Ok(());
    }
    match domain.chars().next_back() {
        Some(character) if is_copied_along(character) && is_name(without_end(domain)) => {
            Err(Rule::TrailingCharacter { character })
        }
        _ => Err(Rule::InvalidDomain),
    }
}

/// Removes characters that are copied along with an address, such as the end of a sentence.
fn without_end(domain: &str) -> &str {
    domain.trim_end_matches(is_copied_along)
}

/// Returns whether a character is punctuation that texts have after an address.
fn is_copied_along(c: char) -> bool {
    c.is_ascii_punctuation() || "“”„‟‘’‚‛«»‹›…".contains(c)
}

fn is_name(domain: &str) -> bool {
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    domain.chars().count() <= MAX_NAME
        && domain.split('.').all(is_label)
        && !domain.rsplit('.').next().is_some_and(is_number)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.chars().count())
        && label.starts_with(char::is_alphanumeric)
        && !label.ends_with('-')
        && label.chars().all(|c| c == '-' || c.is_alphanumeric() || is_mark(c))
}

/// Returns whether a character is a mark that combines with the one before it, such as an accent.
///
/// The standard library does not export this property, but escapes a mark only at the start of a
/// text.
fn is_mark(c: char) -> bool {
    let is_escaped = |text: &str| text.escape_debug().count() > text.chars().count();
    is_escaped(&c.to_string()) && !is_escaped(&format!("a{c}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_neither_letters_nor_symbols() {
        for c in ['\u{301}', '\u{94d}', '\u{e48}', '\u{3099}', '\u{20dd}', '\u{1d165}'] {
            assert!(is_mark(c), "{c:?}");
        }
        for c in ['a', 'é', '1', '-', '"', '\\', '\n', '。', '😀', '\u{e000}', '\u{378}'] {
            assert!(!is_mark(c), "{c:?}");
        }
    }
}
