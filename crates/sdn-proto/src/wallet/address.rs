use std::sync::Arc;

use super::hex;
use crate::error::{InvalidInput, Rule};
use crate::id::UserId;

/// The address of an Ethereum wallet, such as `0x7e5f4552091a69125d5dfcb7b8c2659029395bdf`.
///
/// It is `0x` and 40 hex digits. Capital letters are accepted and become lower case, because SDN's
/// identifiers contain the address in lower case.
///
/// ```
/// use sdn_proto::{WalletAddress, Rule};
///
/// let address = WalletAddress::new("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")?;
/// assert_eq!(address.as_str(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
/// let error = WalletAddress::new("7e5f4552091a69125d5dfcb7b8c2659029395bdf").unwrap_err();
/// assert_eq!(error.rule(), Rule::MissingHexPrefix);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WalletAddress(Arc<str>);

impl WalletAddress {
    pub(super) const FIELD: &'static str = "wallet address";

    /// Checks an address, and converts it to lower case.
    ///
    /// # Errors
    ///
    /// Returns the rule that the text breaks: it is empty, has no `0x`, contains a character that
    /// is not a hex digit, or does not have 40 of them.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        check(text).map_err(|rule| InvalidInput::new(Self::FIELD, rule))?;
        Ok(Self(text.to_ascii_lowercase().into()))
    }

    /// Returns the 40 digits.
    pub(super) fn digits(&self) -> &str {
        &self.0["0x".len()..]
    }

    /// Returns the address as text: `0x` and 40 hex digits in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::id::text_traits!(WalletAddress);

fn check(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    let digits = hex::without_prefix(text).ok_or(Rule::MissingHexPrefix)?;
    hex::check_digits(digits, 40)
}

/// User IDs of wallets. This is here because the module of identifiers does not import wallets.
impl UserId {
    /// Returns the user ID that a wallet has on SDN: `@sdn_{a}:{a}`, where `{a}` is the address
    /// without `0x`.
    ///
    /// Several wallets can belong to one user, so use the user ID in the response to a login if it
    /// differs. The part after the `:` is not the name of a host.
    ///
    /// ```
    /// use sdn_proto::{UserId, WalletAddress};
    ///
    /// let address = WalletAddress::new("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf")?;
    /// assert_eq!(
    ///     UserId::of_wallet(&address).as_str(),
    ///     "@sdn_7e5f4552091a69125d5dfcb7b8c2659029395bdf:7e5f4552091a69125d5dfcb7b8c2659029395bdf",
    /// );
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn of_wallet(address: &WalletAddress) -> Self {
        let digits = address.digits();
        Self::new(format!("@sdn_{digits}:{digits}")).expect("hex digits are a host name")
    }

    /// Returns the wallet, if this is the user ID that a wallet has on SDN, in letters of either case.
    ///
    /// The user ID that [`of_wallet`](Self::of_wallet) returns for it is the one to compare with others.
    ///
    /// ```
    /// use sdn_proto::UserId;
    ///
    /// let user_id = UserId::new(
    ///     "@sdn_7E5F4552091A69125d5DfCb7b8C2659029395Bdf:7e5f4552091a69125d5dfcb7b8c2659029395bdf",
    /// )?;
    /// let wallet = user_id.wallet().expect("a wallet's user ID");
    /// assert_eq!(wallet.as_str(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    /// assert_eq!(UserId::new("@bob:node.example")?.wallet(), None);
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    pub fn wallet(&self) -> Option<WalletAddress> {
        let digits = self.localpart().strip_prefix("sdn_")?;
        let is_wallet = digits.eq_ignore_ascii_case(self.server_name());
        WalletAddress::new(format!("0x{digits}")).ok().filter(|_| is_wallet)
    }
}
