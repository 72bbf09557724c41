//! Base64 as servers write it: the standard or the URL-safe alphabet, padded or not.

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};

const UNPADDED_OR_NOT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

fn decode(text: &str, config: GeneralPurposeConfig) -> Option<Vec<u8>> {
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

/// Reads a key: 32 bytes. The specification's own test key has bits beyond its last whole byte.
pub(crate) fn decode_key(text: &str) -> Option<[u8; 32]> {
    decode(text, UNPADDED_OR_NOT.with_decode_allow_trailing_bits(true))?.try_into().ok()
}

/// Reads a signature: 64 bytes, and no bits beyond them that somebody could alter.
#[cfg(feature = "verify")]
pub(crate) fn decode_signature(text: &str) -> Option<[u8; 64]> {
    decode(text, UNPADDED_OR_NOT)?.try_into().ok()
}

/// Writes the URL-safe alphabet without padding.
pub(crate) fn encode_url_safe(bytes: &[u8]) -> String {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes the standard alphabet without padding.
#[cfg(feature = "verify")]
pub(crate) fn encode_unpadded(bytes: &[u8]) -> String {
    base64::prelude::BASE64_STANDARD_NO_PAD.encode(bytes)
}
