//! Storing an invitation for somebody whose identifier is not bound yet: makes its token and key, and mails it.

use http::StatusCode;
use serde_json::{Value, json};

use super::{IdentityServer, Mail, address, keys};
use crate::answer::Refusal;

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

impl IdentityServer {
    pub(crate) fn store_invite(
        &mut self,
        token: &str,
        invite: &InviteToStore<'_>,
    ) -> Result<StoredInvite, Refusal> {
        if self.owner(token)? != invite.sender {
            let error = "'sender' doesn't match";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "M_UNAUTHORIZED", error));
        }
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

    fn mail(&mut self, to: String, invite: &InviteToStore<'_>) -> StoredInvite {
        let number = self.mails.len();
        let long_term = keys::long_term(&self.name);
        let ephemeral = keys::ephemeral(&self.name, number);
        let token = keys::invitation_token(&self.name, number);
        let base = format!("https://{}/{}/identity/v2/pubkey", self.name, invite.prefix);
        let stored = StoredInvite {
            token: token.clone(),
            display_name: address::redact(&to),
            public_keys: json!([
                { "public_key": long_term.public, "key_validity_url": format!("{base}/isvalid") },
                { "public_key": ephemeral.public, "key_validity_url": format!("{base}/ephemeral/isvalid") },
            ]),
            public_key: long_term.public,
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
