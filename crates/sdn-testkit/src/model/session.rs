//! Validation sessions, which prove that a user can read messages to an address.

use http::StatusCode;

use super::{address, keys};
use crate::answer::Refusal;

/// When the first session was validated, in milliseconds since 1970. Each next one is a second later.
///
/// It is the same in every run, because a world has no clock.
const FIRST_VALIDATED_MS: u64 = 1_700_000_001_000;

/// The sessions of an identity server. A session's ID is its position in the list, counted from 1.
#[derive(Default)]
pub(crate) struct Sessions(Vec<Session>);

pub(crate) struct Session {
    pub(crate) medium: &'static str,
    pub(crate) address: String,
    pub(crate) client_secret: String,
    pub(crate) token: String,
    pub(crate) is_validated: bool,
    pub(crate) validated_at: u64,
    send_attempt: u64,
    /// The number of messages that were sent with the token.
    messages: usize,
}

/// Why the caller cannot use a session.
pub(crate) enum NoSession {
    /// The session does not exist, or belongs to another client.
    Unknown,
    NotValidated,
}

impl Sessions {
    /// Sends a token, unless it was already sent for this attempt. Returns the session ID.
    pub(crate) fn send_token(
        &mut self,
        server: &str,
        medium: &'static str,
        address: String,
        client_secret: &str,
        send_attempt: u64,
    ) -> String {
        let is_same = |session: &Session| {
            (session.medium, &session.address, &*session.client_secret)
                == (medium, &address, client_secret)
        };
        let index = self.0.iter().position(is_same).unwrap_or_else(|| {
            let index = self.0.len();
            self.0.push(Session {
                medium,
                client_secret: client_secret.to_owned(),
                token: keys::validation_token(server, index),
                is_validated: false,
                validated_at: FIRST_VALIDATED_MS + 1000 * index as u64,
                send_attempt: 0,
                messages: 0,
                address,
            });
            index
        });
        let session = &mut self.0[index];
        if send_attempt > session.send_attempt {
            session.send_attempt = send_attempt;
            session.messages += 1;
        }
        (index + 1).to_string()
    }

    /// Returns the tokens that were sent to an address, one for each message.
    pub(crate) fn tokens(&self, medium: &str, address: &str) -> Vec<String> {
        let address = address::fold(address);
        self.0
            .iter()
            .filter(|session| session.medium == medium && session.address == address)
            .flat_map(|session| std::iter::repeat_n(session.token.clone(), session.messages))
            .collect()
    }

    pub(crate) fn get_mut(&mut self, sid: &str) -> Option<&mut Session> {
        self.0.get_mut(index(sid)?)
    }

    pub(crate) fn validated(&self, sid: &str, client_secret: &str) -> Result<&Session, NoSession> {
        let session = index(sid)
            .and_then(|index| self.0.get(index))
            .filter(|session| session.client_secret == client_secret)
            .ok_or(NoSession::Unknown)?;
        if session.is_validated { Ok(session) } else { Err(NoSession::NotValidated) }
    }
}

fn index(sid: &str) -> Option<usize> {
    sid.parse::<usize>().ok()?.checked_sub(1)
}

impl From<NoSession> for Refusal {
    fn from(reason: NoSession) -> Self {
        match reason {
            NoSession::Unknown => Refusal::new(
                StatusCode::NOT_FOUND,
                "M_NO_VALID_SESSION",
                "No valid session was found matching that sid and client secret",
            ),
            NoSession::NotValidated => Refusal::bad_request(
                "M_SESSION_NOT_VALIDATED",
                "This validation session has not yet been completed",
            ),
        }
    }
}
