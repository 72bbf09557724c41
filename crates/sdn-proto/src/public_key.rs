use std::fmt;
use std::sync::Arc;

use crate::base64;
use crate::error::{InvalidInput, Rule};

/// An Ed25519 public key in Base64, kept as the server wrote it.
///
/// Both alphabets are accepted, padded or not. Sydent writes its long-term key in the standard
/// alphabet and its ephemeral keys in the URL-safe one. Two keys are equal if their bytes are.
///
/// ```
/// use sdn_proto::PublicKey;
///
/// let url_safe = PublicKey::new("pg6VN8U0djRD3sknTnkMLVNWAucdgQ-X95yf210WAv8")?;
/// let standard = PublicKey::new("pg6VN8U0djRD3sknTnkMLVNWAucdgQ+X95yf210WAv8=")?;
/// assert_eq!(url_safe, standard);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct PublicKey {
    text: Arc<str>,
    bytes: [u8; 32],
}

impl PublicKey {
    /// Checks a key: Base64 of 32 bytes.
    ///
    /// # Errors
    ///
    /// The text is not Base64 of 32 bytes.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        match base64::decode_key(text) {
            Some(bytes) => Ok(Self { text: text.into(), bytes }),
            None => Err(InvalidInput::new("public key", Rule::NotBase64)),
        }
    }

    /// Returns the key in Base64, unchanged.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.text).finish()
    }
}

crate::id::text_traits!(PublicKey);
