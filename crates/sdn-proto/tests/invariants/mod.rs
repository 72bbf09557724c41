//! What must hold for every input, each told as a function that takes the input and panics if it does not.
//!
//! `properties.rs` calls them with what `proptest` draws, and the fuzz targets with what libFuzzer finds.

pub mod build_request;
pub mod node_url;
pub mod parse_response;
pub mod values;

/// One short line of visible ASCII: what every refusal is, so that it cannot repeat what it refuses.
fn assert_plain(error: &sdn_proto::InvalidInput, refused: &str) {
    let shown = error.to_string();
    assert_eq!(shown, format!("{}: {}", error.field(), error.rule()));
    assert!(
        shown.len() < 200 && shown.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{shown:?}"
    );
    // Shorter texts may be part of our own words.
    assert!(refused.len() < 20 || !shown.contains(refused), "{shown:?} repeats what it refuses");
    assert!(!format!("{error:?}").contains(refused) || refused.len() < 20);
}
