mod diagnosis;
mod failure;
mod journey;

use std::time::Duration;

pub use self::diagnosis::Diagnosis;
pub use self::failure::{Arrival, InviteFailure};
use self::journey::State;
use super::rate_limit::RateLimit;
use super::register::Register;
use crate::client::Invites;
use crate::id::{RoomId, ServerName, UserId};
use crate::identity_server::IdentityServer;
use crate::node::{Node, Session};
use crate::secret::IdAccessToken;
use crate::threepid::ThirdPartyId;

/// Invites somebody by e-mail address or phone number, from a node's access token alone.
///
/// It gets in at an identity server as [`Register`] does, invites, and waits within a budget if the node limits its rate.
/// What it is given it does not ask for: with an identity server token it starts at the invitation, and if the identity
/// server has forgotten that token gets another one, once.
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
    room_id: RoomId,
    third_party_id: ThirdPartyId,
    register: Register,
    rate_limit: RateLimit,
    looks: bool,
    probes: bool,
    /// The invitations that were there before, if the flow looks.
    before: Option<Invites>,
    may_register_again: bool,
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
        Self {
            room_id,
            third_party_id,
            register: Register::new(session).trusting(),
            rate_limit: RateLimit::new(Duration::ZERO),
            looks: false,
            probes: false,
            before: None,
            may_register_again: true,
            state: State::Register,
        }
        .started()
    }

    /// Uses this identity server, over `https` and in the node's dialect.
    #[must_use]
    pub fn at(self, id_server: ServerName) -> Self {
        Self { register: self.register.at(id_server), ..self }.started()
    }

    /// Uses this identity server, which the node knows as `id_server` and we reach at `server`, in the node's dialect.
    #[must_use]
    pub fn at_base(self, id_server: ServerName, server: IdentityServer) -> Self {
        Self { register: self.register.at_base(id_server, server), ..self }.started()
    }

    /// Asks this domain, `https://{domain}`, where its identity server is, unless one is given.
    #[must_use]
    pub fn discovering(self, domain: Node) -> Self {
        Self { register: self.register.discovering(domain), ..self }.started()
    }

    /// Uses this identity server token as long as the identity server takes it.
    #[must_use]
    pub fn with_id_access_token(self, token: IdAccessToken) -> Self {
        Self { register: self.register.with_id_access_token(token), ..self }.started()
    }

    /// Spares the question who the session's user is.
    #[must_use]
    pub fn with_user_id(self, user_id: UserId) -> Self {
        Self { register: self.register.with_user_id(user_id), ..self }.started()
    }

    /// Waits for so long in all if the node limits its rate; without this not at all.
    #[must_use]
    pub fn with_wait_budget(mut self, budget: Duration) -> Self {
        self.rate_limit = RateLimit::new(budget);
        self
    }

    /// Looks at the room's state before the invitation, and again if its outcome is unknown.
    ///
    /// It is unknown if no response came, or one that may be a proxy's, such as a 504: see
    /// [`ApiError::delivery`](crate::ApiError::delivery).
    ///
    /// Costs one more request, whose answer is large in a large room.
    #[must_use]
    pub fn looking(self) -> Self {
        Self { looks: true, register: self.register.identifying(), ..self }.started()
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

    /// The identity server token that the flow has: the one given, or that of its last registration.
    ///
    /// Keep it even if nobody was invited, so that the next invitation need not register again: drive `&mut flow`, then
    /// ask.
    pub fn id_access_token(&self) -> Option<&IdAccessToken> {
        self.register.id_access_token()
    }
}
