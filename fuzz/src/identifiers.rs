//! Our identifiers beside ruma's.

use ruma_common::{ClientSecret, OwnedServerSigningKeyId};
use sdn_proto::id::KeyId;
use sdn_proto::{RoomId, ServerName, UserId, secret};

/// Checks any text. Both must say the same of it, unless there is a reason.
pub(crate) fn check(text: &str) {
    let theirs = ruma_common::RoomId::parse(text).is_ok();
    // Nothing but the sigil names no room; it would make a path of another call of a node that folds empty segments.
    agree(RoomId::new(text).is_ok(), theirs, text == "!", text);

    let theirs = ruma_common::ServerName::parse(text).is_ok();
    agree(ServerName::new(text).is_ok(), theirs, is_odd_server(text), text);

    let theirs = ruma_common::UserId::parse(text).is_ok();
    let server = text.split_once(':').map_or("", |(_, server)| server);
    agree(UserId::new(text).is_ok(), theirs, is_odd_server(server), text);

    // The specification's grammar is ASCII.
    let theirs = ClientSecret::parse(text).is_ok();
    agree(secret::ClientSecret::new(text).is_ok(), theirs, !text.is_ascii(), text);

    // Ruma reads the algorithm's name only later; and of a key's name it takes what the specification says of servers'
    // keys, where we take what identity servers give: what it says of all of them.
    if KeyId::new(text).is_err() {
        let is_plain = |part: &str| {
            (1..=255).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".=_-".contains(&byte))
        };
        let is_odd = !text.split(':').all(is_plain);
        assert!(is_odd || OwnedServerSigningKeyId::try_from(text).is_err(), "{text:?}");
    }
}

/// Where ruma takes more, `is_odd` must say why; it must never take less.
fn agree(ours: bool, theirs: bool, is_odd: bool, text: &str) {
    assert!(ours == theirs || (theirs && is_odd), "{text:?}: we {ours}, ruma {theirs}");
}

/// A server name that we alone refuse: longer than 230 bytes, which leaves no room for anything else in an identifier; with
/// an empty part between its dots, under which nothing can be reached; or with a port that is written in an odd way,
/// such as `+80` or `000080`.
fn is_odd_server(text: &str) -> bool {
    let (host, port) = match text.rfind([':', ']']) {
        Some(at) if text[at..].starts_with(':') => (&text[..at], &text[at + 1..]),
        _ => (text, "0"),
    };
    let labels = host.strip_suffix('.').unwrap_or(host);
    text.len() > 230
        || labels.split('.').any(str::is_empty)
        || port.len() > 5
        || !port.bytes().all(|byte| byte.is_ascii_digit())
}
