//! Selects the server and the endpoint of a request.
//!
//! To add an endpoint, write its function and add a row to [`ROUTES`].

use std::iter;

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::answer::{Answer, Refusal};
use crate::endpoint::client::{
    account, create, directory, invite, kick, login, membership, state, wallet,
};
use crate::endpoint::identity::{bind, lookup, pubkey, sign, store, terms, validate};
use crate::endpoint::{Call, Endpoint, discovery, federation, identity, versions};
use crate::model::State;
use crate::model::node::Family;
use crate::request::Parsed;

/// A method, a path, and the function that handles them.
struct Route {
    method: &'static str,
    /// The path after the prefix. `{version}` is any of [`client_versions`], and `{api}` is `v2` or
    /// `api/v1`; every other `{…}` is a parameter.
    path: &'static str,
    endpoint: Endpoint,
    /// The family of nodes that has it, if not all have it.
    only: Option<Family>,
}

/// Returns the versions of the client API that a node serves, all in the same way.
const fn client_versions(family: Family) -> &'static [&'static str] {
    match family {
        Family::Synapse => &["v3"],
        Family::Sdn => &["v3", "r0", "unstable"],
    }
}

/// All endpoints. If two rows match, the first one handles the request.
const ROUTES: &[Route] = &[
    get(".well-known/client", discovery::get),
    get("client/versions", versions::client),
    synapse(get("client/{version}/login", login::flows)),
    synapse(post("client/{version}/login", login::log_in)),
    sdn(get("client/{version}/address/{address}", wallet::dids)),
    sdn(post("client/{version}/did/pre_login1", wallet::pre_login)),
    sdn(post("client/{version}/did/login", wallet::log_in)),
    post("client/{version}/logout", login::log_out),
    get("client/{version}/account/whoami", account::whoami),
    post("client/{version}/user/{userId}/openid/request_token", account::request_openid_token),
    get("client/{version}/joined_rooms", membership::joined_rooms),
    get("client/{version}/directory/room/{roomAlias}", directory::room),
    post("client/{version}/createRoom", create::room),
    sdn(post("client/sendmessbywallet/{address}", create::for_wallet)),
    post("client/{version}/rooms/{roomId}/invite", invite::post),
    post("client/{version}/rooms/{roomId}/kick", kick::post),
    post("client/{version}/rooms/{roomId}/join", membership::join),
    post("client/{version}/join/{roomIdOrAlias}", membership::join_by_id_or_alias),
    post("client/{version}/rooms/{roomId}/leave", membership::leave),
    get("client/{version}/rooms/{roomId}/state", state::all),
    get("client/{version}/rooms/{roomId}/state/{eventType}/{stateKey}", state::one),
    put("client/{version}/rooms/{roomId}/state/{eventType}/{stateKey}", state::put),
    put("federation/v1/3pid/onbind", federation::onbind),
    get("identity/versions", versions::identity),
    get("identity/{api}", versions::ping),
    get("identity/v2/account", identity::account::get),
    post("identity/v2/account/register", identity::account::register),
    post("identity/v2/account/logout", identity::account::log_out),
    get("identity/v2/terms", terms::get),
    post("identity/v2/terms", terms::accept),
    get("identity/v2/hash_details", lookup::hash_details),
    post("identity/v2/lookup", lookup::lookup),
    get("identity/api/v1/lookup", lookup::lookup_one),
    post("identity/{api}/store-invite", store::post),
    get("identity/{api}/pubkey/isvalid", pubkey::is_valid),
    get("identity/{api}/pubkey/ephemeral/isvalid", pubkey::is_valid_ephemeral),
    get("identity/{api}/pubkey/{keyId}", pubkey::get),
    post("identity/{api}/sign-ed25519", sign::post),
    post("identity/{api}/validate/email/requestToken", validate::request_email_token),
    post("identity/{api}/validate/email/submitToken", validate::submit_email_token),
    post("identity/{api}/validate/msisdn/requestToken", validate::request_msisdn_token),
    post("identity/{api}/validate/msisdn/submitToken", validate::submit_msisdn_token),
    get("identity/{api}/3pid/getValidated3pid", validate::get_validated),
    post("identity/{api}/3pid/bind", bind::bind),
    post("identity/{api}/3pid/unbind", bind::unbind),
];

const fn get(path: &'static str, endpoint: Endpoint) -> Route {
    Route { method: "GET", path, endpoint, only: None }
}

const fn post(path: &'static str, endpoint: Endpoint) -> Route {
    Route { method: "POST", path, endpoint, only: None }
}

const fn put(path: &'static str, endpoint: Endpoint) -> Route {
    Route { method: "PUT", path, endpoint, only: None }
}

/// Returns a row that only Synapse-like nodes have.
const fn synapse(route: Route) -> Route {
    Route { only: Some(Family::Synapse), ..route }
}

/// Returns a row that only SDN-like nodes have.
const fn sdn(route: Route) -> Route {
    Route { only: Some(Family::Sdn), ..route }
}

