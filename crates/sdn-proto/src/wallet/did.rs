use std::sync::Arc;

use super::address::WalletAddress;
use super::hex;
use crate::error::{InvalidInput, Rule};

/// A decentralized identifier of a wallet's owner, such as
/// `did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf`.
///
/// A node returns `did:sdn:` and 40 hex digits, or `did:pkh:eip155:1:0x…` for a wallet that never
/// logged in. Log in with the DID that the node returns, because it can differ from the address's.
///
/// After `did:sdn:` it must have 40 hex digits, which become lower case. A DID of any other method
/// is kept unchanged. It must have the characters of the [DID syntax] and at most 255 bytes.
///
/// ```
/// use sdn_proto::{Did, Rule};
///
/// let did = Did::new("did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf")?;
/// assert_eq!(did.as_str(), "did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf");
/// let error = Did::new("did:sdn:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf").unwrap_err();
/// assert_eq!(error.rule(), Rule::HasHexPrefix);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [DID syntax]: https://www.w3.org/TR/did-core/#did-syntax
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Did(Arc<str>);

impl Did {
    const MAX_BYTES: usize = 255;

    /// Checks a DID.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks; for `did:sdn:0x…` it is [`Rule::HasHexPrefix`].
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        let is_sdn = check(text).map_err(|rule| InvalidInput::new("DID", rule))?;
        Ok(Self(if is_sdn { text.to_ascii_lowercase().into() } else { text.into() }))
    }

    /// Returns the DID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the wallet, if this is one of the two DIDs that a node returns for a wallet.
    ///
    /// ```
    /// use sdn_proto::Did;
    ///
    /// let did = Did::new("did:pkh:eip155:1:0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")?;
    /// let wallet = did.wallet().expect("a wallet's DID");
    /// assert_eq!(wallet.as_str(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    /// assert_eq!(Did::new("did:web:node.example")?.wallet(), None);
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn wallet(&self) -> Option<WalletAddress> {
        let of_sdn = self.0.strip_prefix("did:sdn:").map(|digits| format!("0x{digits}"));
        let address =
            of_sdn.or_else(|| self.0.strip_prefix("did:pkh:eip155:1:").map(str::to_owned));
        WalletAddress::new(address?).ok()
    }
}

crate::id::text_traits!(Did);

/// Returns whether the DID is one of SDN.
fn check(text: &str) -> Result<bool, Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    let rest = text.strip_prefix("did:").ok_or(Rule::NotDid)?;
    let (method, id) = rest.split_once(':').ok_or(Rule::NotDid)?;
    let is_method = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if method.is_empty() || !method.bytes().all(is_method) || id.is_empty() {
        return Err(Rule::NotDid);
    }
    if method == "sdn" {
        return match hex::without_prefix(id) {
            Some(_) => Err(Rule::HasHexPrefix),
            None => hex::check_digits(id, 40).map(|()| true),
        };
    }
    if text.len() > Did::MAX_BYTES {
        return Err(Rule::TooLong { max: Did::MAX_BYTES });
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:%".contains(&byte);
    if id.bytes().all(is_allowed) { Ok(false) } else { Err(Rule::InvalidCharacter) }
}
