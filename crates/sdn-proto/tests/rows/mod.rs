//! The calls, each with how its request is made of a case and how its output is shown.

mod inputs;
mod outputs;

use http::{Request, Response};
use inputs::*;
use outputs::*;
use sdn_proto::bytes::Bytes;
use sdn_proto::client::*;
use sdn_proto::error::InvalidInput;
use sdn_proto::identity::{self, *};
use sdn_proto::{ApiError, Call, IdentityServer, IdentitySession, Node, Session, client};
use serde_json::{Value, json};

use crate::common::text;

/// Each call: its file, how it is made of a request case, and how its output is shown.
#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    vec![
        row("client/discover", |_| Ok(Discover::new()), |c, found| discovery(c, &found)),
        row("client/get_invites", |c| Ok(GetInvites::new(get(c, "room_id")?)), |_, found| invites(&found)),
        row("client/get_third_party_invite", |c| Ok(GetThirdPartyInvite::new(get(c, "room_id")?, get(c, "token")?)), |_, found| json!(found)),
        row("client/get_versions", |_| Ok(client::GetVersions::new()), |_, found| versions(&found)),
        row("client/join_room", join_room, |_, room_id| json!({"room_id": room_id})),
        row("client/leave_room", leave_room, |_, ()| Value::Null),
        row("client/request_open_id_token", |c| Ok(RequestOpenIdToken::new(get(c, "user_id")?)), |_, token| open_id_token(&token)),
        row("client/revoke_third_party_invite", |c| Ok(RevokeThirdPartyInvite::new(get(c, "room_id")?, get(c, "token")?)), |_, id| json!({"event_id": id})),
        row("client/who_am_i", |_| Ok(WhoAmI::new()), |_, me| json!({"user_id": me.user_id, "device_id": me.device_id, "is_guest": me.is_guest})),
        row("identity/accept_terms", |c| Ok(AcceptTerms::new(read::<Vec<String>>(c, "user_accepts"))), |_, ()| Value::Null),
        row("identity/bind", |c| Ok(Bind::new(client_secret(c)?, get(c, "sid")?, get(c, "mxid")?)), |_, found| association(&found)),
        row("identity/get_account", |_| Ok(GetAccount::new()), |_, user_id| json!({"user_id": user_id})),
        row("identity/get_hash_details", |_| Ok(GetHashDetails::new()), |_, found| json!({"algorithms": found.algorithms, "lookup_pepper": found.lookup_pepper})),
        row("identity/get_public_key", |c| Ok(GetPublicKey::new(get(c, "key_id")?)), |_, key| json!({"public_key": key})),
        row("identity/get_status", |_| Ok(GetStatus::new()), |_, ()| Value::Null),
        row("identity/get_terms", |_| Ok(GetTerms::new()), |_, found| terms(&found)),
        row("identity/get_validated_3pid", |c| Ok(GetValidated3pid::new(client_secret(c)?, get(c, "sid")?)), |_, found| validated(&found)),
        row("identity/get_versions", |_| Ok(identity::GetVersions::new()), |_, found| versions(&found)),
        row("identity/is_ephemeral_key_valid", |c| Ok(IsEphemeralKeyValid::new(get(c, "public_key")?)), |_, valid| json!({"valid": valid})),
        row("identity/is_key_valid", |c| Ok(IsKeyValid::new(get(c, "public_key")?)), |_, valid| json!({"valid": valid})),
        row("identity/log_out", |_| Ok(LogOut::new()), |_, ()| Value::Null),
        row("identity/lookup", lookup, found),
        row("identity/on_bind", |c| Ok(OnBind::new(third_party_id(c)?, get(c, "mxid")?, read(c, "invites"))), |_, ()| Value::Null),
        row("identity/register", |c| Ok(Register::new(open_id_answer(c))), |_, token| json!({"token": token.expose()})),
        row("identity/request_email_token", request_email_token, |_, sid| json!({"sid": sid})),
        row("identity/request_msisdn_token", request_msisdn_token, |_, sid| json!({"sid": sid})),
        row("identity/sign_invite", sign_invite, |_, proof| signed(&proof)),
        row("identity/store_invite", |c| Ok(StoreInvite::new(third_party_id(c)?, get(c, "room_id")?, get(c, "sender")?)), |_, found| stored(&found)),
        row("identity/submit_email_token", |c| Ok(SubmitEmailToken::new(client_secret(c)?, get(c, "sid")?, validation_token(c)?)), |_, ()| Value::Null),
        row("identity/submit_msisdn_token", |c| Ok(SubmitMsisdnToken::new(client_secret(c)?, get(c, "sid")?, validation_token(c)?)), |_, ()| Value::Null),
        row("identity/unbind", |c| Ok(Unbind::new(get(c, "mxid")?, third_party_id(&c["threepid"])?, client_secret(c)?, get(c, "sid")?)), |_, ()| Value::Null),
    ]
}

pub(crate) struct Row {
    pub(crate) file: &'static str,
    pub(crate) request: Box<Build>,
    pub(crate) answer: Box<Answer>,
}

type Build = dyn Fn(&Value) -> Result<Request<Bytes>, Refusal>;
type Answer = dyn Fn(&Value, &Response<Vec<u8>>) -> Result<Value, ApiError>;

fn row<C: Call + 'static>(
    file: &'static str,
    build: fn(&Value) -> Result<C, Refusal>,
    show: fn(&Value, C::Output) -> Value,
) -> Row
where
    C::Server: Server,
{
    Row {
        file,
        request: Box::new(move |case| Ok(build(case)?.to_request(&C::Server::of(case)?))),
        answer: Box::new(move |case, response| {
            C::parse_response(response).map(|output| show(case, output))
        }),
    }
}

/// Why a request cannot be built, as the data has it.
pub(crate) struct Refusal(pub(crate) Value);

impl From<InvalidInput> for Refusal {
    fn from(error: InvalidInput) -> Self {
        Self(json!({"field": error.field(), "rule": error.rule().name()}))
    }
}

impl From<NoCommonAlgorithm> for Refusal {
    fn from(_: NoCommonAlgorithm) -> Self {
        Self(json!({"field": "algorithms", "rule": "not_offered"}))
    }
}

/// Who a case asks, and as whom.
trait Server: Sized {
    fn of(case: &Value) -> Result<Self, InvalidInput>;
}

impl Server for Node {
    fn of(case: &Value) -> Result<Self, InvalidInput> {
        Ok(Node::new(text(case, "node"))?.with_dialect(get(case, "dialect")?))
    }
}

impl Server for Session {
    fn of(case: &Value) -> Result<Self, InvalidInput> {
        Ok(Node::of(case)?.session(get(case, "access_token")?))
    }
}

impl Server for IdentityServer {
    fn of(case: &Value) -> Result<Self, InvalidInput> {
        let server = IdentityServer::new(text(case, "identity_server"))?;
        Ok(server.with_dialect(get(case, "dialect")?))
    }
}

impl Server for IdentitySession {
    fn of(case: &Value) -> Result<Self, InvalidInput> {
        Ok(IdentityServer::of(case)?.session(get(case, "id_access_token")?))
    }
}
