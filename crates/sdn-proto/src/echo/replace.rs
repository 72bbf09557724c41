//! Replaces secrets in a text.

use std::ops::Range;

/// The text that replaces a secret.
pub(crate) const REPLACEMENT: &str = "[redacted]";

/// Replaces each range, or several that overlap, with [`REPLACEMENT`]. Returns `None` if there are
/// no ranges.
pub(super) fn replaced(text: &[u8], mut ranges: Vec<Range<usize>>) -> Option<Vec<u8>> {
    // A stable sort is fast, because the places of each secret are in order.
    ranges.sort_by_key(|range| range.start);
    let mut rest = 0;
    let mut replaced = Vec::with_capacity(text.len());
    for range in &ranges {
        if range.start >= rest {
            replaced.extend_from_slice(&text[rest..range.start]);
            replaced.extend_from_slice(REPLACEMENT.as_bytes());
        }
        rest = rest.max(range.end);
    }
    replaced.extend_from_slice(&text[rest..]);
    (!ranges.is_empty()).then_some(replaced)
}
