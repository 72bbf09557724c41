//! Base64 as servers write it: the standard or the URL-safe alphabet, padded or not.

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};

const UNPADDED_OR_NOT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Allows bits beyond the last whole byte.
const TRAILING_BITS: GeneralPurposeConfig = UNPADDED_OR_NOT.with_decode_allow_trailing_bits(true);

/// Engines for the standard and the URL-safe alphabet, created once because their tables take
/// longer to compute than a key takes to decode.
type Engines = [GeneralPurpose; 2];

const fn engines(config: GeneralPurposeConfig) -> Engines {
    [GeneralPurpose::new(&STANDARD, config), GeneralPurpose::new(&URL_SAFE, config)]
}

fn decode<const LENGTH: usize>(text: &str, [standard, url_safe]: &Engines) -> Option<[u8; LENGTH]> {
    let is_url_safe = text.bytes().any(|byte| byte == b'-' || byte == b'_');
    let engine = if is_url_safe { url_safe } else { standard };
    engine.decode(text).ok()?.try_into().ok()
}

/// Decodes a key: 32 bytes. The specification's test key has bits beyond its last whole byte.
pub(crate) fn decode_key(text: &str) -> Option<[u8; 32]> {
    static ENGINES: Engines = engines(TRAILING_BITS);
    decode(text, &ENGINES)
}

/// Decodes a signature: 64 bytes, and no bits beyond them that somebody could alter.
#[cfg(feature = "verify")]
pub(crate) fn decode_signature(text: &str) -> Option<[u8; 64]> {
    static ENGINES: Engines = engines(UNPADDED_OR_NOT);
    decode(text, &ENGINES)
}

/// Encodes in the URL-safe alphabet without padding.
pub(crate) fn encode_url_safe(bytes: &[u8]) -> String {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Encodes in the standard alphabet without padding.
#[cfg(feature = "verify")]
pub(crate) fn encode_unpadded(bytes: &[u8]) -> String {
    base64::prelude::BASE64_STANDARD_NO_PAD.encode(bytes)
}
