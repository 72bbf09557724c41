//! Links to users and rooms, `https://matrix.to/#/…` and `matrix:…`, and the links of invitation mails.

use percent_encoding::percent_decode_str;

/// Returns the identifier in a link, such as `@bob:node.example`. Returns `None` if the text is not a link.
///
/// An event and the servers in the link are ignored. The identifier is not checked.
pub(crate) fn identifier(text: &str) -> Option<Result<String, &'static str>> {
    if let Some(rest) = without_prefix(text, "https://matrix.to/#/") {
        return Some(decode("", segments(rest).next()?));
    }
    let rest = without_prefix(text, "matrix:")?;
    let mut segments = segments(rest);
    let sigil = match segments.next()? {
        "u" | "user" => "@",
        "r" | "room" => "#",
        "roomid" => "!",
        _ => return Some(Err(UNKNOWN_KIND)),
    };
    Some(decode(sigil, segments.next().unwrap_or_default()))
}

const UNKNOWN_KIND: &str = "the link does not name a user or a room; give one that begins with matrix:u/, matrix:r/ or matrix:roomid/";

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Returns the parts of the path.
fn segments(rest: &str) -> std::str::Split<'_, char> {
    rest.split('?').next().unwrap_or_default().split('/')
}

fn decode(sigil: &str, segment: &str) -> Result<String, &'static str> {
    match percent_decode_str(segment).decode_utf8() {
        Ok(text) if !text.is_empty() => Ok(format!("{sigil}{text}")),
        Ok(_) => Err("the link does not name a user or a room; copy all of it"),
        Err(_) => Err("the link is not UTF-8; copy it again"),
    }
}

/// Returns whether a text is the link of an invitation mail, or a part of one with the key.
pub(crate) fn is_mail_link(text: &str) -> bool {
    text.contains("signurl=") || text.contains("private_key")
}

/// The problem if such a link is an argument.
pub(crate) const LINK_IS_SECRET: &str = "this is the link of an invitation mail, which contains a key that other users could \
     read; give it to `sdn accept` on standard input, or in a file with --link-file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_names_its_identifier() {
        for (link, wanted) in [
            ("https://matrix.to/#/@bob:node.example", "@bob:node.example"),
            ("https://matrix.to/#/%40bob%3Anode.example", "@bob:node.example"),
            ("HTTPS://Matrix.to/#/@bob:node.example", "@bob:node.example"),
            ("https://matrix.to/#/#lobby:node.example", "#lobby:node.example"),
            ("https://matrix.to/#/%23lobby:node.example?via=a.example", "#lobby:node.example"),
            ("https://matrix.to/#/!a:node.example/$event?via=a.example", "!a:node.example"),
            ("https://matrix.to/#/!a%2Fb:node.example", "!a/b:node.example"),
            ("matrix:u/bob:node.example", "@bob:node.example"),
            ("matrix:u/bob:node.example?action=chat", "@bob:node.example"),
            ("matrix:user/bob:node.example", "@bob:node.example"),
            ("MATRIX:r/lobby:node.example", "#lobby:node.example"),
            ("matrix:room/lobby:node.example", "#lobby:node.example"),
            ("matrix:roomid/a:node.example/e/event?via=a.example", "!a:node.example"),
        ] {
            assert_eq!(identifier(link), Some(Ok(wanted.to_owned())), "{link}");
        }
    }

    #[test]
    fn bad_link_is_an_error() {
        for link in [
            "https://matrix.to/#/",
            "https://matrix.to/#/%ff",
            "matrix:",
            "matrix:u/",
            "matrix:u",
            "matrix:e/event",
            "matrix://node.example/u/bob:node.example",
        ] {
            assert!(matches!(identifier(link), Some(Err(_))), "{link}");
        }
    }

    #[test]
    fn other_text_is_not_a_link() {
        for text in ["", "@bob:node.example", "https://node.example/", "matrix.to", "Maträx:u/bob"]
        {
            assert_eq!(identifier(text), None, "{text}");
        }
    }
}
