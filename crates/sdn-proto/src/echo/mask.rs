use std::borrow::Cow;
use std::ops::Range;

use super::names::SECRET_NAMES;
use super::replace::replaced;
use super::spelling::Spelled;

/// Hides text that looks like a secret: the word after `Bearer`, and the values of members with
/// secret names.
///
/// A member is in JSON, with its name in quotes, or in a query or a form, with `=` after its name.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let spelled = Spelled::new(text.as_bytes());
    let mut places = Vec::new();
    let mut at = 0;
    while at < spelled.bytes.len() {
        let start = announced(&spelled.bytes, at);
        match start.and_then(|start| value(text.as_bytes(), &spelled, start)) {
            Some(value) => {
                at = value.end;
                places.push(spelled.place(value));
            }
            None => at += 1,
        }
    }
    match replaced(text.as_bytes(), places) {
        Some(masked) => String::from_utf8_lossy(&masked).into_owned().into(),
        None => text.into(),
    }
}

/// Returns the start of a secret, if the word that announces it begins here.
fn announced(bytes: &[u8], at: usize) -> Option<usize> {
    let byte = |at: usize| bytes.get(at).copied();
    let before = at.checked_sub(1).and_then(byte);
    if before.is_some_and(is_word) || !is_word(bytes[at]) {
        return None;
    }
    let is_here = |word: &str| {
        let here = bytes.get(at..at + word.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
            && !byte(at + word.len()).is_some_and(is_word)
    };
    let skip = |at: usize, is_skipped: fn(&u8) -> bool| {
        at + bytes[at..].iter().take_while(|&byte| is_skipped(byte)).count()
    };
    if is_here("bearer") {
        let end = at + "bearer".len();
        // A form encodes a space as a plus.
        let start = skip(end, |byte| byte.is_ascii_whitespace() || *byte == b'+');
        return (start > end).then_some(start);
    }
    let name = SECRET_NAMES.iter().find(|name| is_here(name))?;
    let end = at + name.len();
    let is_quoted = before.is_some_and(is_quote) && byte(end) == before;
    let sign = skip(end + usize::from(is_quoted), u8::is_ascii_whitespace);
    let start = match byte(sign)? {
        b':' if is_quoted => sign + 1,
        b'=' if is_quoted && byte(sign + 1) == Some(b'>') => sign + 2,
        b'=' => sign + 1,
        _ => return None,
    };
    Some(skip(start, u8::is_ascii_whitespace))
}

/// Returns the value that begins here, unless it is empty.
fn value(text: &[u8], spelled: &Spelled<'_>, start: usize) -> Option<Range<usize>> {
    let bytes = &spelled.bytes;
    let written = |at: usize| &text[spelled.place(at..at + 1)];
    let first = *bytes.get(start)?;
    let (start, end) = if is_quote(first) {
        let quote = written(start);
        let mut rest = start + 1..bytes.len();
        (start + 1, rest.find(|&at| closes(quote, written(at))))
    } else if b"[{".contains(&first) {
        (start, None)
    } else {
        // Percent-encoded bytes are part of the value.
        let is_end = |&at: &usize| ends_value(bytes[at]) && !written(at).starts_with(b"%");
        (start, (start..bytes.len()).find(is_end))
    };
    let end = end.unwrap_or(bytes.len());
    (start < end).then_some(start..end)
}

/// Returns whether a quote closes the first one. A quote within the value is escaped once more than
/// the two around it.
fn closes(first: &[u8], quote: &[u8]) -> bool {
    let (first_slashes, first) = without_slashes(first);
    let (slashes, quote) = without_slashes(quote);
    // Backslashes at the end of the value are escaped once more, too.
    quote == first && slashes % (2 * (first_slashes + 1)) == first_slashes
}

fn without_slashes(text: &[u8]) -> (usize, &[u8]) {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    (slashes, &text[slashes..])
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Returns whether a value without quotes ends before this byte.
fn ends_value(byte: u8) -> bool {
    byte <= b' ' || is_quote(byte) || b"<>&,}]".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_tokens_are_masked() {
        for (text, masked) in [
            (
                "authorization: Bearer syt_x\r\nhost: y",
                "authorization: Bearer [redacted]\r\nhost: y",
            ),
            (r#"{"authorization":"Bearer a.b/c+d=="}"#, r#"{"authorization":"Bearer [redacted]"}"#),
            (r#"{\"a\":\"bearer  x\"}"#, r#"{\"a\":\"bearer  [redacted]\"}"#),
            (r"BEARER x\r\nhost: y", r"BEARER [redacted]\r\nhost: y"),
            ("<pre>Bearer x</pre>", "<pre>Bearer [redacted]</pre>"),
            ("a=Bearer%20x%2By&b", "a=Bearer%20[redacted]&b"),
            ("a=Bearer+x&b", "a=Bearer+[redacted]&b"),
            ("Bearer x", "Bearer [redacted]"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn members_with_secret_names_are_masked() {
        for (text, masked) in [
            (r#"{"token":"x","a":"b"}"#, r#"{"token":"[redacted]","a":"b"}"#),
            (r#"{"token" : "x\"y\\"}z"#, r#"{"token" : "[redacted]\\"}z"#),
            (r#"{\"token\":\"x\\\\\"}z"#, r#"{\"token\":\"[redacted]\\\\\"}z"#),
            (
                r#"{\"id_access_token\":\"x\\\"y\",\"a\":1}"#,
                r#"{\"id_access_token\":\"[redacted]\",\"a\":1}"#,
            ),
            (r#"{\\\"private_key\\\":\\\"x\\\"}"#, r#"{\\\"private_key\\\":\\\"[redacted]\\\"}"#),
            (
                r#"{"code":123,"a":1} {"code":4}"#,
                r#"{"code":[redacted],"a":1} {"code":[redacted]}"#,
            ),
            (r#"{"token":["x","y"]} z"#, r#"{"token":[redacted]"#),
            ("{'password': 'x', 'a': 1}", "{'password': '[redacted]', 'a': 1}"),
            (r#"{"password"=>"x"}"#, r#"{"password"=>"[redacted]"}"#),
            ("{&quot;token&quot;:&quot;x&quot;}", "{&quot;token&quot;:&quot;[redacted]&quot;}"),
            ("%7B%22token%22%3A%22x%22%7D", "%7B%22token%22%3A%22[redacted]%22%7D"),
            ("?sid=1&client_secret=x%26y&a=b", "?sid=1&client_secret=[redacted]&a=b"),
            ("refresh_token=x", "refresh_token=[redacted]"),
            (r"\naccess_token=x\n", r"\naccess_token=[redacted]\n"),
            ("{access_token=x, a=b}", "{access_token=[redacted], a=b}"),
            ("Access_Token=x", "Access_Token=[redacted]"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn ordinary_words_stay() {
        for text in [
            "Unknown token: log in again",
            "the code: 403, the bearer",
            "no access_token",
            "tokens=3, my_token=4, encode=5",
            r#"{"tokens":"x","token_type":"y"}"#,
            "token=",
            r#"{"token":""}"#,
            "Bearer",
            "für Ünvited 🦀 \\",
            "",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
