//! The mails of an identity server, which are stored instead of sent.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// An invitation mail, as its receiver reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The case-folded address of the receiver.
    pub to: String,
    /// The token of the invitation, also the state key of the room's `m.room.third_party_invite`.
    pub token: String,
    /// The private half of the invitation's ephemeral key: an Ed25519 seed in unpadded URL-safe
    /// Base64.
    pub private_key: String,
    /// The room that the receiver is invited to.
    pub room_id: String,
    /// The user ID of the inviting user.
    pub sender: String,
    /// The link that accepts the invitation in a web client. It contains the token and the key.
    pub link: String,
}

impl Mail {
    /// Writes the link as Sydent does: the URL to sign with is escaped once, and its arguments twice.
    pub(super) fn write_link(&mut self, id_server: &str, prefix: &str) {
        let sign_url = format!(
            "https://{id_server}/{prefix}/identity/api/v1/sign-ed25519?token={}&private_key={}",
            escape(&self.token),
            escape(&self.private_key),
        );
        self.link = format!(
            "https://chat.example/#/room/{}?email={}&signurl={}&room_name=&inviter_name={}",
            escape(&self.room_id),
            escape(&self.to),
            escape(&sign_url),
            escape(&self.sender),
        );
    }
}

fn escape(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, ESCAPED)
}

const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!');

/// Prints the mail without the token and the private key, with which anybody could accept.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("room_id", &self.room_id)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}
