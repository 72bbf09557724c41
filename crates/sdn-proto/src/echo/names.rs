//! The names of members and headers that contain secrets.

use http::header::{
    AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION, SET_COOKIE,
};

/// The members of bodies and queries that contain secrets.
pub(super) const SECRET_NAMES: [&str; 10] = [
    "access_token",
    "app_token",
    "client_secret",
    "code",
    "ephemeral_private_key",
    "id_access_token",
    "password",
    "private_key",
    "refresh_token",
    "token",
];

/// Returns whether a member of a body or a query contains a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.contains(&name)
}

/// Returns whether a header contains a secret.
pub(crate) fn is_secret_header(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE].contains(name)
}
