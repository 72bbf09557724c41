use std::sync::Arc;

use crate::error::{Escaped, InvalidInput, Rule};

/// The text that a node asks a wallet to sign: any text of at most 4096 bytes, kept unchanged.
///
/// Show it to the wallet's owner with [`display`](Self::display), because the node's text may
/// contain characters that change what a terminal shows. Sign [`as_str`](Self::as_str) with
/// `personal_sign` ([EIP-191]) only. There is no `Display`, because the text that is safe to show
/// is not always the text to sign.
///
/// ```
/// use sdn_proto::LoginMessage;
///
/// let message = LoginMessage::new("Log in to node.example\nNonce: 7\u{1b}[2J")?;
/// assert_eq!(message.display().to_string(), r"Log in to node.example\nNonce: 7\u{1b}[2J");
/// assert_eq!(message.as_str(), "Log in to node.example\nNonce: 7\u{1b}[2J");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
///
/// [EIP-191]: https://eips.ethereum.org/EIPS/eip-191
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoginMessage(Arc<str>);

impl LoginMessage {
    const MAX_BYTES: usize = 4096;

    /// Checks the length of a message.
    ///
    /// # Errors
    ///
    /// Rejects a message of more than 4096 bytes.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref();
        if text.len() > Self::MAX_BYTES {
            let rule = Rule::TooLong { max: Self::MAX_BYTES };
            return Err(InvalidInput::new("login message", rule));
        }
        Ok(Self(text.into()))
    }

    /// Returns the text to sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text to show, on one line, with control and invisible characters escaped.
    pub fn display(&self) -> Escaped<'_> {
        Escaped(&self.0)
    }
}

crate::id::text_traits!(LoginMessage, without Display);
