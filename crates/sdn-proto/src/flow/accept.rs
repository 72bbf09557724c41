use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::rate_limit::RateLimit;
use super::{CallFailure, Flow, Outgoing, Step, read};
use crate::client::{JoinRoom, WhoAmI};
use crate::error::{ApiError, Delivery};
use crate::id::{InviteToken, RoomId, UserId};
use crate::identity::SignInvite;
use crate::identity_server::IdentitySession;
use crate::node::Session;
use crate::secret::InvitePrivateKey;
use crate::signed::{SignedInvite, SignedPendingInvite};

/// Accepts a third-party invitation: from what its mail says, or from what binding the address gave, to being in the room.
///
/// ```
/// use sdn_proto::flow::{Accept, Flow, Step};
/// use sdn_proto::id::InviteToken;
/// use sdn_proto::secret::InvitePrivateKey;
/// use sdn_proto::{AccessToken, IdAccessToken, IdentityServer, Node, RoomId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let id_session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let flow = Accept::signed_by_server(
///     session,
///     id_session,
///     RoomId::new("!a:node.example")?,
///     InviteToken::new("tok")?,
///     InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E")?,
/// );
/// // First it asks the node who the session's user is, for whom the proof is to be signed.
/// let Step::Send(outgoing) = flow.step() else { panic!() };
/// assert_eq!(outgoing.request().uri().path(), "/_api/client/v3/account/whoami");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct Accept {
    session: Session,
    room_id: RoomId,
    signer: Option<Signer>,
    rate_limit: RateLimit,
    state: State,
}

/// Who makes the proof, if it is not there yet.
#[derive(Debug, Clone)]
enum Signer {
    Server {
        session: IdentitySession,
        token: InviteToken,
        key: InvitePrivateKey,
    },
    #[cfg(feature = "verify")]
    Local {
        id_server: crate::id::ServerName,
        sender: Option<UserId>,
        token: InviteToken,
        key: InvitePrivateKey,
    },
}

#[derive(Debug, Clone)]
enum State {
    WhoAmI,
    Sign(UserId),
    Join(Option<SignedInvite>),
    Wait(Duration, Option<SignedInvite>),
    Done(Result<RoomId, AcceptFailure>),
}

/// Why an invitation could not be accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AcceptFailure {
    /// The node did not say who the user is.
    WhoAmI(CallFailure),
    /// The identity server did not sign.
    Sign(CallFailure),
    /// The node refused the join: most often the invitation was revoked, or is for somebody else.
    Refused(ApiError),
    /// The node could not be asked to join; nothing has happened.
    NotSent,
    /// The user may be in the room: no response came, or one whose
    /// [delivery](ApiError::delivery) is unknown, such as a proxy's 504. Joining again does no harm.
    Unknown(CallFailure),
}

impl fmt::Display for AcceptFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WhoAmI(failure) => write!(f, "the node did not say who you are: {failure}"),
            Self::Sign(failure) => {
                write!(f, "the identity server did not sign the acceptance: {failure}")
            }
            Self::Refused(error) => write!(f, "the node refused the join: {error}"),
            Self::NotSent => f.write_str("the node could not be reached; nothing has happened"),
            Self::Unknown(CallFailure::Api(error)) => write!(
                f,
                "the response does not say what the node did ({error}); joining again does no harm"
            ),
            Self::Unknown(_) => f.write_str("the node did not answer; joining again does no harm"),
        }
    }
}

impl Error for AcceptFailure {}

impl Accept {
    /// Accepts with the token and the private key from the invitation's mail, which the identity server gets to see and
    /// signs with.
    pub fn signed_by_server(
        session: Session,
        id_session: IdentitySession,
        room_id: RoomId,
        token: InviteToken,
        key: InvitePrivateKey,
    ) -> Self {
        Self::new(
            session,
            room_id,
            Some(Signer::Server { session: id_session, token, key }),
            State::WhoAmI,
        )
    }

    /// Accepts with the token and the private key from the invitation's mail, which stays here.
    ///
    /// `id_server` is whose invitation it is, `sender` who invited, if the mail says so.
    #[cfg(feature = "verify")]
    pub fn signed_locally(
        session: Session,
        id_server: crate::id::ServerName,
        room_id: RoomId,
        sender: Option<UserId>,
        token: InviteToken,
        key: InvitePrivateKey,
    ) -> Self {
        Self::new(
            session,
            room_id,
            Some(Signer::Local { id_server, sender, token, key }),
            State::WhoAmI,
        )
    }

