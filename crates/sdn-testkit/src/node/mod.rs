//! What a node answers under `/{prefix}/client/`.
//!
//! To add an endpoint, write its function in the file of its subject and give it a line in [`handle`].

mod account;
mod invite;
mod state;
mod versions;

use std::collections::BTreeMap;

use http::StatusCode;

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::world::State;

/// A node: its name and the access tokens of its users.
pub(crate) struct Node {
    pub(crate) name: String,
    /// Access token to user ID.
    pub(crate) tokens: BTreeMap<String, String>,
}

impl Node {
    pub(crate) fn new(name: &str) -> Self {
        Node { name: name.to_owned(), tokens: BTreeMap::new() }
    }

    /// The user who makes the request.
    fn user<'a>(&'a self, request: &Parsed) -> Result<&'a str, Refusal> {
        let token = request.access_token()?;
        self.tokens.get(token).map(String::as_str).ok_or_else(unknown_token)
    }
}

pub(crate) fn handle(world: &mut State, node: usize, request: &Parsed) -> Answer {
    let node = &world.nodes[node];
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["versions"]) => versions::get(),
        ("GET", ["v3", "account", "whoami"]) => account::whoami(node.user(request)?),
        ("POST", ["v3", "rooms", room, "invite"]) => {
            let user = node.user(request)?.to_owned();
            invite::post(world, &user, room, request)
        }
        ("GET", ["v3", "rooms", room, "state"]) => state::all(world, node.user(request)?, room),
        ("GET", ["v3", "rooms", room, "state", kind, key]) => {
            state::one(world, node.user(request)?, room, kind, key)
        }
        (_, ["versions"] | ["v3", "account", "whoami"]) => Err(Refusal::wrong_method()),
        (_, ["v3", "rooms", _, "invite" | "state"]) => Err(Refusal::wrong_method()),
        (_, ["v3", "rooms", _, "state", _, _]) => Err(Refusal::wrong_method()),
        _ => Err(Refusal::unrecognized()),
    }
}

fn unknown_token() -> Refusal {
    Refusal::Error {
        status: StatusCode::UNAUTHORIZED,
        body: serde_json::json!({
            "errcode": "M_UNKNOWN_TOKEN",
            "error": "Invalid access token passed.",
            "soft_logout": false,
        }),
        retry_after: None,
    }
}
