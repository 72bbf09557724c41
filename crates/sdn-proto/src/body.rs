//! Bodies as text.

/// Returns a body as text, without a byte order mark. `None` if it is not UTF-8.
pub(crate) fn text(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}
