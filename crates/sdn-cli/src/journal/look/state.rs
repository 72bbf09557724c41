//! What a room's state says about people.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::client::GetInvites;
use sdn_proto::{ApiError, Call, RoomId, Session, response};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The users and invitations in a room's state.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The membership of each user.
    pub(super) members: HashMap<String, String>,
    /// The names of invitations that were not revoked, by the same in lower case.
    pub(super) display_names: BTreeMap<String, String>,
}

/// Reads a room's state as [`GetInvites`] does, and keeps every membership.
///
/// Nodes leave an accepted invitation in the state, so it is found too.
pub(super) struct GetState(GetInvites);

impl GetState {
    pub(super) fn new(room_id: RoomId) -> Self {
        Self(GetInvites::new(room_id))
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    state_key: String,
    content: Member,
}

#[derive(Deserialize)]
struct Member {
    membership: String,
}

impl Call for GetState {
    type Server = Session;
    type Output = State;

    sdn_proto::endpoint!(GET "/client/v3/rooms/{roomId}/state");

    const MAX_RESPONSE_BYTES: usize = GetInvites::MAX_RESPONSE_BYTES;

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        self.0.to_request(session)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<State, ApiError> {
        let pending = GetInvites::parse_response(response)?.pending.into_iter();
        let names = pending.map(|invite| invite.content.display_name);
        let events: Vec<&RawValue> = response::json(response)?;
        let members = events.into_iter().filter_map(|event| {
            let event: Event<'_> = serde_json::from_str(event.get()).ok()?;
            let is_member = event.kind == "m.room.member";
            is_member.then_some((event.state_key, event.content.membership))
        });
        Ok(State {
            members: members.collect(),
            display_names: names.map(|name| (name.to_lowercase(), name)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_events_are_skipped() {
        let state = r#"[
            1, null, [], {}, {"type": "m.room.member"},
            {"type": "m.room.member", "state_key": "@a:b", "content": {}},
            {"type": "m.room.member", "state_key": "@c:d", "content": {"membership": 1}},
            {"type": "x", "state_key": "@e:f", "content": {"membership": "join"}},
            {"type": "m.room.third_party_invite", "state_key": "t", "sender": "@a:b", "content": {}},
            {"type": "m.room.\u006dember", "state_key": "@g:h", "content": {"membership": "join"}}
        ]"#;
        let state = GetState::parse_response(&Response::new(state)).unwrap();
        assert_eq!(state.members, HashMap::from([("@g:h".to_owned(), "join".to_owned())]));
        assert!(state.display_names.is_empty());
        for bad in ["", "{}", "null", "[", "[{]"] {
            assert!(GetState::parse_response(&Response::new(bad)).is_err(), "{bad}");
        }
    }
}
