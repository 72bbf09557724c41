mod diagnosis;
mod failure;
mod journey;

use std::time::Duration;

pub use self::diagnosis::Diagnosis;
pub use self::failure::{Arrival, InviteFailure, Stage};
use self::journey::State;
use super::rate_limit::RateLimit;
use crate::client::Invites;
use crate::id::{RoomId, ServerName, UserId};
use crate::identity_server::IdentityServer;
use crate::node::{Node, Session};
use crate::secret::IdAccessToken;
use crate::threepid::ThirdPartyId;

/// Invites somebody by e-mail address or phone number, from a node's access token alone.
///
/// It finds the identity server if none is given, gets a token there, asks about its terms, invites, and waits within a
/// budget if the node limits its rate. What it is given it does not ask for: with an identity server token it starts at
/// the invitation, and if the identity server has forgotten that token gets another one, once.
///
/// When the node fails without saying why, as nodes do for nearly everything that goes wrong at the identity server, the
/// flow asks the identity server and says what it found: [`Diagnosis`].
///
/// An invitation that may have arrived is never sent again. With [`looking`](Self::looking) the flow finds out from the room
/// whether it did.
///
/// ```
/// use sdn_proto::flow::{Flow, Invite, Step};
/// use sdn_proto::{AccessToken, IdentityServer, Node, RoomId, ServerName, ThirdPartyId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let mut flow = Invite::new(session, RoomId::new("!a:node.example")?, ThirdPartyId::email("bob@example.com")?)
///     .at(ServerName::new("id.example")?);
/// let Step::Send(outgoing) = flow.step() else { panic!() };
/// assert_eq!(outgoing.request().uri().path(), "/_api/client/v3/account/whoami");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct Invite {
    session: Session,
    room_id: RoomId,
    third_party_id: ThirdPartyId,
    domain: Option<Node>,
    id_server: Option<(ServerName, IdentityServer)>,
    user_id: Option<UserId>,
    id_access_token: Option<IdAccessToken>,
    rate_limit: RateLimit,
    looks: bool,
    probes: bool,
    /// The invitations that were there before, if the flow looks.
    before: Option<Invites>,
    /// Whether the flow may still register anew, and ask about terms: nothing else leads back to an earlier step.
    may_register_again: bool,
    may_ask_terms: bool,
    state: State,
}

/// An invitation that the node has accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invited {
    /// The identity server's token that was used; keep it for the next invitation.
    pub id_access_token: IdAccessToken,
    /// The identity server that was used.
    pub id_server: ServerName,
}

impl Invite {
    /// Invites whoever owns `third_party_id` to `room_id`.
    ///
    /// Say where the identity server is with [`at`](Self::at), or where to find out with
    /// [`discovering`](Self::discovering).
    pub fn new(session: Session, room_id: RoomId, third_party_id: ThirdPartyId) -> Self {
        let flow = Self {
            session,
            room_id,
            third_party_id,
            domain: None,
            id_server: None,
            user_id: None,
            id_access_token: None,
            rate_limit: RateLimit::new(Duration::ZERO),
            looks: false,
            probes: false,
            before: None,
            may_register_again: true,
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
        let dialect = self.session.node().dialect();
        self.id_server = Some((id_server, server.with_dialect(dialect)));
        self.started()
    }

    /// Asks this domain, `https://{domain}`, where its identity server is, unless one is given.
    #[must_use]
    pub fn discovering(mut self, domain: Node) -> Self {
        self.domain = Some(domain.with_dialect(self.session.node().dialect()));
        self.started()
    }

    /// Uses this identity server token as long as the identity server takes it.
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

    /// Waits for so long in all if the node limits its rate; without this not at all.
    #[must_use]
    pub fn with_wait_budget(mut self, budget: Duration) -> Self {
        self.rate_limit = RateLimit::new(budget);
        self
    }

    /// Looks at the room's state before the invitation and, if it is not known whether that arrived, once more.
    ///
    /// Costs one more request, whose answer is large in a large room.
    #[must_use]
    pub fn looking(mut self) -> Self {
        self.looks = true;
        self.started()
    }

    /// Lets the diagnosis have the identity server store the invitation itself, to learn why the node could not.
    ///
    /// Only so can a refused address or a rate limit be told from other failures. **If it succeeds, a mail is sent that leads
    /// to no invitation.**
    #[must_use]
    pub fn probing(mut self) -> Self {
        self.probes = true;
        self
    }
}
