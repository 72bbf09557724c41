use std::fmt;
use std::str::FromStr;

use k256::ecdsa::SigningKey;
use k256::elliptic_curve::zeroize::Zeroizing;

use super::{LoginMessage, Signature, WalletAddress, hex, personal_sign};
use crate::error::{InvalidInput, Rule};

/// A wallet's private key, to sign logins with on this machine.
///
/// It is 32 bytes, a number from 1 to the order of secp256k1 minus 1. `Debug` prints `[redacted]`,
/// and no function returns the key. It stays in one place in memory, which is overwritten when the
/// value is dropped. The caller has to erase the text or bytes that it was parsed from. Registers
/// and the stack may keep parts of a computation.
///
/// ```
/// use sdn_proto::LoginMessage;
/// use sdn_proto::WalletKey;
///
/// let key = WalletKey::new(format!("0x{:064x}", 1))?;
/// assert_eq!(key.address().as_str(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
/// assert_eq!(format!("{key:?}"), "WalletKey([redacted])");
/// let signature = key.sign(&LoginMessage::new("hello")?);
/// assert!(signature.expose().starts_with("0xe5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864a"));
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
// Boxed, because moving the key itself would leave copies.
pub struct WalletKey(Box<SigningKey>);

impl WalletKey {
    const FIELD: &'static str = "wallet key";

    /// Parses a key in hex: 64 digits of either case, with `0x` or without.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks, without the text.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        let error = |rule| InvalidInput::new(Self::FIELD, rule);
        if text.is_empty() {
            return Err(error(Rule::Empty));
        }
        let digits = hex::without_prefix(text).unwrap_or(text);
        hex::check_digits(digits, 64).map_err(error)?;
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode(digits, &mut *bytes);
        Self::from_bytes(&bytes)
    }

    /// Creates a key from its 32 bytes.
    ///
    /// # Errors
    ///
    /// Returns [`Rule::OutOfRange`] if they are 0, or not below the order of the curve.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, InvalidInput> {
        let key = SigningKey::from_bytes(bytes.into());
        let key = key.map_err(|_| InvalidInput::new(Self::FIELD, Rule::OutOfRange))?;
        Ok(Self(Box::new(key)))
    }

    /// Returns the wallet's address.
    pub fn address(&self) -> WalletAddress {
        personal_sign::address(self.0.verifying_key())
    }

    /// Signs a message as `personal_sign` does, with
    /// [EIP-191](https://eips.ethereum.org/EIPS/eip-191).
    ///
    /// The signature of a message is always the same ([RFC
    /// 6979](https://www.rfc-editor.org/rfc/rfc6979)).
    pub fn sign(&self, message: &LoginMessage) -> Signature {
        let signed = self.0.sign_prehash_recoverable(&message.hash());
        let (signature, id) = signed.expect("a hash has 32 bytes");
        Signature::of_numbers(&signature, id)
    }
}

impl FromStr for WalletKey {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

impl fmt::Debug for WalletKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WalletKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::elliptic_curve::zeroize::ZeroizeOnDrop;

    #[test]
    fn key_is_wiped_when_dropped() {
        fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}
        is_wiped(&*WalletKey::from_bytes(&[1; 32]).unwrap().0);
    }

    /// Linux lets a process read its memory, even where values were dropped.
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_of_dropped_key_lacks_it() {
        use std::fs::File;
        use std::os::unix::fs::FileExt as _;

        let memory = File::open("/proc/self/mem").unwrap();
        let bytes: [u8; 32] = std::array::from_fn(|n| n as u8 * 7 + 1);
        let key = WalletKey::from_bytes(&bytes).unwrap();
        let place = std::ptr::from_ref::<SigningKey>(&key.0).addr() as u64;
        // Counts words in the order of the curve's arithmetic, because the allocator writes to
        // freed memory.
        let words_left = || {
            let mut found = [0; size_of::<SigningKey>()];
            memory.read_exact_at(&mut found, place).unwrap();
            let words = bytes.chunks(8).map(|word| word.iter().rev().copied().collect::<Vec<_>>());
            words.filter(|word| found.windows(8).any(|bytes| bytes == word)).count()
        };
        assert_eq!(words_left(), 4);
        key.sign(&LoginMessage::new("hello").unwrap());
        drop(key);
        assert_eq!(words_left(), 0);
    }
}
