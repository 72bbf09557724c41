//! The supported versions of a server, and whether it is reachable.

use serde_json::json;

use super::{Answer, Call, State};
use crate::model::node::Family;

/// `GET client/versions`.
///
/// An SDN-like node lists neither `r0.6.0` nor `m.id_access_token`, so some clients do not send it
/// one.
pub(crate) fn client(world: &mut State, call: &Call<'_>) -> Answer {
    let versions: &[_] = match world.nodes[call.server].family {
        Family::Synapse => &["v1.11", "v1.12"],
        Family::Sdn => &[
            "r0.0.1", "r0.1.0", "r0.2.0", "r0.3.0", "r0.4.0", "r0.5.0", "r0.6.1", "v1.0", "v1.1",
            "v1.2",
        ],
    };
    Ok(json!({ "versions": versions, "unstable_features": {} }))
}

/// `GET identity/versions`.
pub(crate) fn identity(_: &mut State, _: &Call<'_>) -> Answer {
    Ok(json!({ "versions": ["v1.11", "v1.12"] }))
}

/// `GET identity/v2`: shows that the server is reachable.
pub(crate) fn ping(_: &mut State, _: &Call<'_>) -> Answer {
    Ok(json!({}))
}
