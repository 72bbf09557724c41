//! The cases with ruma-client-api.

use std::borrow::Cow;
use std::hint::black_box;

use http::Response;
use ruma_client_api::membership::Invite3pidInit;
use ruma_client_api::membership::invite_user::v3::{self, InvitationRecipient, InviteUserId};
use ruma_common::api::auth_scheme::SendAccessToken;
use ruma_common::api::error::IntoHttpError;
use ruma_common::api::{
    IncomingResponseExt as _, MatrixVersion, OutgoingRequestExt as _, SupportedVersions,
};

use crate::Measure;
use crate::input::Invitation;

const VALID: &str = "the input is valid";

pub fn invite_by_3pid(input: &Invitation, measure: Measure<'_>) {
    build(input, by_3pid(input), measure);
}

fn by_3pid(input: &Invitation) -> InvitationRecipient {
    let recipient = Invite3pidInit {
        id_server: input.id_server.into(),
        id_access_token: input.id_access_token.into(),
        medium: input.medium.into(),
        address: input.address.into(),
    };
    InvitationRecipient::ThirdPartyId(recipient.into())
}

pub fn invite_user(input: &Invitation, measure: Measure<'_>) {
    let mut recipient = InviteUserId::new(input.user_id.try_into().expect(VALID));
    recipient.reason = Some(input.reason.into());
    build(input, InvitationRecipient::UserId(recipient), measure);
}

fn build(input: &Invitation, recipient: InvitationRecipient, measure: Measure<'_>) {
    let versions = versions();
    let mut call = Some(call(input, recipient));
    let mut request = None;
    measure(&mut || request = call.take().map(|call| to_request(call, input, &versions)));
    assert!(request.is_some_and(|request| request.is_ok()));
}

pub fn from_parts(input: &Invitation, measure: Measure<'_>) {
    let versions = versions();
    let mut request = None;
    measure(&mut || {
        let call = call(black_box(input), by_3pid(black_box(input)));
        request = Some(to_request(call, input, &versions));
    });
    assert!(request.is_some_and(|request| request.is_ok()));
}

fn versions() -> SupportedVersions {
    SupportedVersions { versions: [MatrixVersion::V1_1].into(), features: Default::default() }
}

fn call(input: &Invitation, recipient: InvitationRecipient) -> v3::Request {
    v3::Request::new(input.room_id.try_into().expect(VALID), recipient)
}

fn to_request(
    call: v3::Request,
    input: &Invitation,
    versions: &SupportedVersions,
) -> Result<http::Request<Vec<u8>>, IntoHttpError> {
    call.try_into_http_request(
        black_box(input.node),
        SendAccessToken::IfRequired(black_box(input.access_token)),
        Cow::Borrowed(black_box(versions)),
    )
}

pub fn parse(response: Response<Vec<u8>>, measure: Measure<'_>) {
    let is_success = response.status() == 200;
    let (parts, body) = response.into_parts();
    let mut response = Some(Response::from_parts(parts, &body[..]));
    let mut result = None;
    measure(&mut || result = response.take().map(v3::Response::try_from_http_response));
    assert_eq!(result.map(|result| result.is_ok()), Some(is_success));
}
