use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

/// A token that proves the caller's user ID to an identity server.
///
/// It is the node's unchanged response, because the identity server needs all of it. `Debug` does
/// not print the token.
#[derive(Clone)]
pub struct OpenIdToken {
    json: Box<RawValue>,
    server_name: Option<String>,
    expires_in: Duration,
}

impl OpenIdToken {
    pub(crate) fn new(
        json: Box<RawValue>,
        server_name: Option<String>,
        expires_in: Duration,
    ) -> Self {
        Self { json, server_name, expires_in }
    }

    /// Returns the node's unchanged response, which is the body of
    /// [`Register`](crate::identity::Register). It contains the token.
    pub fn expose(&self) -> &str {
        self.json.get()
    }

    /// Returns the name of the node at which the identity server checks the token, if the node
    /// sends one.
    ///
    /// It is the first of the members `sdn_server_name`, `sendingnetwork_server_name` and
    /// `matrix_server_name` that is text. Only the identity server needs it.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Returns how long the token is valid.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }
}

impl fmt::Debug for OpenIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenIdToken")
            .field("server_name", &self.server_name)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
