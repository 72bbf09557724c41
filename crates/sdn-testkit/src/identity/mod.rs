//! What an identity server knows, and what it answers under `/{prefix}/identity/`.
//!
//! To add an endpoint, write its function in the file of its subject and give it a line in [`handle`].

mod account;
mod address;
mod keys;
mod mail;
mod pubkey;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::world::State;
pub use mail::Mail;
pub(crate) use store::InviteToStore;

/// An identity server: who may ask it, which identifiers are bound, and the mails it sent.
pub(crate) struct IdentityServer {
    pub(crate) name: String,
    /// Token to user ID.
    tokens: BTreeMap<String, String>,
    /// Medium and folded address to user ID.
    bindings: BTreeMap<(String, String), String>,
    mails: Vec<Mail>,
    /// Public halves of the keys made for invitations.
    ephemeral_keys: BTreeSet<String>,
}

impl IdentityServer {
    pub(crate) fn new(name: &str) -> Self {
        IdentityServer {
            name: name.to_owned(),
            tokens: BTreeMap::new(),
            bindings: BTreeMap::new(),
            mails: Vec::new(),
            ephemeral_keys: BTreeSet::new(),
        }
    }

    pub(crate) fn register(&mut self, token: &str, user: &str) {
        self.tokens.insert(token.to_owned(), user.to_owned());
    }

    pub(crate) fn bind(&mut self, medium: &str, address: &str, user: &str) {
        self.bindings.insert((medium.to_owned(), address::fold(address)), user.to_owned());
    }

    pub(crate) fn mailbox(&self, address: &str) -> Vec<Mail> {
        let address = address::fold(address);
        self.mails.iter().filter(|mail| mail.to == address).cloned().collect()
    }

    /// The user whom the token was given to.
    fn owner(&self, token: &str) -> Result<&str, Refusal> {
        self.tokens.get(token).map(String::as_str).ok_or_else(unauthorized)
    }

    /// The user ID that an identifier, exactly as given, is bound to.
    pub(crate) fn lookup(
        &self,
        token: &str,
        medium: &str,
        address: &str,
    ) -> Result<Option<&str>, Refusal> {
        self.owner(token)?;
        let identifier = (medium.to_owned(), address.to_owned());
        Ok(self.bindings.get(&identifier).map(String::as_str))
    }
}

pub(crate) fn handle(world: &mut State, server: usize, request: &Parsed) -> Answer {
    let server = &world.identity_servers[server];
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["v2"]) => Ok(json!({})),
        ("GET", ["versions"]) => Ok(json!({ "versions": ["v1.11", "v1.12"] })),
        ("GET", ["v2", "account"]) => account::get(server, request),
        ("GET", ["v2", "pubkey", "isvalid"]) => pubkey::is_valid(server, request),
        ("GET", ["v2", "pubkey", "ephemeral", "isvalid"]) => {
            pubkey::is_valid_ephemeral(server, request)
        }
        ("GET", ["v2", "pubkey", key_id]) => pubkey::get(server, key_id),
        (_, ["v2" | "versions"] | ["v2", "account"]) => Err(wrong_method(request)),
        (_, ["v2", "pubkey", _] | ["v2", "pubkey", "ephemeral", "isvalid"]) => {
            Err(wrong_method(request))
        }
        _ => Err(Refusal::no_such_resource()),
    }
}

/// Real identity servers answer methods that none of their endpoints has in another way.
fn wrong_method(request: &Parsed) -> Refusal {
    let method = request.method.as_str();
    let (status, title) = match method {
        "GET" | "HEAD" | "POST" => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        _ => (StatusCode::NOT_IMPLEMENTED, "Huh?"),
    };
    Refusal::Page { status, title, text: format!("I don't know how to treat a {method} request.") }
}

fn unauthorized() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "M_UNAUTHORIZED", "Unauthorized")
}
