//! `POST validate/{email,msisdn}/requestToken` and `submitToken`, and `GET 3pid/getValidated3pid`: finding out whether a
//! user reads what is sent to an address.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{IdentityServer, address, args, keys, query, text};
use crate::answer::{Answer, Refusal};
use crate::request::Parsed;

/// When the first session was validated, in milliseconds since 1970; each later one was a second after the one before.
const FIRST_VALIDATED_MS: u64 = 1_700_000_000_000;

/// A validation in progress; its place in the server's list is its session ID.
pub(super) struct Session {
    pub(super) medium: &'static str,
    pub(super) address: String,
    client_secret: String,
    token: String,
    send_attempt: u64,
    /// How many messages with the token were sent.
    messages: usize,
    is_validated: bool,
}

/// Why a session is of no use to the caller.
pub(super) enum NoSession {
    /// No such session, or another client's.
    Unknown,
    NotValidated,
}

pub(super) fn request_email_token(server: &mut IdentityServer, request: &Parsed) -> Answer {
    server.user(request)?;
    let body = args(request, &["email", "client_secret", "send_attempt"])?;
    let email = text(&body, "email")?;
    let send = SendToken::new(&body)?;
    if !address::is_email(email) {
        return Err(Refusal::bad_request("M_INVALID_EMAIL", "Invalid email address"));
    }
    let sid = server.send_token("email", address::fold(email), &send);
    Ok(json!({ "sid": sid }))
}

pub(super) fn request_msisdn_token(server: &mut IdentityServer, request: &Parsed) -> Answer {
    server.user(request)?;
    let body = args(request, &["phone_number", "country", "client_secret", "send_attempt"])?;
    let (number, country) = (text(&body, "phone_number")?, text(&body, "country")?);
    let send = SendToken::new(&body)?;
    let msisdn = address::msisdn(number, country)
        .ok_or_else(|| Refusal::bad_request("M_INVALID_PHONE_NUMBER", "Invalid phone number"))?;
    let sid = server.send_token("msisdn", msisdn.clone(), &send);
    Ok(json!({ "success": true, "sid": sid, "msisdn": msisdn, "intl_fmt": format!("+{msisdn}") }))
}

/// Answers a failure with 200 too, as real servers do.
pub(super) fn submit_token(server: &mut IdentityServer, medium: &str, request: &Parsed) -> Answer {
    server.user(request)?;
    let body = args(request, &["token", "sid", "client_secret"])?;
    let secret = client_secret(text(&body, "client_secret")?)?;
    let failure =
        |errcode, error| Ok(json!({ "success": false, "errcode": errcode, "error": error }));
    let Some(session) = server.session_mut(text(&body, "sid")?) else {
        return failure("M_INVALID_PARAM", "The token doesn't match");
    };
    if session.client_secret != secret || session.medium != medium {
        let error = "Client secret does not match the one given when requesting the token";
        return failure("M_INVALID_PARAM", error);
    }
    if text(&body, "token")? != session.token {
        return failure("M_NO_VALID_SESSION", "No session could be found with this sid");
    }
    session.is_validated = true;
    Ok(json!({ "success": true }))
}

pub(super) fn get_validated(server: &IdentityServer, request: &Parsed) -> Answer {
    server.user(request)?;
    let [sid, secret] = query(request, ["sid", "client_secret"])?;
    let session = server.validated_session(sid, client_secret(secret)?)?;
    Ok(json!({
        "medium": session.medium,
        "address": session.address,
        "validated_at": validated_at(sid),
    }))
}

/// A time that is the same in every run: a world has no clock.
pub(super) fn validated_at(sid: &str) -> u64 {
    FIRST_VALIDATED_MS + 1000 * sid.parse::<u64>().unwrap_or_default()
}

/// What both calls for a token say beside where it goes.
struct SendToken<'a> {
    client_secret: &'a str,
    send_attempt: u64,
}

impl<'a> SendToken<'a> {
    fn new(body: &'a Map<String, Value>) -> Result<Self, Refusal> {
        let send_attempt = body["send_attempt"].as_u64().ok_or_else(|| {
            let error = format!("send_attempt should be an integer (got {}", body["send_attempt"]);
            Refusal::bad_request("M_INVALID_PARAM", &error)
        })?;
        Ok(SendToken { client_secret: client_secret(text(body, "client_secret")?)?, send_attempt })
    }
}

/// `[0-9a-zA-Z.=_-]{1,255}`.
pub(super) fn client_secret(text: &str) -> Result<&str, Refusal> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".=_-".contains(&byte);
    if (1..=255).contains(&text.len()) && text.bytes().all(is_allowed) {
        return Ok(text);
    }
    Err(Refusal::bad_request("M_INVALID_PARAM", "Invalid client_secret provided"))
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

impl IdentityServer {
    /// Sends a token, unless it was sent for this attempt already, and returns the session ID.
    fn send_token(
        &mut self,
        medium: &'static str,
        address: String,
        send: &SendToken<'_>,
    ) -> String {
        let is_same = |session: &Session| {
            (session.medium, &session.address, &*session.client_secret)
                == (medium, &address, send.client_secret)
        };
        let index = self.sessions.iter().position(is_same).unwrap_or_else(|| {
            self.sessions.push(Session {
                medium,
                client_secret: send.client_secret.to_owned(),
                token: keys::validation_token(&self.name, self.sessions.len()),
                send_attempt: 0,
                messages: 0,
                is_validated: false,
                address,
            });
            self.sessions.len() - 1
        });
        let session = &mut self.sessions[index];
        if send.send_attempt > session.send_attempt {
            session.send_attempt = send.send_attempt;
            session.messages += 1;
        }
        (index + 1).to_string()
    }

    /// The tokens that an address was sent, one for each message.
    pub(crate) fn validation_tokens(&self, medium: &str, address: &str) -> Vec<String> {
        let address = address::fold(address);
        self.sessions
            .iter()
            .filter(|session| session.medium == medium && session.address == address)
            .flat_map(|session| std::iter::repeat_n(session.token.clone(), session.messages))
            .collect()
    }

    fn session_mut(&mut self, sid: &str) -> Option<&mut Session> {
        self.sessions.get_mut(sid.parse::<usize>().ok()?.checked_sub(1)?)
    }

    pub(super) fn validated_session(
        &self,
        sid: &str,
        client_secret: &str,
    ) -> Result<&Session, NoSession> {
        let index = sid.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let session = index
            .and_then(|index| self.sessions.get(index))
            .filter(|session| session.client_secret == client_secret)
            .ok_or(NoSession::Unknown)?;
        if session.is_validated { Ok(session) } else { Err(NoSession::NotValidated) }
    }
}
