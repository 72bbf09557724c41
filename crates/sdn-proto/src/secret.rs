//! Tokens: text that must never be printed, each kind a type of its own so that none goes to the wrong server.
//!
//! Their memory is not wiped when they are dropped: the HTTP types that carry them make copies nobody could reach.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{InvalidInput, Rule};

/// A node's access token: who makes the call, at the node.
///
/// It is 1 to 8192 visible ASCII characters, which no header can be broken out of. `Debug` prints `[redacted]`.
///
/// ```
/// use sdn_proto::AccessToken;
///
/// let token = AccessToken::new("syt_secret")?;
/// assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
/// assert_eq!(token.expose(), "syt_secret");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<str>);

/// An identity server's access token: who makes the call, at the identity server.
///
/// It is 1 to 8192 visible ASCII characters. `Debug` prints `[redacted]`. An invitation by third-party identifier hands
/// it to the node, which asks the identity server with it.
///
/// ```
/// use sdn_proto::IdAccessToken;
///
/// assert_eq!(format!("{:?}", IdAccessToken::new("secret")?), "IdAccessToken([redacted])");
/// assert!(IdAccessToken::new("two\nlines").is_err());
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct IdAccessToken(Arc<str>);

impl AccessToken {
    /// Checks a token.
    ///
    /// # Errors
    ///
    /// Says which rule was broken, without the token.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        check("access token", text.as_ref()).map(Self)
    }

    /// The token itself. Take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl IdAccessToken {
    /// Checks a token.
    ///
    /// # Errors
    ///
    /// Says which rule was broken, without the token.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        check("identity server access token", text.as_ref()).map(Self)
    }

    /// The token itself. Take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccessToken {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

impl FromStr for IdAccessToken {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

impl fmt::Debug for IdAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdAccessToken([redacted])")
    }
}

const MAX_BYTES: usize = 8192;

fn check(field: &'static str, text: &str) -> Result<Arc<str>, InvalidInput> {
    let rule = if text.is_empty() {
        Rule::Empty
    } else if text.len() > MAX_BYTES {
        Rule::TooLong { max: MAX_BYTES }
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Rule::NotVisibleAscii
    } else {
        return Ok(text.into());
    };
    Err(InvalidInput::new(field, rule))
}
