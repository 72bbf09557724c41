//! Spellings of a byte: verbatim, or escaped as in JSON, a URL or HTML, any number of times.

use std::ops::Range;

/// A text without its escapes.
pub(super) struct Spelled {
    pub(super) bytes: Vec<u8>,
    /// The place of each byte in the text.
    pub(super) places: Vec<Range<usize>>,
}

/// Deeper escapes are not undone, so that the time is bounded.
const MAX_ESCAPED_TIMES: usize = 16;

/// The bytes that an escape represents, and its length.
type Escape = Option<(Vec<u8>, usize)>;

impl Spelled {
    /// Undoes every escape, and the escapes in the result.
    ///
    /// A backslash that escapes nothing is dropped, because nothing shows how often a run of them
    /// was escaped. So a text and its escaped form have the same bytes, as do some similar texts.
    pub(super) fn new(text: &[u8]) -> Self {
        let places = (0..text.len()).map(|at| at..at + 1).collect();
        let mut spelled = Self { bytes: text.to_vec(), places };
        for _ in 0..MAX_ESCAPED_TIMES {
            let length = spelled.bytes.len();
            spelled = spelled.without_escapes();
            if spelled.bytes.len() == length {
                break;
            }
        }
        spelled
    }

    fn without_escapes(&self) -> Self {
        let mut text = Self { bytes: Vec::new(), places: Vec::new() };
        let mut at = 0;
        while at < self.bytes.len() {
            let rest = &self.bytes[at..];
            if let Some((bytes, length)) = escape(rest) {
                let place = self.place(at..at + length);
                text.places.extend(bytes.iter().map(|_| place.clone()));
                text.bytes.extend(bytes);
                at += length;
            } else {
                text.places.push(self.places[at].clone());
                text.bytes.push(rest[0]);
                at += 1;
            }
        }
        text
    }

    /// Returns the place of these bytes.
    pub(super) fn place(&self, bytes: Range<usize>) -> Range<usize> {
        self.places[bytes.start].start..self.places[bytes.end - 1].end
    }
}

fn escape(text: &[u8]) -> Escape {
    match text[0] {
        b'%' => Some((vec![hex(&text[1..], 2)?.try_into().ok()?], 3)),
        b'&' => entity(text),
        b'\\' => Some(backslashed(text)),
        _ => None,
    }
}

/// `&quot;`, `&#34;` or `&#x22;`.
fn entity(text: &[u8]) -> Escape {
    let length = text.iter().take(10).position(|&byte| byte == b';')?;
    Some((utf8(character(&text[1..length])?), length + 1))
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
fn backslashed(text: &[u8]) -> (Vec<u8>, usize) {
    let escaped = without_slashes(text);
    let slashes = text.len() - escaped.len();
    let Some(&letter) = escaped.first() else { return (Vec::new(), slashes) };
    let found = match letter {
        b'n' => Some((vec![b'\n'], 1)),
        b'r' => Some((vec![b'\r'], 1)),
        b't' => Some((vec![b'\t'], 1)),
        b'b' => Some((vec![8], 1)),
        b'f' => Some((vec![12], 1)),
        b'x' => hex(&escaped[1..], 2).and_then(|byte| Some((vec![byte.try_into().ok()?], 3))),
        b'u' => unicode(&escaped[1..]).map(|(c, length)| (utf8(c), 1 + length)),
        _ => None,
    };
    let (bytes, length) = found.unwrap_or_else(|| (vec![letter], 1));
    (bytes, slashes + length)
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

fn hex(text: &[u8], length: usize) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(..length)?).ok()?;
    // A sign is not a digit.
    u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
}

fn utf8(c: char) -> Vec<u8> {
    c.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> String {
        String::from_utf8(Spelled::new(text.as_bytes()).bytes).unwrap()
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
        for place in Spelled::new(text).places {
            assert!(place.start == end || place.end == end, "{place:?} after {end}");
            end = place.end;
        }
        assert_eq!(end, text.len());
    }
}
