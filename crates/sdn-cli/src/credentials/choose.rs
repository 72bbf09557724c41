//! Chooses the login that a command uses.

use sdn_proto::{Dialect, Node, UserId};

use super::login::{Login, is_same_server};
use crate::token::WHERE_FROM;

/// The options that choose a login. An option that is not given allows any login.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) node: Option<Node>,
    /// The domain of the user or of the node.
    pub(crate) domain: Option<Node>,
    pub(crate) user_id: Option<UserId>,
    /// Whether the node must speak Matrix.
    pub(crate) is_matrix: bool,
}

/// Why not exactly one login was chosen.
#[derive(Debug)]
pub(crate) enum Missed {
    /// There are no logins.
    Empty,
    /// No login matches the options.
    Other(String),
    /// Several logins match the options.
    Several(String),
}

impl Choice {
    /// Returns the one login that the options choose.
    pub(crate) fn of(&self, logins: Vec<Login>) -> Result<Login, Missed> {
        if logins.is_empty() {
            return Err(Missed::Empty);
        }
        let (mut chosen, others): (Vec<_>, Vec<_>) =
            logins.into_iter().partition(|login| self.allows(login));
        match chosen.len() {
            0 => Err(Missed::Other(list("no login matches; choose one of these", &others))),
            1 => Ok(chosen.remove(0)),
            _ => Err(Missed::Several(list("there are several logins; choose one", &chosen))),
        }
    }

    fn allows(&self, login: &Login) -> bool {
        let is_node = self.node.as_ref().is_none_or(|node| is_same_server(node, &login.node));
        let is_user = self.user_id.as_ref().is_none_or(|user_id| *user_id == login.user_id);
        let is_dialect = !self.is_matrix || login.node.dialect() == Dialect::Matrix;
        let is_domain = self.domain.as_ref().is_none_or(|domain| {
            let url = format!("https://{}/", login.user_id.server_name());
            is_same_server(domain, &login.node)
                || Node::new(url).is_ok_and(|node| is_same_server(domain, &node))
        });
        is_node && is_domain && is_user && is_dialect
    }
}

fn list(what: &str, logins: &[Login]) -> String {
    let lines: Vec<_> = logins.iter().map(|login| format!("\n    {login}")).collect();
    format!("{what}, {WHERE_FROM}:{}", lines.concat())
}
