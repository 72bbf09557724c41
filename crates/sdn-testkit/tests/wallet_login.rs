//! Logins with a wallet at an SDN-like node.

mod common;

use bytes::Bytes;
use common::*;
use http::{Method, Response};
use sdn_testkit::{Wallet, World};
use serde_json::{Value, json};

const NODE: &str = "node.example";

/// A world with an SDN-like node where nobody has logged in.
struct Wallets(Setting);

impl Wallets {
    fn new() -> Self {
        let world = World::new();
        world.add_sdn_node(NODE);
        Wallets(Setting {
            world,
            token: String::new(),
            id_token: String::new(),
            room: String::new(),
        })
    }

    fn post(&self, path: &str, body: &Value) -> Response<Bytes> {
        let path = format!("/_api/client/unstable/{path}");
        self.0.call(Method::POST, &path, None, &body.to_string())
    }

    fn dids(&self, wallet: &Wallet) -> Value {
        let path = format!("/_api/client/unstable/address/{}", wallet.address());
        json(&self.0.call(Method::GET, &path, None, ""))["data"].clone()
    }

    /// Requests a challenge for a wallet without a DID.
    fn pre_login(&self, wallet: &Wallet) -> Value {
        let response = self.post("did/pre_login1", &json!({ "address": wallet.address() }));
        assert_eq!(response.status(), 200, "{response:?}");
        json(&response)
    }

    fn log_in(&self, body: &Value) -> Response<Bytes> {
        self.post("did/login", body)
    }
}

/// Returns the login body for a signed challenge.
fn answer(challenge: &Value, wallet: &Wallet) -> Value {
    let message = challenge["message"].as_str().unwrap();
    json!({
        "type": "m.login.did.identity",
        "updated": challenge["updated"],
        "random_server": challenge["random_server"],
        "identifier": {
            "did": challenge["did"],
            "address": wallet.address(),
            "message": message,
            "token": wallet.sign(message),
        },
    })
}

#[track_caller]
fn assert_not_logged_in(wallets: &Wallets, body: &Value, error: &str) {
    assert_refused(&wallets.log_in(body), 403, "M_FORBIDDEN", error);
    assert_eq!(wallets.dids(&alice()), json!([]));
}

const STALE: &str = "The challenge is not known, was used or is too old";
const NOT_THE_WALLET: &str = "The signature is not the wallet's";

#[test]
fn new_wallet_gets_did_at_login() {
    let wallets = Wallets::new();
    assert_eq!(wallets.dids(&alice()), json!([]));
    let challenge = wallets.pre_login(&alice());
    assert_eq!(challenge["did"], format!("did:pkh:eip155:1:{}", alice().address()));
    let mut body = answer(&challenge, &alice());
    body["device_id"] = json!("PHONE");
    body["initial_device_display_name"] = json!("A phone");
    let login = json(&wallets.log_in(&body));
    assert_eq!(
        (&login["user_id"], &login["device_id"]),
        (&json!(alice().user_id()), &json!("PHONE"))
    );
    let did = format!("did:sdn:{}", &alice().address()[2..]);
    assert_eq!(wallets.dids(&alice()), json!([did]));
    assert_eq!(wallets.dids(&bob()), json!([]));

    let token = login["access_token"].as_str();
    let whoami = wallets.0.call(Method::GET, "/_api/client/v3/account/whoami", token, "");
    assert_eq!(json(&whoami)["user_id"], alice().user_id());
    assert_eq!(json(&whoami)["device_id"], "PHONE");
    assert_ok(&wallets.0.call(Method::POST, "/_api/client/r0/logout", token, ""));
    let whoami = wallets.0.call(Method::GET, "/_api/client/v3/account/whoami", token, "");
    assert_refused(&whoami, 401, "M_UNKNOWN_TOKEN", "Unknown token");
}

