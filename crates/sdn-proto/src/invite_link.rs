use std::str::FromStr;

use crate::dialect::Dialect;
use crate::error::{InvalidInput, Rule};
use crate::id::{InviteToken, RoomId};
use crate::identity_server::IdentityServer;
use crate::path::percent_decode;
use crate::secret::InvitePrivateKey;

/// The link of an invitation mail, with everything that an acceptance needs.
///
/// An identity server mails a link to a web client. The link contains a `signurl` with the identity
/// server, the invitation's token and its private key. Anybody who has the link can accept the
/// invitation. The web client's host and path do not matter. `Debug` does not print the key.
///
/// The link does not contain the inviter's user ID, which
/// [`AcceptFlow::signed_locally`](crate::flow::AcceptFlow) needs.
///
/// ```
/// use sdn_proto::InviteLink;
///
/// let link = InviteLink::new(
///     "https://chat.example/#/room/!r%3Anode.example?email=dave%40example.com\
///      &signurl=https%3A%2F%2Fid.example%2F_matrix%2Fidentity%2Fapi%2Fv1%2Fsign-ed25519\
///      %3Ftoken%3DfsCXflyz%26private_key%3DDw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E\
///      &room_name=Lobby&inviter_name=Alice",
/// )?;
/// assert_eq!(link.room_id.as_str(), "!r:node.example");
/// assert_eq!(link.token.as_str(), "fsCXflyz");
/// assert_eq!(link.identity_server.to_string(), "https://id.example/");
/// assert_eq!(link.inviter_name.as_deref(), Some("Alice"));
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InviteLink {
    /// The room that the link invites to.
    pub room_id: RoomId,
    /// The invitation's token.
    pub token: InviteToken,
    /// The invitation's private key.
    pub private_key: InvitePrivateKey,
    /// The identity server that sent the mail, in the dialect of the link.
    pub identity_server: IdentityServer,
    /// The address that the mail went to, if the link names it.
    pub email: Option<String>,
    /// The room's name, if the link has one. Anybody can choose such a name.
    pub room_name: Option<String>,
    /// The inviter's name, if the link has one. Anybody can choose such a name.
    pub inviter_name: Option<String>,
}

const FIELD: &str = "invitation link";
const MAX_BYTES: usize = 16 * 1024;

impl InviteLink {
    /// Parses a link.
    ///
    /// # Errors
    ///
    /// [`Rule::NotInviteLink`] if the link is incomplete or not an invitation's, or the rule that
    /// its room, token, key or identity server breaks. No error repeats the link.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidInput> {
        let text = text.as_ref().trim();
        if text.len() > MAX_BYTES {
            return Err(InvalidInput::new(FIELD, Rule::TooLong { max: MAX_BYTES }));
        }
        let not_a_link = || InvalidInput::new(FIELD, Rule::NotInviteLink);
        let (_, rest) = text.split_once("://").ok_or_else(not_a_link)?;
        // Parameters of the web client come before the fragment.
        let client_path = rest.split_once('#').map_or(rest, |(_, fragment)| fragment);
        let (path, query) = client_path.split_once('?').ok_or_else(not_a_link)?;
        let mut segments = path.split('/').filter_map(percent_decode);
        let room_id = segments.find(|segment| segment.starts_with('!')).ok_or_else(not_a_link)?;
        let sign_url = parameter(query, "signurl").ok_or_else(not_a_link)?;
        let (endpoint, secrets) = sign_url.split_once('?').ok_or_else(not_a_link)?;
        Ok(Self {
            room_id: RoomId::new(room_id)?,
            token: InviteToken::new(parameter(secrets, "token").ok_or_else(not_a_link)?)?,
            private_key: InvitePrivateKey::new(
                parameter(secrets, "private_key").ok_or_else(not_a_link)?,
            )?,
            identity_server: identity_server(endpoint).ok_or_else(not_a_link)??,
            email: parameter(query, "email"),
            room_name: parameter(query, "room_name"),
            inviter_name: parameter(query, "inviter_name"),
        })
    }
}

impl FromStr for InviteLink {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Self::new(text)
    }
}

/// Returns the identity server of an endpoint; `None` if it is not an identity server's endpoint.
fn identity_server(endpoint: &str) -> Option<Result<IdentityServer, InvalidInput>> {
    if !endpoint.ends_with("/sign-ed25519") {
        return None;
    }
    [Dialect::Matrix, Dialect::Sdn].into_iter().find_map(|dialect| {
        let (base, _) = endpoint.split_once(&format!("/{}/identity/", dialect.prefix()))?;
        let server = IdentityServer::new(format!("{base}/"));
        Some(server.map(|server| server.with_dialect(dialect)))
    })
}

/// Returns the value of a parameter of a query. An empty value counts as absent.
fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| percent_decode(value));
    value.filter(|value| !value.is_empty())
}
