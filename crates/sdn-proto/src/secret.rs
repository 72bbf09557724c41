//! Tokens: text that must never be printed, each kind a type of its own so that none goes to the wrong server.
//!
//! Their memory is not wiped when they are dropped: the HTTP types that carry them make copies nobody could reach.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::base64;
use crate::error::{InvalidInput, Rule};
use crate::id::opaque;

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

/// What ties the steps of one validation of an address together: whoever starts it makes it up and keeps it.
///
/// It has 1 to 255 of `0-9a-zA-Z.=_-` and should be random. `Debug` prints `[redacted]`. See the specification's
/// [email associations](https://spec.matrix.org/v1.19/identity-service-api/#email-associations).
///
/// ```
/// use sdn_proto::secret::ClientSecret;
///
/// assert_eq!(format!("{:?}", ClientSecret::new("monkeys_are_GREAT")?), "ClientSecret([redacted])");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct ClientSecret(Arc<str>);

impl ClientSecret {
    /// Checks a secret.
    ///
    /// # Errors
    ///
    /// Says which rule was broken, without the secret.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        opaque::check("client secret", text.as_ref()).map(Self)
    }

    /// The secret itself. Take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The token that an identity server sent to an address, to find out who reads it: 1 to 8192 visible ASCII characters.
///
/// ```
/// use sdn_proto::secret::ValidationToken;
///
/// assert_eq!(format!("{:?}", ValidationToken::new("atoken")?), "ValidationToken([redacted])");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct ValidationToken(Arc<str>);

impl ValidationToken {
    /// Checks a token.
    ///
    /// # Errors
    ///
    /// Says which rule was broken, without the token.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        check("validation token", text.as_ref()).map(Self)
    }

    /// The token itself. Take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The private key of a pending invitation, as its mail carries it: an Ed25519 seed in Base64, either alphabet, padded or not.
///
/// Whoever holds it can accept the invitation. `Debug` prints `[redacted]`.
///
/// ```
/// use sdn_proto::secret::InvitePrivateKey;
///
/// let key = InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E")?;
/// assert_eq!(format!("{key:?}"), "InvitePrivateKey([redacted])");
/// assert!(InvitePrivateKey::new("too short").is_err());
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct InvitePrivateKey(Arc<str>);

impl InvitePrivateKey {
    /// Checks a key: Base64 of 32 bytes.
    ///
    /// # Errors
    ///
    /// Says which rule was broken, without the key.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        match base64::decode_key(text) {
            Some(_) => Ok(Self(text.into())),
            None => Err(InvalidInput::new("invitation private key", Rule::NotBase64)),
        }
    }

    /// The key itself, as it was given. Take care where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "verify")]
    pub(crate) fn seed(&self) -> [u8; 32] {
        base64::decode_key(&self.0).expect("it was checked when it was made")
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

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

impl fmt::Debug for ValidationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValidationToken([redacted])")
    }
}

impl fmt::Debug for InvitePrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitePrivateKey([redacted])")
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
