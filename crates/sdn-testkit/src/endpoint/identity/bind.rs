//! `POST 3pid/bind` and `POST 3pid/unbind`: which user an identifier belongs to.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Call, Refusal, State, args, authorized, client_secret, server, text};
use crate::model::identity_server::IdentityServer;
use crate::model::mail::Mail;
use crate::model::session::{NoSession, Session};
use crate::model::{address, keys};

/// Binds a validated identifier, and delivers the invitations that waited for it.
pub(crate) fn bind(world: &mut State, call: &Call<'_>) -> Answer {
    let (server, caller) = authorized(world, call)?;
    let body = args(call, &["sid", "client_secret", "mxid"])?;
    let (sid, user) = (text(&body, "sid")?, text(&body, "mxid")?);
    let secret = client_secret(text(&body, "client_secret")?)?;
    if caller.is_some_and(|caller| caller != user) {
        let error = "This user is prohibited from binding to the mxid";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "M_UNAUTHORIZED", error));
    }
    let session = server.sessions.validated(sid, secret)?;
    let invites = waiting_invites(server, session, user);
    let Session { medium, address, validated_at, .. } = session;
    let mut association = keys::association(medium, address, user, *validated_at);
    if invites[0].is_object() {
        association["invites"] = invites.clone();
    }
    keys::long_term(&server.name).sign(&server.name, &mut association);
    let (medium, address) = (session.medium, session.address.clone());
    server.bind(medium, &address, user);
    // The binding remains even if the user's node rejects the invitations.
    let _ = world.deliver_invites(user, &invites);
    Ok(association)
}

/// Removes a binding, if the session that validated the identifier asks. A node cannot ask.
pub(crate) fn unbind(world: &mut State, call: &Call<'_>) -> Answer {
    let server = server(world, call);
    let body = args(call, &["threepid", "mxid"])?;
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
    let secret = client_secret(text(&body, "client_secret")?)?;
    let session = server.sessions.validated(text(&body, "sid")?, secret).map_err(refuse_unbind)?;
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

/// The statuses differ from those of the other calls, as they do at real servers.
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

/// Returns the invitations that were mailed to an address, each with a proof for its owner.
fn waiting_invites(server: &IdentityServer, session: &Session, user: &str) -> Value {
    let Session { medium, address, .. } = session;
    let invite = |mail: &Mail| {
        let mut signed = json!({ "mxid": user, "token": mail.token });
        keys::long_term(&server.name).sign(&server.name, &mut signed);
        json!({
            "medium": medium,
            "address": address,
            "room_id": mail.room_id,
            "sender": mail.sender,
            "token": mail.token,
            "mxid": user,
            "signed": signed,
        })
    };
    let mails = server.mails.iter().filter(|mail| *medium == "email" && mail.to == *address);
    mails.map(invite).collect()
}
