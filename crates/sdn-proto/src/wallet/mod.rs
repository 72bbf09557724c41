//! What logging in to SDN with a wallet needs: its address, its DID, the message to sign and the signature.

mod address;
mod did;
mod hex;
mod login_message;
mod signature;

pub use address::WalletAddress;
pub use did::Did;
pub use login_message::LoginMessage;
pub use signature::Signature;