#[test]
fn known_wallet_logs_in_with_did() {
    let wallets = Wallets::new();
    let first = wallets.0.world.add_wallet(NODE, &alice());
    let did = wallets.dids(&alice())[0].clone();
    let challenge = json(&wallets.post("did/pre_login1", &json!({ "did": did, "address": "" })));
    assert_eq!(challenge["did"], did);
    let login = json(&wallets.log_in(&answer(&challenge, &alice())));
    assert_eq!(login["user_id"], alice().user_id());
    assert_ne!(login["access_token"], first);
    assert_eq!(login["device_id"].as_str().unwrap().len(), 10);
    let by_address = wallets.pre_login(&alice());
    assert_eq!(by_address["did"], did);
    assert_ne!(by_address["message"], challenge["message"]);
}

#[test]
fn device_has_one_token() {
    let wallets = Wallets::new();
    let logins = [(); 2].map(|()| {
        let mut body = answer(&wallets.pre_login(&alice()), &alice());
        body["device_id"] = json!("PHONE");
        json(&wallets.log_in(&body))
    });
    let status = |login: &Value| {
        let path = "/_api/client/v3/account/whoami";
        wallets.0.call(Method::GET, path, login["access_token"].as_str(), "").status().as_u16()
    };
    assert_eq!(logins.each_ref().map(status), [401, 200]);
}

#[test]
fn all_versions_and_spellings_log_in() {
    for version in ["r0", "v3", "unstable"] {
        let wallets = Wallets::new();
        let post = |path: &str, body: &Value| {
            let path = format!("/_api/client/{version}/{path}");
            json(&wallets.0.call(Method::POST, &path, None, &body.to_string()))
        };
        let address = alice().address().to_uppercase();
        let challenge = post("did/pre_login1", &json!({ "did": "", "address": address }));
        let mut body = answer(&challenge, &alice());
        body["identifier"]["address"] = challenge["did"].clone();
        let signature = body["identifier"]["token"].as_str().unwrap().to_owned();
        let small_v = if signature.ends_with("1b") { "00" } else { "01" };
        body["identifier"]["token"] = json!(format!("{}{small_v}", &signature[2..130]));
        body["is_mul_fed"] = json!(true);
        let login = post("did/login", &body);
        assert_eq!(login["user_id"], alice().user_id(), "{version}: {login}");
    }
}

#[test]
fn nonce_is_used_once() {
    let wallets = Wallets::new();
    let body = answer(&wallets.pre_login(&alice()), &alice());
    assert_eq!(wallets.log_in(&body).status(), 200);
    assert_refused(&wallets.log_in(&body), 403, "M_FORBIDDEN", STALE);
}

#[test]
fn newer_challenge_makes_older_stale() {
    let wallets = Wallets::new();
    let [older, newer] = [(); 2].map(|()| answer(&wallets.pre_login(&alice()), &alice()));
    assert_not_logged_in(&wallets, &older, STALE);
    assert_eq!(wallets.log_in(&newer).status(), 200);
}

#[test]
fn other_wallets_signature_is_refused() {
    let wallets = Wallets::new();
    let challenge = wallets.pre_login(&alice());
    let mut body = answer(&challenge, &alice());
    body["identifier"]["token"] = answer(&challenge, &bob())["identifier"]["token"].clone();
    assert_not_logged_in(&wallets, &body, NOT_THE_WALLET);
    for token in ["", "0x", "nonsense", &"0".repeat(130)] {
        body["identifier"]["token"] = json!(token);
        assert_not_logged_in(&wallets, &body, NOT_THE_WALLET);
    }
    let error = "The DID belongs to another wallet";
    assert_not_logged_in(&wallets, &answer(&challenge, &bob()), error);
    let login = wallets.log_in(&answer(&challenge, &alice()));
    assert_eq!(login.status(), 200, "a refused login does not use the nonce");
}

