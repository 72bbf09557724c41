//! The servers of a flow: their correct responses, and a watch over the requests to them.

use sdn_proto::Delivery;
use sdn_proto::bytes::Bytes;
use sdn_proto::http::{Request, Response};
use serde_json::{Value, json};
use url::{Host, Url};

pub(super) const NODE_TOKEN: &str = "NODE_SECRET";
pub(super) const ID_TOKEN: &str = "IDS_SECRET";
const NEW_ID_TOKEN: &str = "IDS_OTHER_SECRET";
const OPEN_ID_TOKEN: &str = "OPEN_ID_SECRET";
pub(super) const PRIVATE_KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";
/// The signatures of `hello` by a wallet and a developer key.
pub(super) const SIGNATURE: &str = "0xe5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a1b";
pub(super) const APP_SIGNATURE: &str = "0x9bc682e9f6f30bde13c466b808900dc7d8d89d5d9b71e580f206f71a149c018c7daa06cb5e3a0a6bbd3d825d31ece8130859e302da9670f543e89a21add786c51c";
pub(super) const SECRETS: [&str; 7] =
    [NODE_TOKEN, ID_TOKEN, NEW_ID_TOKEN, OPEN_ID_TOKEN, PRIVATE_KEY, SIGNATURE, APP_SIGNATURE];

const NODE: &str = "https://node.example/_api/client/";
const DISCOVERY: &str = "https://example.com/.well-known/sdn/client";

