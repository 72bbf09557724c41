//! The links of invitation mails.

use sdn_proto::{Dialect, InviteLink, Rule};

const KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";
/// A link as Sydent writes it, escaped twice.
const LINK: &str = "https://app.element.io/#/room/!r%3Anode.example?email=dave%40example.com&signurl=https%3A%2F%2Fid.example%2F_matrix%2Fidentity%2Fapi%2Fv1%2Fsign-ed25519%3Ftoken%3DfsCXflyz%26private_key%3DDw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E&room_name=My%20room&room_avatar_url=&inviter_name=Al%C3%AFce";

#[test]
fn link_has_data_for_an_acceptance() {
    let link = InviteLink::new(LINK).unwrap();
    assert_eq!(link.room_id.as_str(), "!r:node.example");
    assert_eq!(link.token.as_str(), "fsCXflyz");
    assert_eq!(link.private_key.expose(), KEY);
    assert_eq!(link.identity_server.to_string(), "https://id.example/");
    assert_eq!(link.identity_server.dialect(), Dialect::Matrix);
    assert_eq!(link.email.as_deref(), Some("dave@example.com"));
    assert_eq!(link.room_name.as_deref(), Some("My room"));
    assert_eq!(link.inviter_name.as_deref(), Some("Alïce"));
    let shown = format!("{link:?}");
    assert!(!shown.contains(KEY) && shown.contains("[redacted]"), "{shown}");
}

#[test]
fn other_forms_of_link_are_read() {
    let sdn = LINK.replace("_matrix", "_api").replace("api%2Fv1", "v2");
    let link: InviteLink = sdn.parse().unwrap();
    assert_eq!(link.identity_server.dialect(), Dialect::Sdn);
    for (from, to) in [
        ("https://app.element.io/#/room/", "https://chat.example/"),
        ("https://app.element.io/#/room/", "http://localhost:8080/develop/#/room/"),
        ("https://app.element.io/#/room/", "https://matrix.to/#/"),
        ("https://app.element.io/#/room/", "https://chat.example/?lang=de#/room/"),
        ("https://app.element.io/#/room/", "https://chat.example/app#/a%20b/room/"),
        ("https://app.element.io/#/room/", "chat.example://open#/room/"),
        ("https://app.element.io", " \n https://app.element.io"),
        ("Al%C3%AFce", "Al%C3%AFce\r\n"),
        ("!r%3Anode.example", "!r:node.example"),
        ("email=dave%40example.com&", ""),
        ("%2F", "%2f"),
    ] {
        assert!(LINK.contains(from));
        let link = InviteLink::new(LINK.replacen(from, to, 1)).unwrap();
        assert_eq!((link.room_id.as_str(), link.token.as_str()), ("!r:node.example", "fsCXflyz"));
        assert_eq!(link.private_key.expose(), KEY);
    }
    // In standard Base64 the `+` of a key is escaped twice too.
    let standard = KEY.replacen("Dw9c", "Dw%252B%252F", 1);
    let link = InviteLink::new(LINK.replace(KEY, &standard)).unwrap();
    assert_eq!(link.private_key.expose(), KEY.replacen("Dw9c", "Dw+/", 1));
    let link = InviteLink::new(LINK.replace("id.example", "id.example%3A8090%2Fsub")).unwrap();
    assert_eq!(link.identity_server.to_string(), "https://id.example:8090/sub/");
    assert_eq!(link.identity_server.id_server(), None);
    let link = InviteLink::new(LINK.replace("id.example", "id.example%3A8090")).unwrap();
    assert_eq!(link.identity_server.id_server().unwrap().as_str(), "id.example:8090");
}

#[test]
fn bad_link_says_what_is_wrong() {
    for (from, to, field, rule) in [
        ("&signurl=", "&url=", "invitation link", "not_invite_link"),
        ("%3Ftoken%3D", "%3Fname%3D", "invitation link", "not_invite_link"),
        ("%26private_key%3D", "%26key%3D", "invitation link", "not_invite_link"),
        ("sign-ed25519", "sign", "invitation link", "not_invite_link"),
        ("%2F_matrix", "%2F_other", "invitation link", "not_invite_link"),
        ("!r%3A", "%23r%3A", "invitation link", "not_invite_link"),
        ("fsCXflyz", "%2", "invitation link", "not_invite_link"),
        (
            "https%3A%2F%2Fid.example",
            "http%3A%2F%2Fid.example",
            "identity server URL",
            "insecure_http",
        ),
        ("https%3A%2F%2F", "", "identity server URL", "missing_scheme"),
        ("!r%3Anode.example", "!r%00", "room ID", "nul"),
        ("fsCXflyz", "a%2520b", "invitation token", "invalid_character"),
        ("EtZ4E&", "EtZ&", "invitation private key", "not_base64"),
    ] {
        assert!(LINK.contains(from), "{from}");
        let error = InviteLink::new(LINK.replacen(from, to, 1)).unwrap_err();
        assert_eq!((error.field(), error.rule().name()), (field, rule), "{from} to {to}");
        assert!(!error.to_string().contains("Dw9c"), "{error}");
    }
    for text in ["", "fsCXflyz", KEY, "https://matrix.to/#/!r:node.example", "https://id.example/"]
    {
        assert_eq!(InviteLink::new(text).unwrap_err().rule(), Rule::NotInviteLink, "{text}");
    }
    let long = format!("{LINK}&x={}", "a".repeat(16 * 1024));
    assert_eq!(InviteLink::new(long).unwrap_err().rule(), Rule::TooLong { max: 16 * 1024 });
}

#[test]
fn part_of_link_never_panics() {
    let odd = LINK.replace("room/", "röom/%C3");
    for (at, _) in odd.char_indices() {
        for part in [&odd[..at], &odd[at..]] {
            if let Ok(link) = InviteLink::new(part) {
                assert_eq!(link.room_id.as_str(), "!r:node.example");
            }
        }
    }
}
