//! Accepts a third-party invitation.
//!
//! ```text
//! WhoAmI ─► Sign ─► Join ─► Done
//!   │                ▲
//!   │ signed here    │
//!   └────────────────┘
//! ```
//!
//! An invitation that was waiting when the address was bound starts at `Join`. After a rate limit
//! within the budget, the flow waits in the same state. Any other failed call leads to `Done` with
//! its error.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::rate_limit::RateLimit;
use super::{Flow, Step};
use crate::client::{JoinRoom, WhoAmI};
use crate::error::{ApiError, CallError, Delivery, TransportError};
use crate::id::{InviteToken, RoomId, UserId};
use crate::identity::SignInvite;
use crate::identity_server::IdentitySession;
use crate::node::Session;
use crate::outgoing::Outgoing;
use crate::secret::InvitePrivateKey;
use crate::signed::{SignedInvite, SignedPendingInvite};

/// Accepts a third-party invitation and joins its room, with the data from its mail or from the
/// binding of the address.
///
/// ```
/// use sdn_proto::flow::{AcceptFlow, Flow, Step};
/// use sdn_proto::id::InviteToken;
/// use sdn_proto::secret::InvitePrivateKey;
/// use sdn_proto::{AccessToken, IdAccessToken, IdentityServer, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let id_session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let flow = AcceptFlow::signed_by_server(
///     session,
///     id_session,
///     RoomId::new("!a:node.example")?,
///     InviteToken::new("tok")?,
///     InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E")?,
/// );
/// // First it asks the node for the session's user ID, because the proof names the user.
/// let Step::Send(outgoing) = flow.step() else { panic!() };
/// assert_eq!(outgoing.request().uri().path(), "/_api/client/v3/account/whoami");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct AcceptFlow {
    session: Session,
    room_id: RoomId,
    rate_limit: RateLimit,
    state: State,
}

/// The signer of the proof.
#[derive(Debug, Clone)]
enum Signer {
    Server(ServerSigner),
    #[cfg(feature = "verify")]
    Local {
        id_server: crate::id::ServerName,
        sender: Option<UserId>,
        token: InviteToken,
        key: InvitePrivateKey,
    },
}

#[derive(Debug, Clone)]
struct ServerSigner {
    session: IdentitySession,
    token: InviteToken,
    key: InvitePrivateKey,
}

#[derive(Debug, Clone)]
enum State {
    WhoAmI(Signer),
    Sign(ServerSigner, UserId),
    Join(Option<SignedInvite>),
    Done(Result<RoomId, AcceptError>),
}

/// The error of an invitation that was not accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AcceptError {
    /// The node did not return the user's ID.
    WhoAmI(CallError),
    /// The identity server did not sign.
    Sign(CallError),
    /// The node refused the join, usually because the invitation was revoked or is for another
    /// user.
    Refused(ApiError),
    /// The join was not sent; nothing has happened.
    NotSent(TransportError),
    /// The node may have joined the user to the room. It is safe to join again.
    Unknown(CallError),
}

impl AcceptError {
    /// Returns the server's response, if a server responded.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::WhoAmI(error) | Self::Sign(error) | Self::Unknown(error) => error.api_error(),
            Self::Refused(error) => Some(error),
            Self::NotSent(_) => None,
        }
    }

    fn of_join(error: CallError) -> Self {
        match (error.delivery(), error) {
            (Delivery::Unknown, error) => Self::Unknown(error),
            (_, CallError::Api(error)) => Self::Refused(error),
            (_, CallError::Transport(error)) => Self::NotSent(error),
        }
    }
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WhoAmI(error) => write!(f, "getting your user ID from the node failed: {error}"),
            Self::Sign(error) => {
                write!(f, "the identity server did not sign the acceptance: {error}")
            }
            Self::Refused(error) => write!(f, "the node refused the join: {error}"),
            Self::NotSent(error) => write!(f, "nothing has happened: {error}"),
            Self::Unknown(error) => {
                write!(f, "the outcome is unknown; join again, which is safe: {error}")
            }
        }
    }
}

impl Error for AcceptError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::WhoAmI(error) | Self::Sign(error) | Self::Unknown(error) => error.source(),
            Self::Refused(error) => error.source(),
            Self::NotSent(error) => error.source(),
        }
    }
}

