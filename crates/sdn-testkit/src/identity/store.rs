//! `POST store-invite`: keeps an invitation for somebody whose identifier is not bound yet, with a token and a key,
//! and mails it.

use http::StatusCode;
use serde_json::{Value, json};

use super::{IdentityServer, Mail, address, args, keys, text};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;

pub(crate) struct InviteToStore<'a> {
    pub(crate) medium: &'a str,
    pub(crate) address: &'a str,
    pub(crate) room_id: &'a str,
    pub(crate) sender: &'a str,
    /// The prefix of the key validity URLs: `_api` or `_matrix`.
    pub(crate) prefix: &'a str,
}

pub(crate) struct StoredInvite {
    pub(crate) token: String,
    pub(crate) display_name: String,
    pub(crate) public_key: String,
    pub(crate) public_keys: Value,
}

pub(super) fn post(server: &mut IdentityServer, request: &Parsed) -> Answer {
    // Here real servers read the body before they ask who sends it.
    let body = args(request, &["medium", "address", "room_id", "sender"])?;
    let invite = InviteToStore {
        medium: text(&body, "medium")?,
        address: text(&body, "address")?,
        room_id: text(&body, "room_id")?,
        sender: text(&body, "sender")?,
        prefix: request.prefix,
    };
    let user = server.user(request)?.to_owned();
    let stored = server.store_invite_of(&user, &invite)?;
    Ok(json!({
        "token": stored.token,
        "public_key": stored.public_key,
        "public_keys": stored.public_keys,
        "display_name": stored.display_name,
    }))
}

impl IdentityServer {
    pub(crate) fn store_invite(
        &mut self,
        token: &str,
        invite: &InviteToStore<'_>,
    ) -> Result<StoredInvite, Refusal> {
        let user = self.authorized(token)?.to_owned();
        self.store_invite_of(&user, invite)
    }

    fn store_invite_of(
        &mut self,
        user: &str,
        invite: &InviteToStore<'_>,
    ) -> Result<StoredInvite, Refusal> {
        if user != invite.sender {
            let error = "'sender' doesn't match";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "M_UNAUTHORIZED", error));
        }
        self.count_stored_invite()?;
        let to = address::fold(invite.address);
        if let Some(user) = self.bindings.get(&(invite.medium.to_owned(), to.clone())) {
            return Err(in_use(user));
        }
        if invite.medium != "email" {
            let error = format!("Didn't understand medium '{}'", invite.medium);
            return Err(Refusal::bad_request("M_UNRECOGNIZED", &error));
        }
        if !address::is_email(&to) {
            return Err(Refusal::bad_request("M_INVALID_EMAIL", "Invalid email address"));
        }
        Ok(self.mail(to, invite))
    }

    /// Takes one from what the limit has left; a real server does not say for how long it refuses.
    fn count_stored_invite(&mut self) -> Result<(), Refusal> {
        if self.invites_left == 0 {
            let error = "Limit exceeded for this sender";
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "M_UNKNOWN", error));
        }
        self.invites_left -= 1;
        Ok(())
    }

    fn mail(&mut self, to: String, invite: &InviteToStore<'_>) -> StoredInvite {
        let number = self.mails.len();
        let long_term = keys::long_term_public(&self.name);
        let ephemeral = keys::ephemeral(&self.name, number);
        let token = keys::invitation_token(&self.name, number);
        let base = format!("https://{}/{}/identity/v2/pubkey", self.name, invite.prefix);
        let stored = StoredInvite {
            token: token.clone(),
            display_name: address::redact(&to),
            public_keys: json!([
                { "public_key": long_term, "key_validity_url": format!("{base}/isvalid") },
                { "public_key": ephemeral.public, "key_validity_url": format!("{base}/ephemeral/isvalid") },
            ]),
            public_key: long_term,
        };
        self.ephemeral_keys.insert(ephemeral.public);
        self.mails.push(Mail {
            to,
            token,
            private_key: ephemeral.private,
            room_id: invite.room_id.to_owned(),
            sender: invite.sender.to_owned(),
        });
        stored
    }
}

fn in_use(user: &str) -> Refusal {
    Refusal::Error {
        status: StatusCode::BAD_REQUEST,
        body: json!({ "errcode": "M_THREEPID_IN_USE", "error": "Binding already known", "mxid": user }),
        retry_after: None,
    }
}
