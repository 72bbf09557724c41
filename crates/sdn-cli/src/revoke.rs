//! `sdn revoke`.

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::client::Kick;
use sdn_proto::flow::{RevokeError, RevokeFlow, Revoked};
use sdn_proto::id::InviteToken;
use sdn_proto::{
    ApiError, Call, CallError, Delivery, ErrorCode, InviteStatus, RoomId, Server, Session, UserId,
    response,
};
use serde::Deserialize;

use crate::args::RevokeArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::failure::{advice, with_advice, with_sources};
use crate::input::Problems;
use crate::invitee::{self, Kind};
use crate::output::{Output, json_object, printable, report};
use crate::room::Room;

/// The invitation to withdraw.
enum Invitation {
    ThirdParty(InviteToken),
    User(UserId),
}

impl Invitation {
    fn parse(text: &str) -> Result<Self, String> {
        match Kind::of(text) {
            Kind::User | Kind::Wallet | Kind::LongHex | Kind::Did | Kind::Link => {
                invitee::user(text).map(Self::User)
            }
            Kind::Email | Kind::Phone | Kind::Unclear => {
                InviteToken::new(text).map(Self::ThirdParty).map_err(|_| NO_INVITATION.to_owned())
            }
        }
    }
}

const NO_INVITATION: &str = "expects a user ID, or a token as `sdn pending` prints it";

pub(crate) fn run(args: &RevokeArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let room = problems.keep("ROOM", Room::parse(&args.room));
    let invitation = Invitation::parse(&args.invitation);
    let invitation = problems.keep("TOKEN or USER", invitation);
    let connection = Connection::check(&args.connection, false, &mut problems);
    let checked = room.zip(invitation).zip(connection);
    let ((room, invitation), connection) = problems.finish(checked)?;
    let connection = connection.located()?;
    let (driver, session) = (connection.driver(), connection.session);
    block_on(async {
        let room_id = room.find(&driver, &session).await?;
        let (member, name, missing, outcome) = match invitation {
            Invitation::ThirdParty(token) => {
                let flow = RevokeFlow::new(session, room_id, token.clone());
                let flow = flow.with_wait_budget(driver.wait);
                ("token", token.to_string(), NO_TOKEN, driver.run(flow).await)
            }
            Invitation::User(user_id) => {
                let outcome = withdraw(&driver, &session, room_id, user_id.clone()).await;
                ("user_id", user_id.to_string(), NO_USER, outcome)
            }
        };
        let (word, message, exit) = ended(&outcome, missing);
        let line = if args.json {
            json_object([
                (member, Some(name.into())),
                ("outcome", Some(word.into())),
                ("message", message.map(Into::into)),
            ])
        } else {
            if let Some(message) = message {
                report(format_args!("sdn: {message}"));
            }
            format!("{}  {}", word.replace('_', " "), printable(&name))
        };
        exit.unless_unwritten(output.line(&line))
    })
}

const NO_TOKEN: &str = "the room has no such invitation; run `sdn pending` to list those it has";
const NO_USER: &str = "the user has no open invitation to this room, so nothing was changed";

/// Returns the outcome: a word, a message after a failure, and the exit status.
fn ended(
    outcome: &Result<Revoked, RevokeError>,
    missing: &str,
) -> (&'static str, Option<String>, Exit) {
    let error = match outcome {
        Ok(Revoked::Now) => return ("revoked", None, Exit::Success),
        Ok(Revoked::Before) => return ("revoked_before", None, Exit::Success),
        Ok(_) => return ("not_found", Some(missing.to_owned()), Exit::SomeRefused),
        Err(error) => error,
    };
    let status = match error {
        RevokeError::Refused(error) => InviteStatus::from(error),
        RevokeError::Unknown(_) => InviteStatus::Unknown,
        _ => InviteStatus::NotSent,
    };
    let message = with_advice(with_sources(error), error.api_error().and_then(advice));
    (status.as_str(), Some(message), status.into())
}

/// Withdraws the invitation of a user. It reads the membership first, because the call would also
/// remove a member.
async fn withdraw(
    driver: &Driver,
    session: &Session,
    room_id: RoomId,
    user_id: UserId,
) -> Result<Revoked, RevokeError> {
    let look = GetMembership { room_id: room_id.clone(), user_id: user_id.clone() };
    let membership = match driver.send(session, &look).await {
        Ok(membership) => membership,
        Err(CallError::Api(error)) if error.code() == Some(&ErrorCode::NotFound) => {
            return Ok(Revoked::NotFound);
        }
        Err(error) => return Err(RevokeError::Before(error)),
    };
    match &*membership {
        "invite" => match driver.send(session, &Kick::new(room_id, user_id)).await {
            Ok(()) => Ok(Revoked::Now),
            Err(error) if error.delivery() == Delivery::Unknown => Err(RevokeError::Unknown(error)),
            Err(CallError::Api(error)) => Err(RevokeError::Refused(error)),
            Err(CallError::Transport(error)) => Err(RevokeError::NotSent(error)),
        },
        "leave" => Ok(Revoked::Before),
        _ => Ok(Revoked::NotFound),
    }
}

/// Reads a user's membership of a room.
///
/// `GET /{prefix}/client/v3/rooms/{roomId}/state/m.room.member/{userId}`
struct GetMembership {
    room_id: RoomId,
    user_id: UserId,
}

impl Call for GetMembership {
    type Server = Session;
    type Output = String;

    sdn_proto::endpoint!(GET "/client/v3/rooms/{roomId}/state/m.room.member/{userId}");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[self.room_id.as_str(), self.user_id.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<String, ApiError> {
        #[derive(Deserialize)]
        struct Member {
            membership: String,
        }
        response::object(response).map(|Member { membership }| membership)
    }
}
