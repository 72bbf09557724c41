//! The cases with sdn-proto.

use std::hint::black_box;

use bytes::Bytes;
use http::{Request, Response};
use sdn_proto::{
    AccessToken, Call, InvalidInput, InviteBy3pid, InviteUser, Node, RoomId, Session, UserId,
};

use crate::Measure;
use crate::input::Invitation;

const VALID: &str = "the input is valid";

fn session(input: &Invitation) -> Session {
    let token = AccessToken::new(input.access_token).expect(VALID);
    let session = Node::new(input.node).expect(VALID).session(token);
    // Only the first call of a session pays for sharing its parts.
    drop(to_user(input).to_request(&session));
    session
}

fn by_3pid(input: &Invitation) -> Result<InviteBy3pid, InvalidInput> {
    InviteBy3pid::from_strings(
        input.room_id,
        input.address,
        input.id_access_token,
        input.id_server,
        input.medium,
    )
}

fn to_user(input: &Invitation) -> InviteUser {
    let room_id = RoomId::new(input.room_id).expect(VALID);
    InviteUser::new(room_id, UserId::new(input.user_id).expect(VALID)).with_reason(input.reason)
}

/// Returns the request that every library has to build for a third-party invitation.
pub fn request_by_3pid(input: &Invitation) -> Request<Bytes> {
    by_3pid(input).expect(VALID).to_request(&session(input))
}

/// Returns the request that every library has to build for a user.
pub fn request_to_user(input: &Invitation) -> Request<Bytes> {
    to_user(input).to_request(&session(input))
}

pub fn invite_by_3pid(input: &Invitation, measure: Measure<'_>) {
    let (session, call) = (session(input), by_3pid(input).expect(VALID));
    let mut request = None;
    measure(&mut || request = Some(black_box(&call).to_request(black_box(&session))));
    assert!(request.is_some());
}

pub fn invite_user(input: &Invitation, measure: Measure<'_>) {
    let (session, call) = (session(input), to_user(input));
    let mut request = None;
    measure(&mut || request = Some(black_box(&call).to_request(black_box(&session))));
    assert!(request.is_some());
}

pub fn from_parts(input: &Invitation, measure: Measure<'_>) {
    let session = session(input);
    let mut request = None;
    measure(&mut || {
        request = by_3pid(black_box(input)).ok().map(|call| call.to_request(black_box(&session)));
    });
    assert!(request.is_some());
}

pub fn parse(response: Response<Vec<u8>>, measure: Measure<'_>) {
    let mut result = None;
    measure(&mut || result = Some(InviteBy3pid::parse_response(black_box(&response))));
    assert_eq!(result.map(|result| result.is_ok()), Some(response.status() == 200));
}