#[test]
fn other_message_is_refused() {
    let wallets = Wallets::new();
    let challenge = wallets.pre_login(&alice());
    let message = challenge["message"].as_str().unwrap();
    let mut body = answer(&challenge, &alice());
    body["identifier"]["token"] = json!(alice().sign(&format!("{message}\n")));
    assert_not_logged_in(&wallets, &body, NOT_THE_WALLET);

    let mut other = challenge.clone();
    other["message"] = json!(message.replace("sign in", "pay"));
    assert_not_logged_in(&wallets, &answer(&other, &alice()), STALE);
    for member in ["updated", "random_server"] {
        let mut body = answer(&challenge, &alice());
        body[member] = json!("other");
        assert_not_logged_in(&wallets, &body, STALE);
    }
    let mut body = answer(&challenge, &alice());
    body["identifier"]["did"] = json!(format!("did:sdn:{}", &alice().address()[2..]));
    assert_not_logged_in(&wallets, &body, STALE);
}

#[test]
fn developer_key_signs_too() {
    let developer = Wallet::new(77);
    let wallets = Wallets::new();
    wallets.0.world.require_developer_key(NODE, &developer);
    let error = "The signature is not the developer key's";
    let challenge = wallets.pre_login(&alice());
    let message = challenge["message"].as_str().unwrap();
    let mut body = answer(&challenge, &alice());
    assert_not_logged_in(&wallets, &body, error);
    body["identifier"]["app_token"] = body["identifier"]["token"].clone();
    assert_not_logged_in(&wallets, &body, error);
    body["identifier"]["app_token"] = json!(developer.sign(message));
    assert_eq!(wallets.log_in(&body).status(), 200);

    let mut body = answer(&wallets.pre_login(&bob()), &bob());
    body["app_token"] = json!(developer.sign(body["identifier"]["message"].as_str().unwrap()));
    assert_eq!(wallets.log_in(&body).status(), 200, "some have it at the top");
}

#[test]
fn bad_requests_report_the_problem() {
    let wallets = Wallets::new();
    let pre_login = |body: &Value| wallets.post("did/pre_login1", body);
    let neither = "'did' or 'address' must be supplied";
    for body in [json!({}), json!({ "did": "", "address": "" }), json!({ "did": null })] {
        assert_refused(&pre_login(&body), 400, "M_BAD_JSON", neither);
    }
    let invalid = "The address is not valid";
    for address in ["nonsense", "0x12", &alice().address()[2..]] {
        assert_refused(&pre_login(&json!({ "address": address })), 400, "M_INVALID_PARAM", invalid);
        let path = format!("/_api/client/unstable/address/{address}");
        let response = wallets.0.call(Method::GET, &path, None, "");
        assert_refused(&response, 400, "M_INVALID_PARAM", invalid);
    }
    wallets.0.world.add_wallet(NODE, &bob());
    for did in [
        format!("did:sdn:{}", &alice().address()[2..]),
        format!("did:sdn:{}", bob().address()),
        format!("did:pkh:eip155:1:{}", bob().address()),
    ] {
        let response = pre_login(&json!({ "did": did }));
        assert_refused(&response, 404, "M_NOT_FOUND", "Nobody has this DID");
    }
    let challenge = wallets.pre_login(&alice());
    let good = answer(&challenge, &alice());
    let with = |change: fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        wallets.log_in(&body)
    };
    let response = with(|body| body["type"] = json!("m.login.password"));
    assert_refused(&response, 400, "M_UNKNOWN", "The login type is not known");
    let response = with(|body| body["identifier"] = json!("text"));
    assert_refused(&response, 400, "M_BAD_JSON", "'identifier' must be supplied");
    let response = with(|body| body["identifier"]["token"] = json!(5));
    assert_refused(&response, 400, "M_BAD_JSON", "'token' must be a string");
    let response = with(|body| body["identifier"]["address"] = json!("0x12"));
    assert_refused(&response, 400, "M_INVALID_PARAM", invalid);
    assert_eq!(wallets.log_in(&good).status(), 200);
}

#[test]
fn debug_shows_no_key() {
    let wallet = Wallet::new(0xdead_beef);
    let shown = format!("{wallet:?}");
    assert!(shown.contains(&wallet.address()) && !shown.contains("deadbeef"), "{shown}");
}
