//! The servers that calls go to, as the checks need them.

use std::fmt::Debug;

use arbitrary::{Result, Unstructured};
use sdn_proto::{AccessToken, IdAccessToken, IdentityServer, IdentitySession, Node, Session};

use super::build_request::draw;

/// A server, and what the requests to it must show.
pub struct Place<S> {
    pub server: S,
    /// The same with another token, if there is one.
    pub other: S,
    pub base: String,
    pub prefix: &'static str,
    pub token: Option<String>,
    show: fn(&S) -> String,
}

impl<S> Place<S> {
    pub fn shown(&self, server: &S) -> String {
        (self.show)(server)
    }
}

/// What a call's [`Server`](sdn_proto::Call::Server) can be.
pub trait Peer: Sized {
    fn place(u: &mut Unstructured<'_>, hostile: bool) -> Result<Place<Self>>;
}

fn show<S: Debug>(server: &S) -> String {
    format!("{server:?} {server:#?}")
}

impl Peer for Node {
    fn place(u: &mut Unstructured<'_>, hostile: bool) -> Result<Place<Self>> {
        let node: Node = draw(u, hostile)?;
        let (base, prefix) = (node.to_string(), node.dialect().prefix());
        Ok(Place { other: node.clone(), server: node, base, prefix, token: None, show })
    }
}

impl Peer for Session {
    fn place(u: &mut Unstructured<'_>, hostile: bool) -> Result<Place<Self>> {
        let Place { server: node, base, prefix, .. } = Node::place(u, hostile)?;
        let token: AccessToken = draw(u, hostile)?;
        let (server, text) = (node.session(token.clone()), token.expose().to_owned());
        let other = node.session(AccessToken::new("another").unwrap());
        Ok(Place { server, other, base, prefix, token: Some(text), show })
    }
}

impl Peer for IdentityServer {
    fn place(u: &mut Unstructured<'_>, hostile: bool) -> Result<Place<Self>> {
        let server: IdentityServer = draw(u, hostile)?;
        let (base, prefix) = (server.to_string(), server.dialect().prefix());
        Ok(Place { other: server.clone(), server, base, prefix, token: None, show })
    }
}

impl Peer for IdentitySession {
    fn place(u: &mut Unstructured<'_>, hostile: bool) -> Result<Place<Self>> {
        let Place { server, base, prefix, .. } = IdentityServer::place(u, hostile)?;
        let token: IdAccessToken = draw(u, hostile)?;
        let other = server.session(IdAccessToken::new("another").unwrap());
        let text = token.expose().to_owned();
        Ok(Place { server: server.session(token), other, base, prefix, token: Some(text), show })
    }
}
