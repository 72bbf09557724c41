//! Text of a `RegisterError`. The type is in `register.rs`, because it contains a flow that
//! continues.

use std::error::Error;
use std::fmt;

use super::RegisterError;
use crate::error::ApiError;

impl RegisterError {
    /// Returns the server's response, if a server responded.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::NotDiscovered(error) => error.api_error(),
            Self::Failed(_, error) => error.api_error(),
            Self::NoIdentityServer
            | Self::BadIdentityServer(_)
            | Self::Terms(_)
            | Self::UnreadableTerms(_) => None,
        }
    }
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDiscovered(error) => error.fmt(f),
            Self::NoIdentityServer => f.write_str("no identity server is known; name one"),
            Self::BadIdentityServer(invalid) => write!(f, "the domain names a bad {invalid}"),
            Self::Failed(stage, error) => write!(f, "{stage} failed: {error}"),
            Self::Terms(_) => f.write_str("the identity server's terms are not accepted"),
            Self::UnreadableTerms(error) => error.fmt(f),
        }
    }
}

impl Error for RegisterError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotDiscovered(error) => error.source(),
            Self::Failed(_, error) => error.source(),
            Self::NoIdentityServer
            | Self::BadIdentityServer(_)
            | Self::Terms(_)
            | Self::UnreadableTerms(_) => None,
        }
    }
}
