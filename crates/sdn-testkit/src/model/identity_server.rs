//! An identity server: its users, which identifiers are bound, and the mails it sent.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;

use super::address;
use super::mail::Mail;
use super::session::Sessions;
use crate::answer::Refusal;

/// The pepper of a new server.
const FIRST_PEPPER: &str = "matrixrocks";

pub(crate) struct IdentityServer {
    pub(crate) name: String,
    /// Token to user ID.
    pub(crate) tokens: BTreeMap<String, String>,
    /// Medium and folded address to user ID.
    pub(crate) bindings: BTreeMap<(String, String), String>,
    pub(crate) mails: Vec<Mail>,
    /// The public keys that were created for invitations.
    pub(crate) ephemeral_keys: BTreeSet<String>,
    pub(crate) policies: Vec<Policy>,
    /// User ID and policy URL.
    pub(crate) accepted: BTreeSet<(String, String)>,
    pub(crate) pepper: String,
    pub(crate) sessions: Sessions,
    /// The number of invitations that it will still store.
    pub(crate) invites_left: usize,
}

/// A policy that every user has to accept.
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl IdentityServer {
    pub(crate) fn new(name: &str) -> Self {
        IdentityServer {
            name: name.to_owned(),
            tokens: BTreeMap::new(),
            bindings: BTreeMap::new(),
            mails: Vec::new(),
            ephemeral_keys: BTreeSet::new(),
            policies: Vec::new(),
            accepted: BTreeSet::new(),
            pepper: FIRST_PEPPER.to_owned(),
            sessions: Sessions::default(),
            invites_left: usize::MAX,
        }
    }

    pub(crate) fn bind(&mut self, medium: &str, address: &str, user: &str) {
        self.bindings.insert((medium.to_owned(), address::fold(address)), user.to_owned());
    }

    pub(crate) fn mailbox(&self, address: &str) -> Vec<Mail> {
        let address = address::fold(address);
        self.mails.iter().filter(|mail| mail.to == address).cloned().collect()
    }

    /// Returns the user that the token was issued to.
    pub(crate) fn owner(&self, token: &str) -> Result<&str, Refusal> {
        self.tokens.get(token).map(String::as_str).ok_or_else(unauthorized)
    }

    /// Returns the user that the token was issued to, if that user has accepted every policy.
    pub(crate) fn authorized(&self, token: &str) -> Result<&str, Refusal> {
        let user = self.owner(token)?;
        let has_accepted =
            |policy: &Policy| self.accepted.contains(&(user.to_owned(), policy.url.clone()));
        if !self.policies.iter().all(has_accepted) {
            let error = "Terms not signed";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "M_TERMS_NOT_SIGNED", error));
        }
        Ok(user)
    }

    /// Returns the user ID that an identifier, exactly as given, is bound to.
    pub(crate) fn lookup(&self, medium: &str, address: &str) -> Option<&str> {
        let identifier = (medium.to_owned(), address.to_owned());
        self.bindings.get(&identifier).map(String::as_str)
    }

    /// Returns the user ID that an identifier is bound to, as version 1 of the API looks it up.
    pub(crate) fn lookup_folded(&self, medium: &str, address: &str) -> Option<&str> {
        self.lookup(medium, &address::fold(address))
    }
}

pub(crate) fn unauthorized() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "M_UNAUTHORIZED", "Unauthorized")
}
