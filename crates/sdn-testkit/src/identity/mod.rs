//! What an identity server knows, and what it answers under `/{prefix}/identity/`.
//!
//! To add an endpoint, write its function in the file of its subject and give it a line in [`handle`].

mod account;
mod address;
mod bind;
mod keys;
mod lookup;
mod mail;
mod pubkey;
mod sign;
mod store;
mod terms;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::world::State;
pub use mail::Mail;
pub(crate) use store::InviteToStore;
use terms::Policy;
use validate::Session;

/// The pepper of a new server.
const FIRST_PEPPER: &str = "matrixrocks";

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
    policies: Vec<Policy>,
    /// User ID and policy URL.
    accepted: BTreeSet<(String, String)>,
    pepper: String,
    sessions: Vec<Session>,
    /// How many more invitations it stores.
    invites_left: usize,
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
            sessions: Vec::new(),
            invites_left: usize::MAX,
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

    pub(crate) fn mails(&self) -> &[Mail] {
        &self.mails
    }

    pub(crate) fn add_policy(&mut self, name: &str, url: &str) {
        self.policies.push(Policy { name: name.to_owned(), url: url.to_owned() });
    }

    pub(crate) fn set_pepper(&mut self, pepper: &str) {
        pepper.clone_into(&mut self.pepper);
    }

    pub(crate) fn limit_stored_invites(&mut self, count: usize) {
        self.invites_left = count;
    }

    /// The user whom the token was given to.
    fn owner(&self, token: &str) -> Result<&str, Refusal> {
        self.tokens.get(token).map(String::as_str).ok_or_else(unauthorized)
    }

    /// The same, if that user has accepted every policy.
    fn authorized(&self, token: &str) -> Result<&str, Refusal> {
        let user = self.owner(token)?;
        let has_accepted =
            |policy: &Policy| self.accepted.contains(&(user.to_owned(), policy.url.clone()));
        if !self.policies.iter().all(has_accepted) {
            let error = "Terms not signed";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "M_TERMS_NOT_SIGNED", error));
        }
        Ok(user)
    }

    /// The user who makes the request, if they have accepted every policy.
    fn user(&self, request: &Parsed) -> Result<&str, Refusal> {
        self.authorized(request.bearer().map_err(|_| unauthorized())?)
    }

    /// The user ID that an identifier, exactly as given, is bound to.
    pub(crate) fn lookup(
        &self,
        token: &str,
        medium: &str,
        address: &str,
    ) -> Result<Option<&str>, Refusal> {
        self.authorized(token)?;
        let identifier = (medium.to_owned(), address.to_owned());
        Ok(self.bindings.get(&identifier).map(String::as_str))
    }
}

pub(crate) fn handle(world: &mut State, index: usize, request: &Parsed) -> Answer {
    let server = &mut world.identity_servers[index];
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["v2"]) => Ok(json!({})),
        ("GET", ["versions"]) => Ok(json!({ "versions": ["v1.11", "v1.12"] })),
        ("GET", ["v2", "account"]) => account::get(server, request),
        ("POST", ["v2", "account", "register"]) => account::register(world, index, request),
        ("POST", ["v2", "account", "logout"]) => account::log_out(server, request),
        ("GET", ["v2", "terms"]) => terms::get(server),
        ("POST", ["v2", "terms"]) => terms::accept(server, request),
        ("GET", ["v2", "hash_details"]) => lookup::hash_details(server, request),
        ("POST", ["v2", "lookup"]) => lookup::lookup(server, request),
        ("POST", ["v2", "store-invite"]) => store::post(server, request),
        ("GET", ["v2", "pubkey", "isvalid"]) => pubkey::is_valid(server, request),
        ("GET", ["v2", "pubkey", "ephemeral", "isvalid"]) => {
            pubkey::is_valid_ephemeral(server, request)
        }
        ("GET", ["v2", "pubkey", key_id]) => pubkey::get(server, key_id),
        ("POST", ["v2", "sign-ed25519"]) => sign::post(server, request),
        ("POST", ["v2", "validate", "email", "requestToken"]) => {
            validate::request_email_token(server, request)
        }
        ("POST", ["v2", "validate", "msisdn", "requestToken"]) => {
            validate::request_msisdn_token(server, request)
        }
        ("POST", ["v2", "validate", medium @ ("email" | "msisdn"), "submitToken"]) => {
            validate::submit_token(server, medium, request)
        }
        ("GET", ["v2", "3pid", "getValidated3pid"]) => validate::get_validated(server, request),
        ("POST", ["v2", "3pid", "bind"]) => bind::bind(world, index, request),
        ("POST", ["v2", "3pid", "unbind"]) => bind::unbind(server, request),
        (_, path) if is_known(path) => Err(wrong_method(request)),
        _ => Err(Refusal::no_such_resource()),
    }
}

/// Whether there is an endpoint at a path, of whatever method.
fn is_known(path: &[&str]) -> bool {
    matches!(
        path,
        ["v2" | "versions"]
            | [
                "v2",
                "account" | "terms" | "hash_details" | "lookup" | "store-invite" | "sign-ed25519"
            ]
            | ["v2", "account", "register" | "logout"]
            | ["v2", "pubkey", _]
            | ["v2", "pubkey", "ephemeral", "isvalid"]
            | ["v2", "validate", "email" | "msisdn", "requestToken" | "submitToken"]
            | ["v2", "3pid", "getValidated3pid" | "bind" | "unbind"]
    )
}

/// The body as an object that has all these fields.
fn args(request: &Parsed, names: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let Ok(body) = serde_json::from_slice::<Map<String, Value>>(request.body()) else {
        return Err(Refusal::bad_request("M_BAD_JSON", "Malformed JSON"));
    };
    missing(names.iter().copied().filter(|name| !body.contains_key(*name)).collect())?;
    Ok(body)
}

/// The values of a query that has all these parameters.
fn query<'a, const N: usize>(
    request: &'a Parsed,
    names: [&str; N],
) -> Result<[&'a str; N], Refusal> {
    missing(names.into_iter().filter(|name| request.query(name).is_none()).collect())?;
    Ok(names.map(|name| request.query(name).unwrap_or_default()))
}

fn missing(names: Vec<&str>) -> Result<(), Refusal> {
    if names.is_empty() {
        return Ok(());
    }
    let error = format!("Missing parameters: {}", names.join(","));
    Err(Refusal::bad_request("M_MISSING_PARAMS", &error))
}

/// Real servers stumble over a value of the wrong type rather than check it.
fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    body.get(name).and_then(Value::as_str).ok_or_else(internal)
}

fn internal() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "M_UNKNOWN", "Internal Server Error")
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
