//! Tokens and keys that are never printed. Each kind has its own type, so that none is sent to the
//! wrong server.
//!
//! Their memory is not cleared when they are dropped, because the HTTP types make copies that this
//! crate cannot clear.

use std::sync::Arc;

use crate::base64;
use crate::error::{InvalidInput, Rule};
use crate::id::opaque;

/// A type for a secret: `$check` takes the field and the text, and returns the text to keep.
macro_rules! secret {
    ($(#[$doc:meta])* $type:ident, $field:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $type(std::sync::Arc<str>);

        impl $type {
            #[doc = concat!("Checks the text of ", $field, ".")]
            ///
            /// # Errors
            ///
            /// Returns the rule that the text breaks, without the text.
            pub fn new(text: impl AsRef<str>) -> Result<Self, $crate::error::InvalidInput> {
                $check($field, text.as_ref()).map(Self)
            }

            /// Returns the secret as text.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::InvalidInput;

            fn from_str(text: &str) -> Result<Self, $crate::error::InvalidInput> {
                Self::new(text)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "([redacted])"))
            }
        }
    };
}
pub(crate) use secret;

secret! {
    /// A node's access token, which authenticates the caller.
    ///
    /// It is 1 to 8192 visible ASCII characters, so it cannot add a header. `Debug` prints
    /// `[redacted]`.
    ///
    /// ```
    /// use sdn_proto::AccessToken;
    ///
    /// let token = AccessToken::new("syt_secret")?;
    /// assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
    /// assert_eq!(token.expose(), "syt_secret");
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    AccessToken, "access token", check_token
}

secret! {
    /// An identity server's access token, which authenticates the caller.
    ///
    /// It is 1 to 8192 visible ASCII characters. `Debug` prints `[redacted]`. An invitation by
    /// third-party identifier sends it to the node, which calls the identity server with it.
    ///
    /// ```
    /// use sdn_proto::IdAccessToken;
    ///
    /// assert_eq!(format!("{:?}", IdAccessToken::new("secret")?), "IdAccessToken([redacted])");
    /// assert!(IdAccessToken::new("two\nlines").is_err());
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    IdAccessToken, "identity server access token", check_token
}

secret! {
    /// The text that links the steps of one address validation. The client that starts the
    /// validation chooses it.
    ///
    /// It has 1 to 255 of `0-9a-zA-Z.=_-` and should be random. `Debug` prints `[redacted]`. See
    /// the specification's [email
    /// associations](https://spec.matrix.org/v1.19/identity-service-api/#email-associations).
    ///
    /// ```
    /// use sdn_proto::secret::ClientSecret;
    ///
    /// assert_eq!(format!("{:?}", ClientSecret::new("monkeys_are_GREAT")?), "ClientSecret([redacted])");
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    ClientSecret, "client secret", opaque::check
}

secret! {
    /// The token that an identity server sends to an address to validate it.
    ///
    /// It is 1 to 8192 visible ASCII characters. `Debug` prints `[redacted]`.
    ///
    /// ```
    /// use sdn_proto::secret::ValidationToken;
    ///
    /// assert_eq!(format!("{:?}", ValidationToken::new("atoken")?), "ValidationToken([redacted])");
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    ValidationToken, "validation token", check_token
}

secret! {
    /// The private key of a pending invitation: an Ed25519 seed in Base64, in either alphabet,
    /// padded or not.
    ///
    /// The invitation's e-mail contains it, and anybody who has it can accept the invitation.
    /// `Debug` prints `[redacted]`.
    ///
    /// ```
    /// use sdn_proto::secret::InvitePrivateKey;
    ///
    /// let key = InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E")?;
    /// assert_eq!(format!("{key:?}"), "InvitePrivateKey([redacted])");
    /// assert!(InvitePrivateKey::new("too short").is_err());
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    InvitePrivateKey, "invitation private key", check_key
}

secret! {
    /// A user's password at a node.
    ///
    /// It has 1 to 8192 bytes. `Debug` prints `[redacted]`.
    ///
    /// ```
    /// use sdn_proto::secret::Password;
    ///
    /// assert_eq!(format!("{:?}", Password::new("correct horse")?), "Password([redacted])");
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    Password, "password", check_length
}

impl InvitePrivateKey {
    #[cfg(feature = "verify")]
    pub(crate) fn seed(&self) -> [u8; 32] {
        base64::decode_key(&self.0).expect("it was checked when it was created")
    }
}

const MAX_BYTES: usize = 8192;

fn check_length(field: &'static str, text: &str) -> Result<Arc<str>, InvalidInput> {
    match text.len() {
        0 => Err(InvalidInput::new(field, Rule::Empty)),
        1..=MAX_BYTES => Ok(text.into()),
        _ => Err(InvalidInput::new(field, Rule::TooLong { max: MAX_BYTES })),
    }
}

fn check_token(field: &'static str, text: &str) -> Result<Arc<str>, InvalidInput> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) || text.len() > MAX_BYTES {
        return check_length(field, text);
    }
    Err(InvalidInput::new(field, Rule::NotVisibleAscii))
}

fn check_key(field: &'static str, text: &str) -> Result<Arc<str>, InvalidInput> {
    match base64::decode_key(text) {
        Some(_) => Ok(text.into()),
        None => Err(InvalidInput::new(field, Rule::NotBase64)),
    }
}