/// Returns the correct responses to a request. All are ASCII.
pub(super) fn good(path: &str) -> &'static [&'static str] {
    if is_discovery(path) {
        return &[
            r#"{"m.identity_server":{"base_url":"https://id.example"}}"#,
            r#"{"m.identity_server":{"base_url":"https://node.example/"}}"#,
            r#"{"m.identity_server":{"base_url":"http://localhost:8090/sub/"}}"#,
            r#"{"m.identity_server":{"base_url":"https://127.0.0.1:8090"}}"#,
        ];
    }
    match endpoint(path) {
        "whoami" => &[r#"{"user_id":"@alice:node.example"}"#],
        "request_token" => &[
            r#"{"access_token":"OPEN_ID_SECRET","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
            r#"{"access_token":"OPEN_ID_SECRET","sdn_server_name":"1b2c3d4e5f60718293a4b5c6d7e8f90011223344","expires_in":9}"#,
            r#"{"access_token":"OPEN_ID_SECRET","expires_in":3600}"#,
        ],
        "register" => &[r#"{"token":"IDS_OTHER_SECRET"}"#],
        "account" => &[r#"{"user_id":"@alice:node.example"}"#],
        "terms" => &[
            r#"{"policies":{"p":{"version":"1","en":{"name":"P","url":"https://id.example/p"}}}}"#,
        ],
        "hash_details" => &[r#"{"algorithms":["sha256","none"],"lookup_pepper":"matrixrocks"}"#],
        "lookup" => &[
            r#"{"mappings":{}}"#,
            r#"{"mappings":{"LJwSazmv46n0hlMlsb_iYxI0_HXEqy_yj6Jm636cdT8":"@bob:node.example"}}"#,
        ],
        "sign-ed25519" => &[
            r#"{"mxid":"@alice:node.example","sender":"@bob:node.example","token":"tok","signatures":{"id.example":{"ed25519:0":"c2ln"}}}"#,
        ],
        "store-invite" => &[r#"{"token":"t","public_keys":[],"display_name":"b"}"#],
        "join" => &[r#"{"room_id":"!a:node.example"}"#],
        "state" => &[
            "[]",
            r#"[{"type":"m.room.member","state_key":"@bob:node.example","sender":"@alice:node.example","content":{"membership":"invite"}}]"#,
        ],
        "tok" => &[
            r#"{"display_name":"b","key_validity_url":"https://id.example/x","public_key":"mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU"}"#,
            r#"{"event_id":"$e"}"#,
            "{}",
        ],
        "invite" => &["{}"],
        "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf" => &[
            r#"{"data":["did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf"]}"#,
            r#"{"data":null}"#,
        ],
        "pre_login1" => &[
            r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u","random_server":"r"}"#,
            r#"{"did":"did:pkh:eip155:1:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u"}"#,
        ],
        "login" => &[
            r#"{"access_token":"t","user_id":"@sdn_a:a","device_id":"D"}"#,
            r#"{"errcode":"M_FORBIDDEN","error":"no"}"#,
        ],
        other => panic!("a request for {other}"),
    }
}

/// Redirects lead to any path that is not an API's.
pub(super) fn is_discovery(path: &str) -> bool {
    !path.starts_with("/_api/") && !path.contains("/_api/identity/")
}

fn endpoint(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// The state that a flow's responses have led to, parsed without this crate's parsers.
pub(super) struct Watch {
    /// The node has accepted the invitation, or the join.
    pub(super) succeeded: bool,
    /// The node may have accepted it, so it must not get it again.
    pub(super) may_have_arrived: bool,
    /// Whether the flow must end with an unknown outcome. `None` if only the flow may be able to
    /// parse the response.
    pub(super) is_unknown: Option<bool>,
    /// The node has failed because of the identity server's token or terms. The same request must
    /// not be sent again.
    must_change: bool,
    registrations: usize,
    questions_about_terms: usize,
    pub(super) id_token: Option<String>,
    /// The identity server's base, without its last slash.
    id_base: Option<String>,
    discovered: Option<String>,
    /// The URLs of the discovery's requests.
    asked: Vec<Url>,
    /// The target of the last one's redirect.
    location: Option<String>,
    /// The redirect that the last request follows.
    followed: Option<String>,
    open_id: Option<Value>,
    proof: Option<Value>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            succeeded: false,
            may_have_arrived: false,
            is_unknown: Some(false),
            must_change: false,
            registrations: 0,
            questions_about_terms: 0,
            id_token: None,
            id_base: None,
            discovered: None,
            asked: Vec::new(),
            location: None,
            followed: None,
            open_id: None,
            proof: None,
        }
    }

    pub(super) fn at_id_server(self) -> Self {
        Self { id_base: Some("https://id.example".to_owned()), ..self }
    }

    pub(super) fn with_id_token(self) -> Self {
        Self { id_token: Some(ID_TOKEN.to_owned()), ..self }
    }

    pub(super) fn with_proof(self, proof: Value) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// Checks that the request holds only values that its server may get.
    pub(super) fn sends(&mut self, request: &Request<Bytes>) {
        let uri = request.uri().to_string();
        let bearer = request.headers().get("authorization").map(|value| {
            assert!(value.is_sensitive());
            value.to_str().unwrap().strip_prefix("Bearer ").unwrap()
        });
        let body = std::str::from_utf8(request.body()).unwrap();
        assert!(SECRETS.iter().all(|secret| !uri.contains(secret)), "{uri}");
        assert!(!body.contains(NODE_TOKEN));
        if let Some((base, endpoint)) = uri.rsplit_once("/_api/identity/v2/") {
            self.sends_to_id_server(base, endpoint, request.method().as_str(), bearer, body);
        } else if let Some(endpoint) = uri.strip_prefix(NODE) {
            // A login has no token yet.
            let is_login = endpoint.starts_with("unstable/");
            assert_eq!(bearer, (!is_login).then_some(NODE_TOKEN), "{uri}");
            assert_eq!(body.contains(SIGNATURE), endpoint == "unstable/did/login", "{uri}");
            assert!(!body.contains(OPEN_ID_TOKEN) && !body.contains(PRIVATE_KEY), "{uri}");
            self.sends_to_node(endpoint, body);
        } else {
            assert!(request.headers().is_empty() && body.is_empty(), "{uri}");
            self.discovers(&uri);
        }
    }

    /// The first request is for the domain's document. The others follow its redirects.
    fn discovers(&mut self, uri: &str) {
        let url = Url::parse(uri).unwrap();
        match self.asked.last() {
            None => assert_eq!(uri, DISCOVERY),
            Some(asked) => {
                let location = self.location.take().expect("a redirect");
                let mut expected = asked.join(&location).unwrap();
                expected.set_fragment(None);
                assert_eq!(url, expected, "{asked} to {location}");
                assert!(url.scheme() == "https" && !is_local(url.host().unwrap()), "{url}");
                assert!(!self.asked.contains(&url), "{url} is asked twice");
                assert!(self.asked.len() <= 5, "more than five redirects are followed");
                self.followed = Some(location);
            }
        }
        self.asked.push(url);
    }

    fn sends_to_node(&self, path: &str, body: &str) {
        match endpoint(path) {
            "invite" => {
                assert!(!self.may_have_arrived, "an invitation is sent twice");
                assert!(!self.must_change, "an invitation is sent again, and nothing has changed");
                let mut sent: Value = serde_json::from_str(body).unwrap();
                let id_server = sent["id_server"].take();
                self.names_id_server(id_server.as_str().unwrap());
                let expected = json!({
                    "address": "bob@example.com",
                    "id_access_token": self.id_token,
                    "id_server": null,
                    "medium": "email",
                });
                assert_eq!(sent, expected);
            }
            "join" => {
                let sent: Value = serde_json::from_str(body).unwrap();
                match (sent.get("third_party_signed"), &self.proof) {
                    // It is signed here or by the server. Nodes refuse a proof without the inviter.
                    (Some(proof), None) => {
                        assert_eq!(proof["token"], "tok");
                        assert!(proof["signatures"]["id.example"]["ed25519:0"].is_string());
                    }
                    (Some(proof), Some(came)) => assert_eq!(proof, came),
                    (None, came) => assert!(came.as_ref().unwrap().get("sender").is_none()),
                }
            }
            "pre_login1" => {
                let sent: Value = serde_json::from_str(body).unwrap();
                let address = json!({ "address": "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf" });
                assert!(sent == address || sent["did"].is_string(), "{body}");
            }
            "login" => assert!(!self.may_have_arrived, "a login is sent twice"),
            _ => assert!(matches!(body, "" | "{}"), "{path}: {body}"),
        }
    }

    fn sends_to_id_server(
        &mut self,
        base: &str,
        endpoint: &str,
        method: &str,
        bearer: Option<&str>,
        body: &str,
    ) {
        match (endpoint, method) {
            ("account/register", _) => {
                assert_eq!(bearer, None);
                assert_eq!(serde_json::from_str::<Value>(body).ok(), self.open_id);
                self.registrations += 1;
                assert!(self.registrations <= 2, "it registers again more than once");
            }
            ("terms", "GET") => {
                assert_eq!((bearer, body), (None, ""));
                self.questions_about_terms += 1;
                assert!(self.questions_about_terms <= 1, "it asks about terms more than once");
            }
            _ => {
                assert_eq!(bearer, self.id_token.as_deref(), "{endpoint}");
                assert!(!body.contains(OPEN_ID_TOKEN), "{endpoint}");
            }
        }
        assert_eq!(body.contains(PRIVATE_KEY), endpoint == "sign-ed25519");
        assert!(!body.contains(ID_TOKEN) && !body.contains(NEW_ID_TOKEN), "{endpoint}");
        match &self.id_base {
            Some(known) => assert_eq!(base, known, "another identity server is asked"),
            None => self.finds_id_server(base),
        }
    }

    fn finds_id_server(&mut self, base: &str) {
        if let Some(ours) = parse(base) {
            assert_eq!(parse(self.discovered.as_ref().unwrap()).as_ref(), Some(&ours));
            // The domain is not on this machine, so the identity server must not be.
            assert!(ours.scheme() == "https" && !is_local(ours.host().unwrap()), "{base}");
        }
        self.id_base = Some(base.to_owned());
    }

    fn names_id_server(&self, name: &str) {
        let base = self.id_base.as_ref().or(self.discovered.as_ref()).unwrap();
        if let Some(url) = parse(base) {
            // An IPv6 address has several correct forms.
            let named = Url::parse(&format!("{}://{name}", url.scheme())).unwrap();
            assert_eq!((named.host(), named.port()), (url.host(), url.port()));
        }
    }

    /// Records a response.
    pub(super) fn is_answered(&mut self, request: &Request<Bytes>, response: &Response<Bytes>) {
        let text = std::str::from_utf8(response.body()).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = serde_json::from_str::<Value>(text).unwrap_or_default();
        let (status, code) = (response.status().as_u16(), value["errcode"].as_str());
        let location = response.headers().get("location");
        self.location = location.map(|location| location.to_str().unwrap().to_owned());
        match endpoint(request.uri().path()) {
            _ if is_discovery(request.uri().path()) => {
                let base = &value["m.identity_server"]["base_url"];
                self.discovered = base.as_str().filter(|_| status == 200).map(str::to_owned);
            }
            "invite" if status == 500 && code == Some("M_UNKNOWN") => self.must_change = true,
            "invite" | "join" | "login" if status == 429 => {}
            "invite" | "join" if status >= 400 && code == Some("M_LIMIT_EXCEEDED") => {}
            "login" if text.contains("M_LIMIT_EXCEEDED") => {
                // Only the flow finds out whether it is refused, succeeds, or is malformed.
                self.succeeded = status == 200;
                self.is_unknown = None;
            }
            endpoint @ ("invite" | "join" | "login") => {
                self.may_have_arrived = true;
                self.succeeded = status == 200;
                // Only the flow finds out whether a 200 has a token.
                let is_readable = (!value.is_null() || !text.contains("errcode"))
                    && (endpoint != "login" || status != 200);
                let is_unknown = !(300..500).contains(&status) && !has_code(&value);
                self.is_unknown = is_readable.then_some(is_unknown);
            }
            _ if status != 200 => {}
            "request_token" => self.open_id = Some(value),
            "register" => {
                self.must_change = false;
                self.id_token = value["token"].as_str().map(str::to_owned);
            }
            "terms" if request.method() == "POST" => self.must_change = false,
            "sign-ed25519" => self.proof = Some(value),
            _ => {}
        }
    }

    /// Records that the flow waits before it sends the request again.
    pub(super) fn waits(&mut self, request: &Request<Bytes>) {
        match (endpoint(request.uri().path()), request.method().as_str()) {
            _ if is_discovery(request.uri().path()) => {
                self.asked.pop();
                self.location = self.followed.take();
            }
            ("register", _) => self.registrations -= 1,
            ("terms", "GET") => self.questions_about_terms -= 1,
            _ => {}
        }
    }

    /// Records that no response arrived.
    pub(super) fn fails(&mut self, request: &Request<Bytes>, delivery: Delivery) {
        let changes = matches!(endpoint(request.uri().path()), "invite" | "join" | "login");
        if changes {
            self.may_have_arrived |= delivery != Delivery::NotSent;
            self.is_unknown = Some(delivery != Delivery::NotSent);
        }
    }
}

/// Whether a value is a standard error object.
fn has_code(value: &Value) -> bool {
    value["errcode"].as_str().is_some_and(|code| (1..=255).contains(&code.len()))
}

fn is_local(host: Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            name.trim_end_matches('.').split('.').next_back() == Some("localhost")
        }
        Host::Ipv4(address) => address.is_loopback() || address.is_unspecified(),
        Host::Ipv6(address) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
    }
}

/// Parses a base with or without its last slash. `None` if it has invalid Punycode, which only the
/// tables of IDNA show.
fn parse(base: &str) -> Option<Url> {
    let url = Url::parse(&format!("{}/", base.strip_suffix('/').unwrap_or(base)));
    if base.to_ascii_lowercase().contains("xn--") { url.ok() } else { Some(url.unwrap()) }
}
