use std::fmt;
use std::future::Future;

use sdn_proto::{AccessToken, IdAccessToken, Node, ServerName, UserId};

/// The source of workers' tokens: a vault, a file, or your own table. The outbox does not store
/// tokens.
///
/// A worker asks before each invitation, so cache tokens that are expensive to fetch.
///
/// ```
/// use sdn_outbox::{Credentials, CredentialsError};
/// use sdn_proto::{AccessToken, Node, UserId};
///
/// /// The token of the service's one user, from the environment.
/// struct Environment;
///
/// impl Credentials for Environment {
///     async fn access_token(
///         &self,
///         _: &Node,
///         user_id: &UserId,
///     ) -> Result<AccessToken, CredentialsError> {
///         let token = std::env::var("SDN_ACCESS_TOKEN").ok();
///         let token = token.and_then(|token| AccessToken::new(token).ok());
///         token.ok_or_else(|| CredentialsError::new(format!("{user_id} has no token; log in")))
///     }
/// }
/// ```
pub trait Credentials: Send + Sync + 'static {
    /// Returns the access token of a user of a node.
    ///
    /// # Errors
    ///
    /// If the user has no token, or it cannot be fetched now. The user's invitations wait.
    fn access_token(
        &self,
        node: &Node,
        user_id: &UserId,
    ) -> impl Future<Output = Result<AccessToken, CredentialsError>> + Send;

    /// Returns the user's access token of an identity server, if one is kept.
    ///
    /// Without one, the worker registers with the identity server, and keeps that token in memory.
    fn id_access_token(
        &self,
        _node: &Node,
        _user_id: &UserId,
        _id_server: &ServerName,
    ) -> impl Future<Output = Option<IdAccessToken>> + Send {
        async { None }
    }
}

/// The error of a missing token.
#[derive(Debug, Clone)]
pub struct CredentialsError(String);

impl CredentialsError {
    /// Creates an error from one line that says what is wrong and what to do, without secrets.
    /// Control characters are replaced.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into().replace(char::is_control, "\u{fffd}"))
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CredentialsError {}
