//! Types for a login to SDN with a wallet: its address, its DID, the message to sign and the
//! signature.
//!
//! The wallet signs elsewhere, or here with the feature `wallet`: `WalletKey` signs,
//! `Signature::signer` and `WalletAddress::with_checksum` check.

mod address;
#[cfg(feature = "wallet")]
mod checksum;
mod did;
mod hex;
#[cfg(feature = "wallet")]
mod key;
mod login_message;
#[cfg(feature = "wallet")]
mod personal_sign;
mod signature;

pub use address::WalletAddress;
pub use did::Did;
#[cfg(feature = "wallet")]
pub use key::WalletKey;
pub use login_message::LoginMessage;
pub use signature::Signature;
