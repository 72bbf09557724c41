//! Text with characters that encoders, parsers, logs and terminals may handle wrongly.

use arbitrary::{Result, Unstructured};

use super::{pick, rarely};

#[rustfmt::skip]
pub(super) const PIECES: &[&str] = &[
    "/", "%", "?", "#", "\"", "\\", ":", "@", "&", "=", "+", " ", ".", "..", "'", "<", ">", "[", "]", "{", "}", "|",
    "^", "`", ";", ",", "$", "~", "*", "(", ")", "!", "-", "_", "0", "A", "Z", "//", "/../", "%2F", "%2e%2e", "%25",
    "%00", "%0d%0a", "%zz", "\\u0000", "\r\n", "\n", "\t", "\0", "\u{7f}", "\u{85}", "\u{a0}", "\u{1b}[31m",
    "\r\nX-Injected: 1\r\n\r\n", "\",\"id_server\":\"evil.example", "https://evil.example/", "\u{feff}", "\u{200b}",
    "\u{200d}", "\u{2028}", "\u{202e}", "\u{2066}", "\u{301}", "é", "ß", "ẞ", "İ", "ΐ", "ﬃ", "K", "\u{d7ff}", "\u{e000}",
    "\u{fffd}", "\u{ffff}", "👩‍👧", "😀", "\u{10ffff}",
];

/// Draws at most `max` bytes of `allowed` characters, sometimes exactly `max`. `a` must be allowed.
pub(super) fn hostile(
    u: &mut Unstructured<'_>,
    max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<String> {
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=12)? {
        match u.int_in_range(0..=3)? {
            0 | 1 => text.push_str(pick(u, PIECES)?),
            2 => text.push(char::from(u.int_in_range(0..=0x7f)?)),
            _ => text.push(u.arbitrary()?),
        }
    }
    text.retain(allowed);
    cut(&mut text, max);
    if rarely(u)? {
        fill(&mut text, max);
    }
    Ok(text)
}

pub(super) fn fill(text: &mut String, to: usize) {
    text.extend(std::iter::repeat_n('a', to.saturating_sub(text.len())));
}

fn cut(text: &mut String, max: usize) {
    text.truncate(boundary(text, max));
}

/// Returns the last character boundary that is not after `at`.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
