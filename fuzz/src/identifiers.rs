//! Compares our identifiers with ruma's.

use ruma_common::{ClientSecret, OwnedServerSigningKeyId};
use sdn_proto::id::KeyId;
use sdn_proto::{RoomId, ServerName, UserId, secret};

/// Checks any text: both accept it, both refuse it, or there is a reason.
pub(crate) fn check(text: &str) {
    let theirs = ruma_common::RoomId::parse(text).is_ok();
    // A sigil alone names no room. A node that drops empty path segments would take the request for another call.
    agree(RoomId::new(text).is_ok(), theirs, text == "!", text);

    let theirs = ruma_common::ServerName::parse(text).is_ok();
    agree(ServerName::new(text).is_ok(), theirs, is_odd_server(text), text);

    let theirs = ruma_common::UserId::parse(text).is_ok();
    let server = text.split_once(':').map_or("", |(_, server)| server);
    agree(UserId::new(text).is_ok(), theirs, is_odd_server(server), text);

    // The specification's grammar is ASCII.
    let theirs = ClientSecret::parse(text).is_ok();
    agree(secret::ClientSecret::new(text).is_ok(), theirs, !text.is_ascii(), text);

    // Ruma parses the algorithm's name only later. For a key's name it has the specification's grammar for the keys of
    // servers. We have the grammar for all keys, because identity servers use it.
    if KeyId::new(text).is_err() {
        let is_plain = |part: &str| {
            (1..=255).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".=_-".contains(&byte))
        };
        let is_odd = !text.split(':').all(is_plain);
        assert!(is_odd || OwnedServerSigningKeyId::try_from(text).is_err(), "{text:?}");
    }
}

/// If ruma alone accepts the text, `is_odd` must say why. Ruma must accept what we accept.
fn agree(ours: bool, theirs: bool, is_odd: bool, text: &str) {
    assert!(ours == theirs || (theirs && is_odd), "{text:?}: we {ours}, ruma {theirs}");
}

/// Whether we alone refuse a server name. It is longer than 230 bytes and leaves no room for the rest of an identifier, it
/// has an empty label, which no host name has, or its port is written as in `+80` or `000080`.
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
