//! The mails that an identity server sends, kept instead of sent.

use std::fmt;

/// An invitation mail, as its receiver would have it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address it went to, case-folded.
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
}

/// Without the token and the private key, which together are the invitation.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("room_id", &self.room_id)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}
