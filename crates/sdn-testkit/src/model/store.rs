//! Invitations that an identity server stores and mails, because the identifier is not bound yet.

use http::StatusCode;
use serde_json::{Value, json};

use super::identity_server::IdentityServer;
use super::mail::Mail;
use super::{address, keys};
use crate::answer::Refusal;

pub(crate) struct InviteToStore<'a> {
    pub(crate) medium: &'a str,
    pub(crate) address: &'a str,
    pub(crate) room_id: &'a str,
    pub(crate) sender: &'a str,
    /// The prefix of the key validity URLs: `_api` or `_matrix`.
    pub(crate) prefix: &'a str,
    /// The version of the key validity URLs.
    pub(crate) api: Api,
}

/// A version of the identity server's API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    /// It has no tokens, and forms instead of JSON.
    V1,
    V2,
}

impl Api {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Api::V1 => "api/v1",
            Api::V2 => "v2",
        }
    }
}

pub(crate) struct StoredInvite {
    pub(crate) token: String,
    pub(crate) display_name: String,
    pub(crate) public_key: String,
    pub(crate) public_keys: Value,
}

impl IdentityServer {
    /// Stores and mails an invitation.
    pub(crate) fn store_invite(
        &mut self,
        invite: &InviteToStore<'_>,
    ) -> Result<StoredInvite, Refusal> {
        self.count_stored_invite()?;
        let to = address::fold(invite.address);
        if let Some(user) = self.lookup(invite.medium, &to) {
            return Err(Refusal::bad_request("M_THREEPID_IN_USE", "Binding already known")
                .with("mxid", user));
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

    /// Counts an invitation against the limit. Like real servers, the error has no delay.
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
        let (prefix, api) = (invite.prefix, invite.api.path());
        let base = format!("https://{}/{prefix}/identity/{api}/pubkey", self.name);
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
        let mut mail = Mail {
            to,
            token,
            private_key: ephemeral.private,
            room_id: invite.room_id.to_owned(),
            sender: invite.sender.to_owned(),
            link: String::new(),
        };
        mail.write_link(&self.name, prefix);
        self.mails.push(mail);
        stored
    }
}