impl Route {
    /// Returns the parameters of a path that this row matches, at a node of this family.
    fn params<'a>(
        &self,
        family: Option<Family>,
        surface: &'a str,
        rest: &[&'a str],
    ) -> Option<Vec<&'a str>> {
        if self.only.is_some() && self.only != family {
            return None;
        }
        let mut params = Vec::new();
        let mut segments = iter::once(surface).chain(rest.iter().copied());
        for part in self.path.split('/') {
            let segment = segments.next()?;
            match part {
                "{version}" if client_versions(family?).contains(&segment) => {}
                "{version}" => return None,
                "{api}" if segment == "v2" => {}
                "{api}" if segment == "api" && segments.next() == Some("v1") => {}
                "{api}" => return None,
                part if part.starts_with('{') => params.push(segment),
                part if part == segment => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(params)
    }
}

/// Handles a request at the server that it is for.
pub(crate) fn route(state: &mut State, request: &Request<Bytes>) -> Answer {
    let request = &Parsed::new(request).ok_or_else(Refusal::no_such_resource)?;
    let segments: Vec<_> = request.path.iter().map(String::as_str).collect();
    let (prefix, surface, rest) = match segments.as_slice() {
        [
            prefix @ ("_api" | "_matrix"),
            surface @ ("client" | "federation" | "identity"),
            rest @ ..,
        ] => (*prefix, *surface, rest),
        [".well-known", "sdn" | "api", rest @ ..] => ("_api", ".well-known", rest),
        [".well-known", "matrix", rest @ ..] => ("_matrix", ".well-known", rest),
        _ => return Err(Refusal::no_such_resource()),
    };
    let server = server(state, request.host(), surface).ok_or_else(Refusal::no_such_resource)?;
    let family = (surface != "identity").then(|| state.nodes[server].family);
    if segments.starts_with(&[".well-known", "api"]) && family != Some(Family::Sdn) {
        return Err(Refusal::no_such_resource());
    }
    let mut is_path_known = false;
    for route in ROUTES {
        let Some(params) = route.params(family, surface, rest) else { continue };
        if route.method == request.method() {
            return (route.endpoint)(state, &Call { request, prefix, server, params });
        }
        is_path_known = true;
    }
    Err(match surface {
        "identity" if is_path_known => no_such_method(request.method()),
        "client" | "federation" if is_path_known => Refusal::wrong_method(),
        "client" | "federation" => Refusal::unrecognized(),
        _ => Refusal::no_such_resource(),
    })
}

/// Returns the index of the node or identity server that a request is for.
///
/// If the host is not a server of the world, that is the first server of this kind.
fn server(state: &State, host: &str, surface: &str) -> Option<usize> {
    let (node, identity_server) = (state.node_index(host), state.identity_server_index(host));
    let (named, count) = match surface {
        "identity" => (identity_server, state.identity_servers.len()),
        _ => (node, state.nodes.len()),
    };
    let is_of_the_world = node.is_some() || identity_server.is_some();
    if is_of_the_world { named } else { (count > 0).then_some(0) }
}

/// Real identity servers respond differently to methods that no endpoint has.
fn no_such_method(method: &str) -> Refusal {
    let (status, title) = match method {
        "GET" | "HEAD" | "POST" => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        _ => (StatusCode::NOT_IMPLEMENTED, "Huh?"),
    };
    Refusal::Page { status, title, text: format!("I don't know how to treat a {method} request.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::node::Discovery;

    /// Requests the path of a row without a token, in a world with one server of each kind.
    fn call(method: &str, path: &str, family: Family) -> Answer {
        let mut state = State::default();
        let node = state.node("node.example");
        node.family = family;
        let url = "https://node.example/".to_owned();
        node.discovery = Some(Discovery { node: url, identity_server: None });
        state.identity_server("id.example");
        let path = path.replace(['{', '}'], "");
        let path = match path.strip_prefix(".well-known/") {
            Some(name) => format!("/.well-known/sdn/{name}"),
            None => format!("/_api/{path}"),
        };
        super::route(
            &mut state,
            &Request::builder().method(method).uri(path).body(Bytes::new()).unwrap(),
        )
    }

    fn is_unknown(answer: &Answer) -> bool {
        match answer {
            Err(Refusal::Error { body, .. }) => body["errcode"] == "M_UNRECOGNIZED",
            Err(Refusal::Page { .. }) => true,
            Ok(_) => false,
        }
    }

    #[test]
    fn every_row_answers_its_method() {
        for (route, family) in
            ROUTES.iter().flat_map(|route| [(route, Family::Synapse), (route, Family::Sdn)])
        {
            for (version, api) in
                client_versions(family).iter().zip(["v2", "api/v1"].iter().cycle())
            {
                let path = route.path.replace("{version}", version).replace("{api}", api);
                let is_served = route.only.is_none() || route.only == Some(family);
                let answer = call(route.method, &path, family);
                assert_eq!(!is_unknown(&answer), is_served, "{} {path}: {answer:?}", route.method);
                let answer = call("DELETE", &path, family);
                assert!(is_unknown(&answer), "{path}: {answer:?}");
            }
        }
    }
}
