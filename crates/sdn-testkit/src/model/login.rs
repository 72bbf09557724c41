//! Logins with a wallet: DIDs, and challenges that a wallet signs.

use std::collections::BTreeMap;

use http::StatusCode;

use super::{keys, wallet};
use crate::answer::Refusal;

/// The wallets that a node knows, and the logins that have begun.
#[derive(Default)]
pub(crate) struct Logins {
    /// The digits of an address to its DID, once the wallet has logged in.
    dids: BTreeMap<String, String>,
    /// DID to its newest challenge. All older ones are invalid.
    challenges: BTreeMap<String, Challenge>,
    /// The number of issued challenges.
    issued: usize,
    /// The digits of the address of the developer key, if it has to sign too.
    pub(crate) developer: Option<String>,
}

/// The message that a wallet has to sign.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) did: String,
    pub(crate) message: String,
    pub(crate) updated: String,
    pub(crate) random_server: String,
}

/// A client's response to a challenge.
pub(crate) struct Login<'a> {
    pub(crate) did: &'a str,
    /// An address, or the DID again.
    pub(crate) address: &'a str,
    pub(crate) message: &'a str,
    pub(crate) updated: &'a str,
    pub(crate) random_server: &'a str,
    /// The wallet's signature.
    pub(crate) token: &'a str,
    /// The signature of the developer key, or nothing.
    pub(crate) app_token: &'a str,
}

impl Logins {
    /// Returns the DID of an address, given as digits.
    pub(crate) fn did(&self, address: &str) -> Option<&str> {
        self.dids.get(address).map(String::as_str)
    }

    /// Records that a wallet has logged in.
    pub(crate) fn know(&mut self, address: &str) {
        self.dids.entry(address.to_owned()).or_insert_with(|| did(address));
    }

    /// Creates a challenge for a wallet that has logged in before.
    pub(crate) fn challenge_did(&mut self, node: &str, did: &str) -> Result<Challenge, Refusal> {
        if self.dids.values().any(|known| known == did) {
            return Ok(self.challenge(node, did));
        }
        Err(Refusal::new(StatusCode::NOT_FOUND, "M_NOT_FOUND", "Nobody has this DID"))
    }

    /// Creates a challenge for any wallet.
    ///
    /// The DID of a new wallet changes after its first login.
    pub(crate) fn challenge_address(&mut self, node: &str, address: &str) -> Challenge {
        let did = self.did(address).map_or_else(|| first_did(address), str::to_owned);
        self.challenge(node, &did)
    }

    fn challenge(&mut self, node: &str, did: &str) -> Challenge {
        self.issued += 1;
        let number = self.issued;
        let updated = format!("{}", 1_700_000_000 + number);
        let nonce = keys::token(&format!("nonce {number} of {node}"));
        let challenge = Challenge {
            did: did.to_owned(),
            message: format!(
                "{node} wants you to sign in with your wallet.\n\nDID: {did}\nNonce: {nonce}\nUpdated: {updated}"
            ),
            updated,
            random_server: keys::token(&format!("random {number} of {node}")),
        };
        self.challenges.insert(did.to_owned(), challenge.clone());
        challenge
    }

    /// Returns the digits of the address that has logged in. Its challenge is then invalid.
    ///
    /// The codes of these errors are guesses, because no real node was reachable.
    pub(crate) fn log_in(&mut self, login: &Login<'_>) -> Result<String, Refusal> {
        let stale = || Refusal::forbidden("The challenge is not known, was used or is too old");
        let challenge = self.challenges.get(login.did).ok_or_else(stale)?;
        let asked = (&*challenge.message, &*challenge.updated, &*challenge.random_server);
        if (login.message, login.updated, login.random_server) != asked {
            return Err(stale());
        }
        let address = match login.address == login.did {
            true => address_in(login.did),
            false => wallet::parse_address(login.address),
        };
        let address = address
            .ok_or_else(|| Refusal::bad_request("M_INVALID_PARAM", "The address is not valid"))?;
        if address_in(login.did).as_deref() != Some(&*address) {
            return Err(Refusal::forbidden("The DID belongs to another wallet"));
        }
        if wallet::signer(login.message, login.token).as_deref() != Some(&*address) {
            return Err(Refusal::forbidden("The signature is not the wallet's"));
        }
        if self.developer.is_some()
            && wallet::signer(login.message, login.app_token) != self.developer
        {
            return Err(Refusal::forbidden("The signature is not the developer key's"));
        }
        self.challenges.remove(login.did);
        self.know(&address);
        Ok(address)
    }
}

/// Returns the DID of a wallet that has logged in.
fn did(address: &str) -> String {
    format!("did:sdn:{address}")
}

/// Returns the DID of a wallet that logs in for the first time.
fn first_did(address: &str) -> String {
    format!("did:pkh:eip155:1:0x{address}")
}

/// Returns the digits of the address in a DID.
fn address_in(text: &str) -> Option<String> {
    let digits = text.rsplit(':').next()?;
    let address =
        wallet::parse_address(digits).or_else(|| wallet::parse_address(&format!("0x{digits}")))?;
    (text == did(&address) || text == first_did(&address)).then_some(address)
}
