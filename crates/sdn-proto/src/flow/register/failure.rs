use std::error::Error;
use std::fmt;

use super::super::CallFailure;
use crate::error::InvalidInput;

/// Why an identity server did not let the user in. `Display` says what failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RegisterFailure {
    /// No identity server is given, and the domain names none.
    NoIdentityServer,
    /// The domain names an identity server that must not or cannot be used.
    BadIdentityServer(InvalidInput),
    /// A call failed.
    Failed(Stage, CallFailure),
    /// The person does not accept the identity server's terms.
    TermsDeclined,
}

/// A call before the invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Asking the domain for its identity server.
    Discover,
    /// Asking the node who the user is.
    WhoAmI,
    /// Getting an OpenID token from the node.
    OpenId,
    /// Registering with the identity server.
    Register,
    /// Finding out at the identity server whether it takes the token and whether there are terms to accept.
    Account,
    /// Getting or accepting the terms.
    Terms,
    /// Looking at the room's state, which only [`Invite`](crate::flow::Invite) does.
    Look,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discover => "asking the domain for its identity server",
            Self::WhoAmI => "asking the node who you are",
            Self::OpenId => "getting an OpenID token from the node",
            Self::Register => "registering with the identity server",
            Self::Account => "asking the identity server about your account",
            Self::Terms => "the identity server's terms",
            Self::Look => "looking at the room",
        })
    }
}

impl fmt::Display for RegisterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIdentityServer => f.write_str("no identity server is known; name one"),
            Self::BadIdentityServer(invalid) => write!(f, "the domain names a bad {invalid}"),
            Self::Failed(stage, failure) => write!(f, "{stage} failed: {failure}"),
            Self::TermsDeclined => f.write_str("the identity server's terms are not accepted"),
        }
    }
}

impl Error for RegisterFailure {}
