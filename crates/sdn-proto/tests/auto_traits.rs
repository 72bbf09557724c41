//! Every public type can be sent to and shared with another thread, and the error types are `'static` errors.

use std::error::Error;

fn shared<T: Send + Sync + Unpin + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}
fn value<T: Clone + Send + Sync + Unpin + 'static>() {}

#[test]
fn auto_traits() {
    value::<sdn_proto::RoomId>();
    value::<sdn_proto::UserId>();
    value::<sdn_proto::ServerName>();
    value::<sdn_proto::Medium>();
    value::<sdn_proto::ThirdPartyId>();
    value::<sdn_proto::AccessToken>();
    value::<sdn_proto::IdAccessToken>();
    value::<sdn_proto::Node>();
    value::<sdn_proto::Session>();
    value::<sdn_proto::Dialect>();
    value::<sdn_proto::InviteBy3pid>();
    value::<sdn_proto::InviteUser>();
    value::<sdn_proto::ErrorCode>();
    value::<sdn_proto::RetryAfter>();
    value::<sdn_proto::Delivery>();
    shared::<sdn_proto::ApiErrorKind>();
    shared::<sdn_proto::Redacted<'static, sdn_proto::http::Request<sdn_proto::bytes::Bytes>>>();
    error::<sdn_proto::InvalidInput>();
    error::<sdn_proto::ApiError>();
    error::<sdn_proto::CallError<std::io::Error>>();
}
