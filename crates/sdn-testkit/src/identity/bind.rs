//! `POST 3pid/bind` and `POST 3pid/unbind`: whose an identifier is.

use http::StatusCode;
use serde_json::{Value, json};

use super::validate::{self, NoSession, Session, validated_at};
use super::{IdentityServer, address, args, keys, text};
use crate::answer::{Answer, Refusal};
use crate::node;
use crate::request::Parsed;
use crate::world::State;

/// An association is good for a hundred years.
const LIFETIME_MS: u64 = 100 * 365 * 24 * 60 * 60 * 1000;

/// Binds a validated identifier, and tells the user's node of the invitations that waited for it.
pub(super) fn bind(world: &mut State, index: usize, request: &Parsed) -> Answer {
    let server = &mut world.identity_servers[index];
    let caller = server.user(request)?;
    let body = args(request, &["sid", "client_secret", "mxid"])?;
    let (sid, user) = (text(&body, "sid")?, text(&body, "mxid")?);
    let secret = validate::client_secret(text(&body, "client_secret")?)?;
    if caller != user {
        let error = "This user is prohibited from binding to the mxid";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "M_UNAUTHORIZED", error));
    }
    let Session { medium, address, .. } = server.validated_session(sid, secret)?;
    let (medium, address) = (*medium, address.clone());
    let invites = server.waiting_invites(medium, &address, user);
    let association = server.association(medium, &address, user, validated_at(sid), &invites);
    server.bind(medium, &address, user);
    let push = json!({ "medium": medium, "address": address, "mxid": user, "invites": invites });
    // The push is the node's own affair: a binding stands whether it takes it or not.
    let _ = node::onbind(world, user, &push);
    Ok(association)
}

/// By the session that the identifier was validated in; a node's own signature is not known here.
pub(super) fn unbind(server: &mut IdentityServer, request: &Parsed) -> Answer {
    let body = args(request, &["threepid", "mxid"])?;
    let field = |name| body["threepid"].get(name).and_then(Value::as_str);
    let (Some(medium), Some(address)) = (field("medium"), field("address")) else {
        let error = "Threepid lacks medium / address";
        return Err(Refusal::bad_request("M_MISSING_PARAMS", error));
    };
    let user = text(&body, "mxid")?;
    if !body.contains_key("sid") || !body.contains_key("client_secret") {
        let error = "Missing X-Matrix Authorization header";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "M_FORBIDDEN", error));
    }
    let secret = validate::client_secret(text(&body, "client_secret")?)?;
    let session = server.validated_session(text(&body, "sid")?, secret).map_err(refuse_unbind)?;
    let address = address::fold(address);
    if (session.medium, &session.address) != (medium, &address) {
        let error = "Provided session information does not match medium/address combo";
        return Err(Refusal::forbidden(error));
    }
    let identifier = (medium.to_owned(), address);
    if server.bindings.get(&identifier).is_some_and(|bound| bound == user) {
        server.bindings.remove(&identifier);
    }
    Ok(json!({}))
}

/// Other statuses than those of the other calls, as real servers have it.
fn refuse_unbind(reason: NoSession) -> Refusal {
    match reason {
        NoSession::Unknown => Refusal::new(
            StatusCode::UNAUTHORIZED,
            "M_NO_VALID_SESSION",
            "No valid session was found matching that sid and client secret",
        ),
        NoSession::NotValidated => Refusal::new(
            StatusCode::FORBIDDEN,
            "M_SESSION_NOT_VALIDATED",
            "This validation session has not yet been completed",
        ),
    }
}

impl IdentityServer {
    /// The invitations that were mailed to an address, each with a proof for the user who turned out to own it.
    fn waiting_invites(&self, medium: &str, address: &str, user: &str) -> Vec<Value> {
        let mails = self.mails.iter().filter(|mail| medium == "email" && mail.to == address);
        mails
            .map(|mail| {
                let mut signed = json!({ "mxid": user, "token": mail.token });
                keys::long_term(&self.name).sign(&self.name, &mut signed);
                json!({
                    "medium": medium,
                    "address": address,
                    "room_id": mail.room_id,
                    "sender": mail.sender,
                    "token": mail.token,
                    "mxid": user,
                    "signed": signed,
                })
            })
            .collect()
    }

    fn association(
        &self,
        medium: &str,
        address: &str,
        user: &str,
        validated_at: u64,
        invites: &[Value],
    ) -> Value {
        let mut association = json!({
            "medium": medium,
            "address": address,
            "mxid": user,
            "ts": validated_at,
            "not_before": validated_at,
            "not_after": validated_at + LIFETIME_MS,
        });
        if !invites.is_empty() {
            association["invites"] = invites.into();
        }
        keys::long_term(&self.name).sign(&self.name, &mut association);
        association
    }
}
