//! Spellings of a byte: verbatim, or escaped as in JSON, a URL or HTML, any number of times.

use std::borrow::Cow;
use std::iter::repeat_n;
use std::ops::Range;

/// A text without its escapes.
pub(super) struct Spelled<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// The place of each byte in the text. `None` if the text has no escapes.
    places: Option<Vec<Range<usize>>>,
}

/// Deeper escapes are not undone, so that the time is bounded.
const MAX_ESCAPED_TIMES: usize = 16;

impl<'a> Spelled<'a> {
    /// Keeps the escapes of a text.
    pub(super) fn verbatim(text: &'a [u8]) -> Self {
        Self { bytes: text.into(), places: None }
    }

    /// Undoes every escape, and the escapes in the result.
    ///
    /// A backslash that escapes nothing is dropped, because nothing shows how often a run of them
    /// was escaped. So a text and its escaped form have the same bytes, as do some similar texts.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let mut spelled = Self::verbatim(text);
        for _ in 0..MAX_ESCAPED_TIMES {
            let Some(next) = spelled.without_escapes() else { break };
            spelled = next;
        }
        spelled
    }

    /// Undoes each escape once. Returns `None` if there are none.
    fn without_escapes(&self) -> Option<Self> {
        let text = &self.bytes[..];
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        let (mut at, mut copied) = (0, 0);
        while let Some(next) = text[at..].iter().position(|&byte| begins_escape(byte)) {
            at += next;
            self.copy(copied..at, &mut bytes, &mut places);
            copied = at;
            match unescape(&text[at..], &mut bytes) {
                Some(length) => {
                    at += length;
                    places.extend(repeat_n(self.place(copied..at), bytes.len() - places.len()));
                    copied = at;
                }
                None => at += 1,
            }
        }
        // The bytes that an escape represents are fewer than its own.
        if bytes.len() + text.len() - copied == text.len() {
            return None;
        }
        self.copy(copied..text.len(), &mut bytes, &mut places);
        Some(Self { bytes: bytes.into(), places: Some(places) })
    }

    /// Appends these bytes and their places.
    fn copy(&self, range: Range<usize>, bytes: &mut Vec<u8>, places: &mut Vec<Range<usize>>) {
        bytes.extend_from_slice(&self.bytes[range.clone()]);
        match &self.places {
            Some(known) => places.extend_from_slice(&known[range]),
            None => places.extend(range.map(|at| at..at + 1)),
        }
    }

    /// Returns the place of these bytes.
    pub(super) fn place(&self, bytes: Range<usize>) -> Range<usize> {
        match &self.places {
            Some(places) => places[bytes.start].start..places[bytes.end - 1].end,
            None => bytes,
        }
    }
}

/// Whether a byte is the first of an escape.
pub(super) fn begins_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\')
}

/// Appends the bytes that an escape represents, and returns its length.
fn unescape(text: &[u8], to: &mut Vec<u8>) -> Option<usize> {
    match text[0] {
        b'%' => {
            to.push(byte(&text[1..])?);
            Some(3)
        }
        b'&' => entity(text, to),
        b'\\' => Some(backslashed(text, to)),
        _ => None,
    }
}

/// `&quot;`, `&#34;` or `&#x22;`.
fn entity(text: &[u8], to: &mut Vec<u8>) -> Option<usize> {
    let length = text.iter().take(10).position(|&byte| byte == b';')?;
    push(character(&text[1..length])?, to);
    Some(length + 1)
}

fn character(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits, digits.len())?),
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?),
        _ => None,
    }
}

/// `\"`, `\n`, `\u0022`, a pair of surrogates, `\x22` as programs print bytes, each with any number
/// of backslashes.
fn backslashed(text: &[u8], to: &mut Vec<u8>) -> usize {
    let escaped = without_slashes(text);
    let slashes = text.len() - escaped.len();
    let Some(&letter) = escaped.first() else { return slashes };
    let (unescaped, length) = match letter {
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'b' => (8, 1),
        b'f' => (12, 1),
        b'x' => byte(&escaped[1..]).map_or((letter, 1), |byte| (byte, 3)),
        b'u' => match unicode(&escaped[1..]) {
            Some((c, length)) => {
                push(c, to);
                return slashes + 1 + length;
            }
            None => (letter, 1),
        },
        _ => (letter, 1),
    };
    to.push(unescaped);
    slashes + length
}

