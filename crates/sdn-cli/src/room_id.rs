//! Room IDs that people paste.

use sdn_proto::RoomId;

/// Parses a room ID, or returns what is wrong with the text.
///
/// The protocol allows any character in a room ID. But text that was copied along with an ID is
/// rejected here, because the node would only report an unknown room.
pub(crate) fn parse(text: &str) -> Result<RoomId, String> {
    let is_encoded = !text.contains(':') && text.to_ascii_lowercase().contains("%3a");
    let problem = if text.trim() != text {
        "has white space at its beginning or end; remove it"
    } else if is_encoded || text.starts_with("%21") {
        "is percent-encoded; write it as !room:node.example"
    } else if text.contains("?via=") {
        "has a query; remove the '?' and everything after it"
    } else if has_more_than_server(text) {
        "has other text after the server's name; give only the ID, such as !room:node.example"
    } else if has_more_than_hash(text) {
        "has other text after the ID; give only '!' and the 43 characters that follow it"
    } else {
        return RoomId::new(text).map_err(|error| error.rule().to_string());
    };
    Err(problem.to_owned())
}

/// Returns whether other text follows the server's name after the last colon.
fn has_more_than_server(text: &str) -> bool {
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || "-.]".contains(c);
    text.rsplit_once(':')
        .is_some_and(|(_, end)| end.starts_with(is_in_name) && !end.chars().all(is_in_name))
}

/// Returns whether other text follows the hash after the `!`, as in rooms of version 12. Other IDs
/// have a colon.
fn has_more_than_hash(text: &str) -> bool {
    let is_in_hash = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let end = text.get(1..).and_then(|rest| rest.find(|c| !is_in_hash(c)));
    end == Some(HASH) && !text.contains(':')
}

/// The length of a SHA-256 hash in base64 without padding.
const HASH: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_room_id_reports_its_problem() {
        for (text, wanted) in [
            ("!r:node.example?via=x", "has a query"),
            ("!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8?via=x", "has a query"),
            ("!r:node.example ", "has white space at its beginning or end"),
            ("\u{3000}!r:node.example", "has white space at its beginning or end"),
            ("!r:node.example\n", "has white space at its beginning or end"),
            ("!r%3Anode.example", "is percent-encoded"),
            ("%21r%3anode.example", "is percent-encoded"),
            ("%21r:node.example", "is percent-encoded"),
            ("!r:node.example/$event", "has other text after the server"),
            ("!r:node.example#x", "has other text after the server"),
            ("!r:node.example,", "has other text after the server"),
            ("!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8,", "has other text after the ID"),
            ("!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8/$event", "has other text after the ID"),
            (
                "!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8%3Fvia%3Dx",
                "has other text after the ID",
            ),
            ("!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8\u{200b}", "has other text after the ID"),
            ("!r:node.example\u{200b}", "has other text after the server"),
            ("r:node.example", "does not begin with '!'"),
            ("", "empty"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.starts_with(wanted), "{text}: {problem}");
        }
    }

    #[test]
    fn valid_room_id_is_kept() {
        for text in [
            "!room:node.example",
            "!a/b?c#d%2F e:node.example:8448",
            "!r:[2001:db8::1]",
            "!r:[2001:db8::1]:8448",
            "!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8",
            "!DEwHK9rHxCJD58f1YIll1RtkrCZaNebAPmvi-mQ1mv8:node.example",
            "!short,with?more",
            "!a:?b",
            "!../../v3/logout?x=1#f",
        ] {
            assert_eq!(parse(text).unwrap().as_str(), text);
        }
    }
}
