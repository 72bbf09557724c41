//! What a node answers under `/{prefix}/client/`, and the little it answers elsewhere.
//!
//! To add an endpoint, write its function in the file of its subject and give it a line in [`handle`].

mod account;
mod discovery;
mod invite;
mod membership;
mod onbind;
mod openid;
mod state;
mod versions;

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::Value;

use crate::answer::{Answer, Refusal};
use crate::request::Parsed;
use crate::world::State;
pub(crate) use discovery::Discovery;
pub(crate) use onbind::onbind;

/// A node: its name, and the tokens of its users.
pub(crate) struct Node {
    pub(crate) name: String,
    /// Access token to user ID.
    pub(crate) tokens: BTreeMap<String, String>,
    /// OpenID token to user ID.
    pub(crate) open_id_tokens: BTreeMap<String, String>,
    pub(crate) discovery: Option<Discovery>,
}

impl Node {
    pub(crate) fn new(name: &str) -> Self {
        Node {
            name: name.to_owned(),
            tokens: BTreeMap::new(),
            open_id_tokens: BTreeMap::new(),
            discovery: None,
        }
    }

    /// The user who makes the request.
    fn user<'a>(&'a self, request: &Parsed) -> Result<&'a str, Refusal> {
        let token = request.access_token()?;
        self.tokens.get(token).map(String::as_str).ok_or_else(unknown_token)
    }
}

pub(crate) fn handle(world: &mut State, index: usize, request: &Parsed) -> Answer {
    let node = &world.nodes[index];
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["versions"]) => versions::get(),
        ("GET", ["v3", "account", "whoami"]) => account::whoami(node.user(request)?),
        ("POST", ["v3", "user", user, "openid", "request_token"]) => {
            openid::post(world, index, user, request)
        }
        ("POST", ["v3", "rooms", room, action @ ("invite" | "join" | "leave")]) => {
            let user = node.user(request)?.to_owned();
            match *action {
                "invite" => invite::post(world, &user, room, request),
                "join" => membership::join(world, &user, room, request),
                _ => membership::leave(world, &user, room, request),
            }
        }
        ("GET", ["v3", "rooms", room, "state"]) => state::all(world, node.user(request)?, room),
        ("GET", ["v3", "rooms", room, "state", kind, key]) => {
            state::one(world, node.user(request)?, room, kind, key)
        }
        ("PUT", ["v3", "rooms", room, "state", kind, key]) => {
            let user = node.user(request)?.to_owned();
            state::put(world, &user, room, (kind, key), request)
        }
        (_, ["versions"] | ["v3", "account", "whoami"]) => Err(Refusal::wrong_method()),
        (_, ["v3", "user", _, "openid", "request_token"]) => Err(Refusal::wrong_method()),
        (_, ["v3", "rooms", _, "invite" | "join" | "leave" | "state"]) => {
            Err(Refusal::wrong_method())
        }
        (_, ["v3", "rooms", _, "state", _, _]) => Err(Refusal::wrong_method()),
        _ => Err(Refusal::unrecognized()),
    }
}

pub(crate) fn handle_federation(world: &mut State, request: &Parsed) -> Answer {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("PUT", ["v1", "3pid", "onbind"]) => {
            let body = request.object()?;
            let user = body.get("mxid").and_then(Value::as_str).ok_or_else(Refusal::internal)?;
            onbind(world, user, &Value::Object(body.clone()))
        }
        (_, ["v1", "3pid", "onbind"]) => Err(Refusal::wrong_method()),
        _ => Err(Refusal::unrecognized()),
    }
}

pub(crate) fn handle_well_known(node: &Node, request: &Parsed) -> Answer {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["client"]) => discovery::get(node),
        _ => Err(Refusal::no_such_resource()),
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
