use sha3::{Digest as _, Keccak256};

use super::WalletAddress;
use crate::error::{InvalidInput, Rule};

impl WalletAddress {
    /// Checks an address and its [EIP-55](https://eips.ethereum.org/EIPS/eip-55) checksum, which is
    /// the case of its letters.
    ///
    /// Use it for addresses that people type or copy, because it notices nearly every mistake. The
    /// address is kept in lower case.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks: those of [`new`](Self::new), or
    /// [`Rule::WrongChecksum`]. An address only in lower case is rejected too, unless lower case is
    /// its checksum.
    ///
    /// ```
    /// use sdn_proto::{WalletAddress, Rule};
    ///
    /// let address = WalletAddress::with_checksum("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")?;
    /// assert_eq!(address.as_str(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    /// let error = WalletAddress::with_checksum(address.as_str()).unwrap_err();
    /// assert_eq!(error.rule(), Rule::WrongChecksum);
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn with_checksum(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        let address = Self::new(text)?;
        if checksummed(&address) == text {
            Ok(address)
        } else {
            Err(InvalidInput::new(Self::FIELD, Rule::WrongChecksum))
        }
    }
}

/// Writes a letter as a capital if the hash of the digits has 8 or more at the same place.
fn checksummed(address: &WalletAddress) -> String {
    let digits = address.digits();
    let hash = Keccak256::digest(digits);
    let halves = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let capitals = |(digit, half): (char, u8)| {
        if half >= 8 { digit.to_ascii_uppercase() } else { digit }
    };
    "0x".chars().chain(digits.chars().zip(halves).map(capitals)).collect()
}