impl AcceptFlow {
    /// Accepts with the token and the private key from the invitation's mail. The identity server
    /// receives the key and signs with it.
    pub fn signed_by_server(
        session: Session,
        id_session: IdentitySession,
        room_id: RoomId,
        token: InviteToken,
        key: InvitePrivateKey,
    ) -> Self {
        let signer = Signer::Server(ServerSigner { session: id_session, token, key });
        Self::new(session, room_id, State::WhoAmI(signer))
    }

    /// Accepts with the token and the private key from the invitation's mail. The key is not sent.
    ///
    /// `id_server` is the identity server of the invitation, and `sender` the inviter, if the mail
    /// names one.
    #[cfg(feature = "verify")]
    pub fn signed_locally(
        session: Session,
        id_server: crate::id::ServerName,
        room_id: RoomId,
        sender: Option<UserId>,
        token: InviteToken,
        key: InvitePrivateKey,
    ) -> Self {
        let signer = Signer::Local { id_server, sender, token, key };
        Self::new(session, room_id, State::WhoAmI(signer))
    }

    /// Accepts an invitation that was waiting when the address was
    /// [bound](crate::identity::Bind).
    ///
    /// When the address was bound, the identity server sent the invitation and its proof to the
    /// user's node, so this is a plain join. A node that has not received them yet refuses the
    /// join: try again later. The flow sends the proof only if it names the inviter, which few
    /// identity servers do here.
    pub fn pending(session: Session, invite: SignedPendingInvite) -> Self {
        let signed = Some(invite.signed).filter(|signed| signed.sender().is_some());
        Self::new(session, invite.room_id, State::Join(signed))
    }

    fn new(session: Session, room_id: RoomId, state: State) -> Self {
        Self { session, room_id, rate_limit: RateLimit::new(Duration::ZERO), state }
    }

    /// Waits up to `budget` in all if a server limits the rate. The default is not to wait.
    #[must_use]
    pub fn with_wait_budget(self, budget: Duration) -> Self {
        Self { rate_limit: RateLimit::new(budget), ..self }
    }

    /// Returns what follows the response, or `None` if the flow waits.
    fn next(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
    ) -> Option<State> {
        Some(match &self.state {
            State::WhoAmI(signer) => match self.rate_limit.read::<WhoAmI>(sent, response)? {
                Ok(me) => sign(signer, me.user_id),
                Err(error) => State::Done(Err(AcceptError::WhoAmI(error))),
            },
            State::Sign(..) => match self.rate_limit.read::<SignInvite>(sent, response)? {
                Ok(signed) => State::Join(Some(signed)),
                Err(error) => State::Done(Err(AcceptError::Sign(error))),
            },
            State::Join(_) => {
                let joined = self.rate_limit.read::<JoinRoom>(sent, response)?;
                State::Done(joined.map_err(AcceptError::of_join))
            }
            State::Done(_) => return None,
        })
    }

    fn join(&self, signed: Option<&SignedInvite>) -> JoinRoom {
        let join = JoinRoom::new(self.room_id.clone());
        match signed {
            Some(signed) => join.with_third_party_signed(signed.clone()),
            None => join,
        }
    }
}

fn sign(signer: &Signer, user_id: UserId) -> State {
    match signer {
        Signer::Server(signer) => State::Sign(signer.clone(), user_id),
        #[cfg(feature = "verify")]
        Signer::Local { id_server, sender, token, key } => {
            let (sender, token) = (sender.clone(), token.clone());
            State::Join(Some(SignedInvite::sign(user_id, sender, token, id_server, key)))
        }
    }
}

impl Flow for AcceptFlow {
    type Outcome = Result<RoomId, AcceptError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.rate_limit.delay() {
            return Step::Wait(delay);
        }
        Step::Send(match &self.state {
            State::WhoAmI(_) => Outgoing::new(&WhoAmI::new(), &self.session),
            State::Sign(ServerSigner { session, token, key }, user_id) => Outgoing::new(
                &SignInvite::new(user_id.clone(), token.clone(), key.clone()),
                session,
            ),
            State::Join(signed) => Outgoing::new(&self.join(signed.as_ref()), &self.session),
            State::Done(outcome) => return Step::Done(outcome.clone()),
        })
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let Step::Send(sent) = self.step() else { return };
        if let Some(next) = self.next(&sent, &response) {
            self.state = next;
        }
    }

    fn waited(&mut self) {
        self.rate_limit.waited();
    }
}
