//! Sends one invitation.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use sdn_proto::flow::{Flow, IdentityServerAt, InviteError, InviteFlow, Step};
use sdn_proto::retry::retry_delay;
use sdn_proto::{
    ApiError, CallError, Delivery, Dialect, InvalidInput, InviteBy3pid, InviteStatus, InviteUser,
    Node, RoomId, Session, ThirdPartyId, TransportError, TransportErrorKind, UserId,
};
use tokio::time::{Instant, timeout_at};

use super::event::Event;
use super::shared::Shared;
use super::store::{Begun, Claimed, Ended, Store, Turn};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::invitation::Invitee;

/// The outcome of an invitation that had a turn.
pub(super) enum Sent {
    /// To be recorded.
    Ended(Ended),
    /// It was not sent, and needs another turn.
    TurnIsVoid,
    /// It was not sent, and belongs to another worker.
    Lost,
    /// It was not sent, and waits for a person.
    Held,
}

const CHANGED: &str = "another program has changed who is invited, or where; correct the row or \
     settle it";

/// The checked content of a claimed invitation.
struct Checked {
    node: Node,
    user_id: UserId,
    room_id: RoomId,
    invitee: Invitee,
}

impl Checked {
    fn of(claimed: &Claimed) -> Result<Self, InvalidInput> {
        let dialect: Dialect = claimed.dialect.parse()?;
        Ok(Self {
            node: Node::new_insecure(&claimed.node)?.with_dialect(dialect),
            user_id: UserId::new(&claimed.user_id)?,
            room_id: RoomId::new(&claimed.room_id)?,
            invitee: Invitee::of(&claimed.columns, dialect)?,
        })
    }
}

/// The record before an invitation, and the time until which its request may be in flight.
struct Beginning<'a> {
    store: &'a Store<'a>,
    claimed: &'a Claimed,
    turn: Turn,
    claim_timeout: Duration,
    begin_timeout: Duration,
    send_timeout: Duration,
}

impl Beginning<'_> {
    /// Records that the invitation is about to be sent. Returns until when that may take.
    async fn begin(&self) -> Result<Instant, Sent> {
        // Both clocks, because one of them stops while a machine sleeps.
        let (begun, clock) = (Instant::now(), SystemTime::now());
        let recorded = self.store.begin(self.claimed, self.turn, self.claim_timeout).await;
        let is_late = begun.elapsed() > self.begin_timeout
            || clock.elapsed().is_ok_and(|elapsed| elapsed > self.begin_timeout);
        match recorded {
            Ok(Begun::Sending) if is_late => {
                Err(Sent::Ended(Ended::not_sent("the database took too long; try again".into())))
            }
            Ok(Begun::Sending) => {
                Ok(begun + self.begin_timeout.min(begun.elapsed()) + self.send_timeout)
            }
            Ok(Begun::TurnIsVoid) => Err(Sent::TurnIsVoid),
            Ok(Begun::Lost) => Err(Sent::Lost),
            // It may be recorded, but it was certainly not sent.
            Err(error) => Err(Sent::Ended(Ended::not_sent(error.to_string()))),
        }
    }
}

impl Ended {
    fn not_sent(problem: String) -> Self {
        Self {
            status: InviteStatus::NotSent,
            http_status: None,
            problem: Some(problem),
            limited: None,
            is_limited_invitation: false,
            is_without_token: false,
        }
    }

    fn invited() -> Self {
        Self {
            http_status: Some(200),
            problem: None,
            ..Self::of(InviteStatus::Invited, None, String::new())
        }
    }

    fn of(status: InviteStatus, response: Option<&ApiError>, problem: String) -> Self {
        Self {
            status,
            http_status: response.map(|error| error.status().as_u16()),
            problem: Some(problem),
            limited: response.and_then(|error| retry_delay(error, SystemTime::now())),
            is_limited_invitation: false,
            is_without_token: response.is_some_and(|error| error.status().as_u16() == 401),
        }
    }

    fn of_user(result: Result<(), CallError>) -> Self {
        let Err(error) = result else { return Self::invited() };
        let ended = Self::of(InviteStatus::from(&error), error.api_error(), error.to_string());
        Self { is_limited_invitation: ended.limited.is_some(), ..ended }
    }

    fn of_third_party<T>(result: Result<T, InviteError>) -> Self {
        let Err(error) = result else { return Self::invited() };
        let ended = Self::of(InviteStatus::from(&error), error.api_error(), error.to_string());
        Self { is_limited_invitation: matches!(error, InviteError::RateLimited(_)), ..ended }
    }
}

