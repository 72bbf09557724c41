//! The command's logins, as the credentials of workers.

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sdn_outbox::{Credentials, CredentialsError};
use sdn_proto::{AccessToken, Node, UserId};

use crate::credentials::{self, Login};

/// The logins of the credentials file, which is read again when it has changed.
#[derive(Default)]
pub(super) struct Logins(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    logins: Vec<Login>,
    changed: Option<SystemTime>,
}

impl Logins {
    fn token(&self, node: &Node, user_id: &UserId) -> Result<AccessToken, String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = credentials::path()
            .and_then(|path| fs::metadata(path).ok())
            .and_then(|metadata| metadata.modified().ok());
        if changed.is_none() || changed != kept.changed {
            kept.logins = credentials::read()?.1;
            kept.changed = changed;
        }
        let is_wanted = |login: &&Login| {
            login.node.to_string() == node.to_string() && login.user_id == *user_id
        };
        let found = kept.logins.iter().find(is_wanted).map(|login| login.token.clone());
        found.ok_or_else(|| {
            format!("there is no login of {user_id} at {node}; run sdn login --node {node}")
        })
    }
}

impl Credentials for Logins {
    async fn access_token(
        &self,
        node: &Node,
        user_id: &UserId,
    ) -> Result<AccessToken, CredentialsError> {
        self.token(node, user_id).map_err(CredentialsError::new)
    }
}