/// Four digits, a pair of surrogates with backslashes between them, or digits in braces, as Rust
/// prints them.
fn unicode(text: &[u8]) -> Option<(char, usize)> {
    if let Some(digits) = text.strip_prefix(b"{") {
        let length = digits.iter().take(7).position(|&byte| byte == b'}')?;
        return Some((char::from_u32(hex(digits, length)?)?, length + 2));
    }
    let high = hex(text, 4)?;
    if let Some(c) = char::from_u32(high) {
        return Some((c, 4));
    }
    let digits = without_slashes(&text[4..]).strip_prefix(b"u")?;
    let low = hex(digits, 4)?;
    let is_pair = high < 0xdc00 && (0xdc00..0xe000).contains(&low);
    let c = char::from_u32(0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff));
    Some((c.filter(|_| is_pair)?, text.len() - digits.len() + 4))
}

fn without_slashes(text: &[u8]) -> &[u8] {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    &text[slashes..]
}

fn byte(text: &[u8]) -> Option<u8> {
    hex(text, 2)?.try_into().ok()
}

fn hex(text: &[u8], length: usize) -> Option<u32> {
    let (first, others) = text.get(..length)?.split_first()?;
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    others
        .iter()
        .try_fold(digit(first)?, |number, byte| number.checked_mul(16)?.checked_add(digit(byte)?))
}

fn push(c: char, to: &mut Vec<u8>) {
    to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> String {
        String::from_utf8(Spelled::new(text.as_bytes()).bytes.into_owned()).unwrap()
    }

    #[test]
    fn every_escape_is_undone() {
        for text in [
            "é\"🦀/&<",
            r#"é\"🦀\/&<"#,
            r#"é\\\"🦀\\\/&<"#,
            r"\u00e9\u0022\ud83e\udd80\u002F\u0026\u003c",
            r"\\u00e9\\u0022\\ud83e\\udd80\\u002f\\u0026\\u003C",
            "%C3%A9%22%F0%9F%A6%80%2F%26%3C",
            "%25c3%25a9%2522%25f0%259f%25a6%2580%252f%2526%253c",
            "%C3%A9%5C%22%F0%9F%A6%80%5C%2F%26%3C",
            "é&quot;🦀/&amp;&lt;",
            r"é\&quot;🦀\/&amp;&lt;",
            "&#233;&#34;&#x1F980;&#x2f;&#38;&#60;",
            "&amp;#233;&amp;quot;🦀/&amp;amp;&amp;lt;",
            r#"\xc3\xa9\"\xf0\x9f\xa6\x80/&<"#,
            r#"\u{e9}\"\u{1f980}/&<"#,
        ] {
            assert_eq!(bytes(text), "é\"🦀/&<", "{text}");
        }
        assert_eq!(bytes(r"a\r\n\tb\\nc\b\f"), "a\r\n\tb\nc\u{8}\u{c}");
    }

    #[test]
    fn incomplete_escapes_stay() {
        let text = r"%, %2, %zz, & , &x; &#x; &#99999999; &amp, u0022, \u12 \ud83e \ud83e\u0041 \x1 \u{ \u{}";
        let expected =
            "%, %2, %zz, & , &x; &#x; &#99999999; &amp, u0022, u12 ud83e ud83eA x1 u{ u{}";
        assert_eq!(bytes(text), expected);
        assert_eq!(bytes(r"a\\\"), "a");
    }

    #[test]
    fn places_cover_the_text() {
        let text = br#"a\\\"b%2522&amp;quot;%5C%22\ud83e\udd80%"#;
        let mut end = 0;
        for place in Spelled::new(text).places.unwrap() {
            assert!(place.start == end || place.end == end, "{place:?} after {end}");
            end = place.end;
        }
        assert_eq!(end, text.len());
    }
}
