//! Which versions a server speaks, and whether it is there.

use serde_json::json;

use super::{Answer, Call, State};

/// `GET client/versions`.
pub(crate) fn client(_: &mut State, _: &Call<'_>) -> Answer {
    Ok(json!({ "versions": ["v1.11", "v1.12"], "unstable_features": {} }))
}

/// `GET identity/versions`.
pub(crate) fn identity(_: &mut State, _: &Call<'_>) -> Answer {
    Ok(json!({ "versions": ["v1.11", "v1.12"] }))
}

/// `GET identity/v2`: shows that the server is there.
pub(crate) fn ping(_: &mut State, _: &Call<'_>) -> Answer {
    Ok(json!({}))
}
