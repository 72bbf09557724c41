//! The cases with sdn-proto.

use std::hint::black_box;

use http::Response;
use sdn_proto::{
    AccessToken, InvalidInput, InviteBy3pid, InviteUser, Node, RoomId, Session, UserId,
};

use crate::Measure;
use crate::input::Invitation;

const VALID: &str = "the input is valid";

fn session(input: &Invitation) -> Result<Session, InvalidInput> {
    Ok(Node::new(input.node)?.session(AccessToken::new(input.access_token)?))
}

pub fn invite_by_3pid(input: &Invitation, measure: Measure<'_>) {
    let session = session(input).expect(VALID);
    let call = InviteBy3pid::from_parts(
        input.room_id,
        input.address,
        input.id_access_token,
        input.id_server,
        input.medium,
    )
    .expect(VALID);
    // A session is used for many calls; only the first of them pays for sharing its parts.
    drop(call.to_request(&session));
    let mut request = None;
    measure(&mut || request = Some(black_box(&call).to_request(black_box(&session))));
    assert!(request.is_some());
}

pub fn invite_user(input: &Invitation, measure: Measure<'_>) {
    let session = session(input).expect(VALID);
    let room_id = RoomId::new(input.room_id).expect(VALID);
    let user_id = UserId::new(input.user_id).expect(VALID);
    let call = InviteUser::new(room_id, user_id).with_reason(input.reason);
    // A session is used for many calls; only the first of them pays for sharing its parts.
    drop(call.to_request(&session));
    let mut request = None;
    measure(&mut || request = Some(black_box(&call).to_request(black_box(&session))));
    assert!(request.is_some());
}

pub fn parse(response: Response<Vec<u8>>, measure: Measure<'_>) {
    let mut result = None;
    measure(&mut || result = Some(InviteBy3pid::parse_response(black_box(&response))));
    assert_eq!(result.map(|result| result.is_ok()), Some(response.status() == 200));
}
