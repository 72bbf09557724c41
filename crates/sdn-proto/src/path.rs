//! Paths: templates such as `/_api/client/v3/rooms/{roomId}/invite`, filled with arguments.

/// Fills a template, after the base's path, into a buffer of exactly its size.
///
/// `literals` are the texts around the template's names. Returns `None` if there are more or fewer
/// arguments than names. URL libraries resolve `.` and `..`, so an argument in the path must not be
/// one of them.
pub(crate) fn fill(base: &str, literals: &[&str], args: &[&str]) -> Option<Vec<u8>> {
    let (first, others) = literals.split_first()?;
    let first = first.strip_prefix('/').unwrap_or(first);
    if others.len() != args.len() || has_dots(literals, args) {
        return None;
    }
    let others_len = others.iter().map(|literal| literal.len()).sum::<usize>();
    let args_len = args.iter().map(|arg| encoded_len(arg)).sum::<usize>();
    let mut path = Vec::with_capacity(base.len() + first.len() + others_len + args_len);
    path.extend_from_slice(base.as_bytes());
    path.extend_from_slice(first.as_bytes());
    for (arg, literal) in args.iter().zip(others) {
        encode_to(arg, &mut path);
        path.extend_from_slice(literal.as_bytes());
    }
    Some(path)
}

/// Returns whether an argument before the query is `.` or `..`.
fn has_dots(literals: &[&str], args: &[&str]) -> bool {
    let dots = args.iter().position(|arg| matches!(*arg, "." | ".."));
    dots.is_some_and(|at| !literals[..=at].iter().any(|literal| literal.contains('?')))
}

/// Splits a template at its names: `/rooms/{roomId}/invite` into `/rooms/` and `/invite`.
///
/// The compiler does this for [`endpoint!`](crate::endpoint), and rejects a brace without its
/// partner.
pub const fn split<const COUNT: usize>(template: &'static str) -> [&'static str; COUNT] {
    let mut literals = [""; COUNT];
    let mut rest = template.as_bytes();
    let mut index = 0;
    while index + 1 < COUNT {
        let (literal, after) = rest.split_at(position(rest, b'{'));
        literals[index] = text(literal);
        rest = after.split_at(position(after, b'}') + 1).1;
        index += 1;
    }
    literals[index] = text(rest);
    literals
}

/// Splits a template at its names, at run time. Returns `None` if a brace has no partner.
pub fn literals(template: &'static str) -> Vec<&'static str> {
    let pieces: Vec<_> = template.split(['{', '}']).collect();
    if pieces.len() % 2 == 0 { Vec::new() } else { pieces.into_iter().step_by(2).collect() }
}

/// Counts the texts around the names of a template.
pub const fn count(template: &str) -> usize {
    let template = template.as_bytes();
    let (mut count, mut at) = (1, 0);
    while at < template.len() {
        count += (template[at] == b'{') as usize;
        at += 1;
    }
    count
}

const fn position(text: &[u8], brace: u8) -> usize {
    let mut at = 0;
    while at < text.len() {
        if text[at] == brace {
            return at;
        }
        at += 1;
    }
    panic!("a brace is missing in a path")
}

const fn text(literal: &'static [u8]) -> &'static str {
    match std::str::from_utf8(literal) {
        Ok(text) => text,
        Err(_) => panic!("a path is text"),
    }
}

fn encoded_len(text: &str) -> usize {
    let is_escaped = |&byte: &u8| PERCENT[usize::from(byte)].is_some();
    text.len() + 2 * text.as_bytes().iter().filter(|byte| is_escaped(byte)).count()
}

/// Copies runs of plain bytes at once, and encodes the others one by one.
fn encode_to(text: &str, path: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let plain = rest.iter().position(|&byte| PERCENT[usize::from(byte)].is_some());
        let (run, after) = rest.split_at(plain.unwrap_or(rest.len()));
        path.extend_from_slice(run);
        rest = after;
        while let Some((&byte, after)) = rest.split_first() {
            let Some(escape) = PERCENT[usize::from(byte)] else { break };
            path.extend_from_slice(&escape);
            rest = after;
        }
    }
}

/// The escape of a byte in a path. The characters that ECMAScript's `encodeURIComponent` does not
/// escape have none.
const PERCENT: [Option<[u8; 3]>; 256] = {
    let mut table = [None; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_plain = matches!(
            byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
        );
        if !is_plain {
            let hex = b"0123456789ABCDEF";
            table[byte] = Some([b'%', hex[byte >> 4], hex[byte & 15]]);
        }
        byte += 1;
    }
    table
};

/// Replaces percent-encoded bytes; `None` if one is not whole, or the result is not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    /// The characters that `encodeURIComponent` escapes. ECMAScript's definition lists the others.
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');

    fn check_argument(text: &str) {
        let path = fill("/", &["/", "/b"], &[text]).unwrap();
        assert_eq!(path, format!("/{}/b", utf8_percent_encode(text, ESCAPED)).as_bytes());
        assert_eq!(path.len(), path.capacity());
    }

    proptest! {
        #[test]
        fn arguments_are_encoded_like_percent_encoding(text in "|.{3,}") {
            check_argument(&text);
        }
    }

    #[test]
    fn every_ascii_character_is_encoded() {
        check_argument(&(0..=0x7f_u8).map(char::from).collect::<String>());
    }

    fn filled(template: &'static str, args: &[&str]) -> Option<String> {
        fill("/sub/", &literals(template), args).map(|path| String::from_utf8(path).unwrap())
    }

    #[test]
    fn templates_are_filled_in_order() {
        let template = "/a/{b}/c/{d}?e={f}";
        assert_eq!(filled(template, &["1/", "2?", ".."]).unwrap(), "/sub/a/1%2F/c/2%3F?e=..");
        assert_eq!(filled("a/{}", &[""]).unwrap(), "/sub/a/");
    }

    #[test]
    fn invalid_path_is_none() {
        for (template, args) in [
            ("/a", &["1"][..]),
            ("/a/{b}", &[]),
            ("/a/{b", &["1"]),
            ("/{a}/b", &[".."]),
            ("/{a}{b}?c={d}", &["1", ".", "2"]),
        ] {
            assert_eq!(filled(template, args), None, "{template}");
        }
    }

    #[test]
    fn compiler_splits_templates() {
        const TEMPLATE: &str = "/a/{b}/c/{d}?e={f}";
        const LITERALS: [&str; count(TEMPLATE)] = split(TEMPLATE);
        assert_eq!(LITERALS, ["/a/", "/c/", "?e=", ""]);
        assert_eq!(literals(TEMPLATE), LITERALS);
    }

    #[test]
    #[should_panic(expected = "a brace is missing")]
    fn single_brace_does_not_compile() {
        split::<2>("/a/{b");
    }
}
