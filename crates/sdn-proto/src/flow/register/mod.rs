mod failure;
mod journey;

pub use self::failure::{RegisterFailure, Stage};
use self::journey::State;
pub(super) use self::journey::rejects_token;
use crate::id::{ServerName, UserId};
use crate::identity_server::{IdentityServer, IdentitySession};
use crate::node::{Node, Session};
use crate::secret::IdAccessToken;

/// Gets in at an identity server, from a node's access token alone.
///
/// It finds the identity server if none is given, registers there with an OpenID token from the node, and asks about terms
/// of service that have to be accepted. With [an identity server token](Self::with_id_access_token) it finds out whether
/// the server takes that, and registers only if not.
///
/// A [`Lookup`](crate::identity::Lookup) needs this first, and so does an acceptance that
/// [the server signs](super::Accept::signed_by_server). [`Invite`](super::Invite) does it by itself.
///
/// ```
/// use sdn_proto::flow::{Flow, Register, Step};
/// use sdn_proto::{AccessToken, IdentityServer, Node, ServerName};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let mut flow = Register::new(session).at(ServerName::new("id.example")?);
/// // Your HTTP stack brings these answers, or `Client::run` of a transport does it all.
/// for (path, answer) in [
///     ("/_api/client/v3/account/whoami", r#"{"user_id":"@alice:node.example"}"#),
///     (
///         "/_api/client/v3/user/%40alice%3Anode.example/openid/request_token",
///         r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
///     ),
///     ("/_api/identity/v2/account/register", r#"{"token":"id_secret"}"#),
///     ("/_api/identity/v2/account", r#"{"user_id":"@alice:node.example"}"#),
/// ] {
///     let Step::Send(outgoing) = flow.step() else { panic!() };
///     assert_eq!(outgoing.request().uri().path(), path);
///     flow.response(&http::Response::new(answer.into()));
/// }
/// let Step::Done(Ok(registered)) = flow.step() else { panic!() };
/// assert_eq!(registered.id_server.as_str(), "id.example");
/// assert_eq!(registered.id_session.server(), &IdentityServer::new("https://id.example")?);
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct Register {
    session: Session,
    domain: Option<Node>,
    id_server: Option<(ServerName, IdentityServer)>,
    user_id: Option<UserId>,
    id_access_token: Option<IdAccessToken>,
    /// For an invitation: whether a token that is given is used without asking about it, …
    trusts_token: bool,
    /// … and whether the user has to be known even then.
    identifies: bool,
    /// Whether the flow may still ask about terms: nothing else leads back to an earlier step.
    may_ask_terms: bool,
    state: State,
}

/// An identity server that lets the user in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registered {
    /// The identity server and its token, to send calls with.
    pub id_session: IdentitySession,
    /// The name that the node knows the identity server by.
    pub id_server: ServerName,
    /// The token by itself; keep it for the next time.
    pub id_access_token: IdAccessToken,
}

impl Register {
    /// Registers the session's user.
    ///
    /// Say where the identity server is with [`at`](Self::at), or where to find out with
    /// [`discovering`](Self::discovering).
    pub fn new(session: Session) -> Self {
        let flow = Self {
            session,
            domain: None,
            id_server: None,
            user_id: None,
            id_access_token: None,
            trusts_token: false,
            identifies: false,
            may_ask_terms: true,
            state: State::Discover,
        };
        flow.started()
    }

    /// Uses this identity server, over `https` and in the node's dialect.
    #[must_use]
    pub fn at(self, id_server: ServerName) -> Self {
        let server = IdentityServer::at(&id_server);
        self.at_base(id_server, server)
    }

    /// Uses this identity server, which the node knows as `id_server` and we reach at `server`, in the node's dialect.
    #[must_use]
    pub fn at_base(mut self, id_server: ServerName, server: IdentityServer) -> Self {
        self.set_id_server(id_server, server);
        self.started()
    }

    /// Asks this domain, `https://{domain}`, where its identity server is, unless one is given.
    #[must_use]
    pub fn discovering(mut self, domain: Node) -> Self {
        self.domain = Some(domain.with_dialect(self.session.node().dialect()));
        self.started()
    }

    /// Uses this identity server token if the identity server takes it.
    #[must_use]
    pub fn with_id_access_token(mut self, token: IdAccessToken) -> Self {
        self.id_access_token = Some(token);
        self.started()
    }

    /// Spares the question who the session's user is.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self.started()
    }

    /// Uses the token that is given, if there is one, without asking the identity server about it.
    pub(super) fn trusting(self) -> Self {
        Self { trusts_token: true, ..self }.started()
    }

    /// Asks who the user is even with a token that is trusted.
    pub(super) fn identifying(self) -> Self {
        Self { identifies: true, ..self }.started()
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn user_id(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// The identity server token that the flow has: the one given, or that of its registration.
    ///
    /// Keep it even if the flow failed, so that the next one need not register again: drive `&mut flow`, then ask.
    pub fn id_access_token(&self) -> Option<&IdAccessToken> {
        self.id_access_token.as_ref()
    }
}