    /// Accepts an invitation that was waiting when the address was [bound](crate::identity::Bind).
    ///
    /// When it was, the identity server pushed the invitation and its proof to the user's node. So this is a plain join, and
    /// a node that the push has not reached yet refuses it: try again later. Only a proof that names the inviter, as few identity servers make them here, can be sent along.
    pub fn pending(session: Session, invite: SignedPendingInvite) -> Self {
        let signed = Some(invite.signed).filter(|signed| signed.sender().is_some());
        Self::new(session, invite.room_id, None, State::Join(signed))
    }

    fn new(session: Session, room_id: RoomId, signer: Option<Signer>, state: State) -> Self {
        Self { session, room_id, signer, rate_limit: RateLimit::new(Duration::ZERO), state }
    }

    /// Waits for so long in all if the node limits its rate; without this not at all.
    #[must_use]
    pub fn with_wait_budget(self, budget: Duration) -> Self {
        Self { rate_limit: RateLimit::new(budget), ..self }
    }

    fn sign(&self, user_id: UserId) -> State {
        match &self.signer {
            #[cfg(feature = "verify")]
            Some(Signer::Local { id_server, sender, token, key }) => {
                let (sender, token) = (sender.clone(), token.clone());
                State::Join(Some(SignedInvite::sign(user_id, sender, token, id_server, key)))
            }
            _ => State::Sign(user_id),
        }
    }

    fn joined(&mut self, response: &Response<Bytes>, signed: Option<SignedInvite>) -> State {
        match read::<JoinRoom>(self, response) {
            Ok(room_id) => State::Done(Ok(room_id)),
            Err(error) => match self.rate_limit.wait(&error, response) {
                Some(delay) => State::Wait(delay, signed),
                None => State::Done(Err(match error.delivery() {
                    Delivery::Unknown => AcceptFailure::Unknown(CallFailure::Api(error)),
                    _ => AcceptFailure::Refused(error),
                })),
            },
        }
    }
}

impl Flow for Accept {
    type Outcome = Result<RoomId, AcceptFailure>;

    fn step(&self) -> Step<Self::Outcome> {
        Step::Send(match (&self.state, &self.signer) {
            (State::WhoAmI, _) => Outgoing::new(&WhoAmI::new(), &self.session),
            (State::Sign(user_id), Some(Signer::Server { session, token, key })) => Outgoing::new(
                &SignInvite::new(user_id.clone(), token.clone(), key.clone()),
                session,
            ),
            (State::Sign(_), _) => unreachable!("only a server is asked to sign"),
            (State::Join(signed), _) => {
                let join = JoinRoom::new(self.room_id.clone());
                let join = match signed {
                    Some(signed) => join.with_third_party_signed(signed.clone()),
                    None => join,
                };
                Outgoing::new(&join, &self.session)
            }
            (State::Wait(delay, _), _) => return Step::Wait(*delay),
            (State::Done(outcome), _) => return Step::Done(outcome.clone()),
        })
    }

    fn response(&mut self, response: &Response<Bytes>) {
        self.state = match self.state.clone() {
            State::WhoAmI => match read::<WhoAmI>(self, response) {
                Ok(me) => self.sign(me.user_id),
                Err(error) => State::Done(Err(AcceptFailure::WhoAmI(CallFailure::Api(error)))),
            },
            State::Sign(_) => match read::<SignInvite>(self, response) {
                Ok(signed) => State::Join(Some(signed)),
                Err(error) => State::Done(Err(AcceptFailure::Sign(CallFailure::Api(error)))),
            },
            State::Join(signed) => self.joined(response, signed),
            other => other,
        };
    }

    fn failed(&mut self, delivery: Delivery) {
        let failure = CallFailure::NoAnswer(delivery);
        self.state = State::Done(Err(match &self.state {
            State::WhoAmI => AcceptFailure::WhoAmI(failure),
            State::Sign(_) => AcceptFailure::Sign(failure),
            State::Join(_) if delivery == Delivery::NotSent => AcceptFailure::NotSent,
            State::Join(_) => AcceptFailure::Unknown(failure),
            State::Wait(..) | State::Done(_) => return,
        }));
    }

    fn waited(&mut self) {
        if let State::Wait(_, signed) = &self.state {
            self.state = State::Join(signed.clone());
        }
    }

    fn accept(&mut self, _urls: Vec<String>) {}

    fn decline(&mut self) {}
}
