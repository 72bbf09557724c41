//! Signatures of wallets by EIP-191.

use k256::ecdsa::{self, RecoveryId, VerifyingKey};
use sha3::{Digest as _, Keccak256};

use super::{LoginMessage, Signature, WalletAddress, hex};
use crate::error::{InvalidInput, Rule};

impl LoginMessage {
    /// Returns the hash that `personal_sign` signs, for signers that take a hash, such as hardware.
    ///
    /// It is `keccak256(0x19 ‖ "Ethereum Signed Message:\n" ‖ length ‖ message)`, with the length
    /// in bytes. See [EIP-191](https://eips.ethereum.org/EIPS/eip-191).
    ///
    /// ```
    /// let hash = sdn_proto::LoginMessage::new("hello")?.hash();
    /// assert_eq!(hash[..4], [0x50, 0xb2, 0xc4, 0x3f]);
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn hash(&self) -> [u8; 32] {
        let message = self.as_str();
        Keccak256::new()
            .chain_update(format!("\x19Ethereum Signed Message:\n{}", message.len()))
            .chain_update(message)
            .finalize()
            .into()
    }
}

impl Signature {
    /// Returns the address of the wallet that signed a message with this signature.
    ///
    /// For nearly every message, some wallet's address fits the signature. So compare the address
    /// with the expected one.
    ///
    /// # Errors
    ///
    /// Returns [`Rule::NoSigner`] if no wallet can have created the signature.
    ///
    /// ```
    /// use sdn_proto::LoginMessage;
    /// use sdn_proto::WalletKey;
    ///
    /// let key = WalletKey::new(format!("{:064x}", 1))?;
    /// let message = LoginMessage::new("Log in to node.example, nonce 7")?;
    /// let signature = key.sign(&message);
    /// assert_eq!(signature.signer(&message)?, key.address());
    /// assert_ne!(signature.signer(&LoginMessage::new("another")?)?, key.address());
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn signer(&self, message: &LoginMessage) -> Result<WalletAddress, InvalidInput> {
        let mut bytes = [0; 65];
        hex::decode(self.digits(), &mut bytes);
        let [numbers @ .., v] = bytes;
        let signature = ecdsa::Signature::from_slice(&numbers);
        // The last byte is 27 or 28.
        let id = RecoveryId::new(v == 28, false);
        signature
            .and_then(|signature| {
                VerifyingKey::recover_from_prehash(&message.hash(), &signature, id)
            })
            .map(|key| address(&key))
            .map_err(|_| InvalidInput::new(Self::FIELD, Rule::NoSigner))
    }

    pub(super) fn of_numbers(signature: &ecdsa::Signature, id: RecoveryId) -> Self {
        let (numbers, v) = (hex::encode(&signature.to_bytes()), 27 + id.to_byte());
        Self::new(format!("{numbers}{v:02x}")).expect("k256 creates valid signatures with a low s")
    }
}

/// Returns the address of a public key, which is the end of its hash.
pub(super) fn address(key: &VerifyingKey) -> WalletAddress {
    let point = key.to_encoded_point(false);
    let hash = Keccak256::digest(&point.as_bytes()[1..]);
    let text = format!("0x{}", hex::encode(&hash[12..]));
    WalletAddress::new(text).expect("20 bytes are 40 hex digits")
}
