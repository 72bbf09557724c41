use std::fmt;

/// A call before the invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Getting the user's ID from the node.
    WhoAmI,
    /// Getting an OpenID token from the node.
    OpenId,
    /// Registering with the identity server.
    Register,
    /// Asking the identity server whether it accepts the token and has terms.
    Account,
    /// Getting or accepting the terms.
    Terms,
    /// Reading the room's state, only in [`InviteFlow`](super::InviteFlow).
    RoomCheck,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WhoAmI => "getting your user ID from the node",
            Self::OpenId => "getting an OpenID token from the node",
            Self::Register => "registering with the identity server",
            Self::Account => "asking the identity server about your account",
            Self::Terms => "the identity server's terms",
            Self::RoomCheck => "reading the room's state",
        })
    }
}
