use std::error::Error;
use std::fmt;

use crate::echo::mask;
use crate::error::{ApiError, CallError, InvalidInput, Show};

/// The error of a discovery. `Display` says what is wrong with the domain.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DiscoverError {
    /// The call failed, at the domain or at a server that it redirects to.
    Failed(CallError),
    /// A redirect leads to a URL that is not allowed, because it breaks this rule.
    BadRedirect(ApiError, InvalidInput),
    /// A redirect leads to a URL that was already requested, or is the sixth.
    TooManyRedirects(ApiError),
}

impl DiscoverError {
    /// Returns the server's response, if a server responded.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Failed(error) => error.api_error(),
            Self::BadRedirect(error, _) | Self::TooManyRedirects(error) => Some(error),
        }
    }
}

impl fmt::Display for DiscoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |error: &ApiError| Show(&mask(error.location().unwrap_or_default())).to_string();
        match self {
            Self::Failed(error) => write!(f, "asking the domain for its servers failed: {error}"),
            Self::BadRedirect(error, invalid) => {
                let location = shown(error);
                write!(
                    f,
                    "the domain redirects to {location}, which is not allowed: {}",
                    invalid.rule()
                )
            }
            Self::TooManyRedirects(error) => {
                let location = shown(error);
                write!(
                    f,
                    "the domain redirects too often or in a circle, the last time to {location}"
                )
            }
        }
    }
}

impl Error for DiscoverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::BadRedirect(..) | Self::TooManyRedirects(_) => None,
        }
    }
}
