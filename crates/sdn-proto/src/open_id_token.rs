use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

/// A token that proves to an identity server who the caller is.
///
/// It is the node's response as it came, because all of it is sent on. `Debug` does not print the token.
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

    /// Returns the node's response as it came, the body of [`Register`](crate::identity::Register). It contains the token.
    pub fn expose(&self) -> &str {
        self.json.get()
    }

    /// Returns the name of the node that the identity server will ask about the token, if the node
    /// sends one.
    ///
    /// It is the member `sdn_server_name`, `sendingnetwork_server_name` or `matrix_server_name`: the
    /// first of them that is text. Only the identity server needs it.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Returns how long the token can be used.
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
