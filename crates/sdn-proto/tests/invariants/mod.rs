//! The invariants, as functions that accept any input and panic if the invariant does not hold.
//!
//! `properties.rs` calls them with input from `proptest`, and the fuzz targets with input from
//! libFuzzer.

pub mod build_request;
pub mod calls;
mod echo;
pub mod flow;
pub mod node_url;
pub mod parse_response;
mod servers;
pub mod values;

const FIELDS: [&str; 26] = [
    "DID",
    "access token",
    "address",
    "client secret",
    "dialect",
    "e-mail address",
    "identity server URL",
    "identity server access token",
    "invitation private key",
    "invitation token",
    "key ID",
    "login message",
    "medium",
    "node URL",
    "password",
    "phone number",
    "public key",
    "room ID",
    "room alias",
    "server name",
    "signature",
    "user ID",
    "validation session ID",
    "validation token",
    "wallet address",
    "wallet key",
];

/// An error for invalid input is one short line of the field's name and the rule.
///
/// Searching the error for the refused text would be wrong, because libFuzzer soon finds one of our
/// own texts.
fn assert_plain(error: &sdn_proto::InvalidInput) {
    let (field, rule) = (error.field(), error.rule());
    assert!(FIELDS.contains(&field), "{field}");
    let shown = error.to_string();
    assert_eq!(shown, format!("{field}: {rule}"));
    assert_eq!(
        format!("{error:?}"),
        format!("InvalidInput {{ field: {field:?}, rule: {rule:?} }}")
    );
    assert!(
        shown.len() < 200 && shown.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{shown:?}"
    );
}

/// Whether a text has no character that a terminal obeys or a reader does not see.
fn is_harmless(text: &str) -> bool {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    is_visible_ascii(text) || !text.contains(is_harmful)
}

fn has_no_control(line: &str) -> bool {
    is_visible_ascii(line) || !line.contains(char::is_control)
}

/// Whether a text is ASCII from the space to `~`.
///
/// The loop has no branch, so it is compiled to vector instructions. A loop with one would report
/// each comparison to a fuzzer, which took a quarter of the time.
fn is_visible_ascii(text: &str) -> bool {
    text.bytes().fold(true, |is_visible, byte| is_visible & matches!(byte, b' '..=b'~'))
}
