//! What must hold for every input, each told as a function that takes the input and panics if it does not.
//!
//! `properties.rs` calls them with what `proptest` draws, and the fuzz targets with what libFuzzer finds.

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

/// A refusal is one short line of our own words, made of the field's name and the rule alone.
///
/// To look for the refused text in it would not do: libFuzzer soon finds a text that is one of our own.
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