impl<C: Credentials> Shared<C> {
    /// Sends an invitation in its turn.
    pub(super) async fn send(
        &self,
        store: &Store<'_>,
        claimed: &Claimed,
        turn: Turn,
    ) -> Result<Sent, Error> {
        let checked = match Checked::of(claimed) {
            Ok(checked) if claimed.is_intact => checked,
            _ => {
                store.hold(claimed, CHANGED).await?;
                self.report(Event::Held { id: claimed.id, problem: CHANGED.to_owned() });
                return Ok(Sent::Held);
            }
        };
        let token = match self.credentials.access_token(&checked.node, &checked.user_id).await {
            Ok(token) => token,
            Err(error) => {
                let ended = Ended::not_sent(error.to_string());
                return Ok(Sent::Ended(Ended { is_without_token: true, ..ended }));
            }
        };
        let settings = &self.settings;
        let beginning = Beginning {
            store,
            claimed,
            turn,
            claim_timeout: settings.claim_timeout,
            begin_timeout: settings.begin_timeout(),
            send_timeout: settings.send_timeout,
        };
        let session = checked.node.session(token);
        let sent = match &checked.invitee {
            Invitee::User(user_id) => {
                self.invite_user(&beginning, &session, &checked.room_id, user_id).await
            }
            Invitee::ThirdParty(id, at) => {
                self.invite_third_party(&beginning, session, &checked, id, at).await
            }
        };
        Ok(sent.map_or_else(|sent| sent, Sent::Ended))
    }

    async fn invite_user(
        &self,
        beginning: &Beginning<'_>,
        session: &Session,
        room_id: &RoomId,
        user_id: &UserId,
    ) -> Result<Ended, Sent> {
        let mut call = InviteUser::new(room_id.clone(), user_id.clone());
        if let Some(reason) = &beginning.claimed.reason {
            call = call.with_reason(reason);
        }
        let deadline = beginning.begin().await?;
        let sending = self.client.send(session, &call);
        let result = timeout_at(deadline, sending).await;
        Ok(Ended::of_user(result.unwrap_or_else(|_| Err(CallError::Transport(too_long())))))
    }

    async fn invite_third_party(
        &self,
        beginning: &Beginning<'_>,
        session: Session,
        checked: &Checked,
        id: &ThirdPartyId,
        at: &IdentityServerAt,
    ) -> Result<Ended, Sent> {
        let account = beginning.claimed.account();
        let mut flow = InviteFlow::new(session, checked.room_id.clone(), id.clone(), at.clone())
            .with_user_id(checked.user_id.clone());
        let kept =
            self.id_tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned();
        let token = match (kept, at) {
            (Some(kept), _) => Some(kept),
            (None, IdentityServerAt::Server { name, .. }) => {
                self.credentials.id_access_token(&checked.node, &checked.user_id, name).await
            }
            (None, IdentityServerAt::Discover(_)) => None,
        };
        if let Some(token) = token {
            flow = flow.with_id_access_token(token);
        }
        let result = self.run(&mut flow, beginning).await?;
        if let Some(token) = flow.id_access_token() {
            let mut tokens = self.id_tokens.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.insert(account, token.clone());
        }
        Ok(Ended::of_third_party(result))
    }

    /// Runs a flow, and records each of its invitations before it is sent.
    async fn run<F: Flow>(
        &self,
        flow: &mut F,
        beginning: &Beginning<'_>,
    ) -> Result<F::Outcome, Sent> {
        // Before the invitation, only the claim limits the time.
        let mut deadline = Instant::now() + beginning.send_timeout;
        loop {
            match flow.step() {
                Step::Send(outgoing) => {
                    if outgoing.is::<InviteBy3pid>() {
                        deadline = beginning.begin().await?;
                    }
                    let response = timeout_at(deadline, self.client.execute(outgoing)).await;
                    flow.received(response.unwrap_or_else(|_| Err(too_long())));
                }
                Step::Wait(delay) => {
                    tokio::time::sleep(delay).await;
                    flow.waited();
                }
                Step::Done(outcome) => return Ok(outcome),
            }
        }
    }
}

fn too_long() -> TransportError {
    let error = TransportError::from(TransportErrorKind::TotalTimeout);
    debug_assert_eq!(error.delivery(), Delivery::Unknown);
    error
}
