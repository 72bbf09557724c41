use serde::Serialize;

use super::DidChallenge;
use crate::login::Login;
use crate::prelude::*;
use crate::wallet::{Signature, WalletAddress};

/// Ends a login at an SDN node, with the wallet's signature. Needs no token.
///
/// `POST /{prefix}/client/unstable/did/login`. The body works like a token until the node has read
/// it. Each login creates a session, so do not repeat one after an unknown outcome.
///
/// ```
/// use sdn_proto::client::{DidLogin, PreLogin};
/// use sdn_proto::{Call, Node, Signature, WalletAddress};
///
/// let node = Node::new("https://node.example")?;
/// let address = WalletAddress::new("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf")?;
/// # let response = http::Response::new(
/// #     r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u","random_server":"r"}"#,
/// # );
/// let challenge = PreLogin::parse_response(&response)?;
/// # let signature = "0xe5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a1b";
/// let signature = Signature::new(signature)?;
/// let request = DidLogin::new(address, challenge, signature).to_request(&node);
/// assert_eq!(request.uri().path(), "/_api/client/unstable/did/login");
///
/// let response = r#"{
///     "access_token": "q3nXf0pZr8sVt2uLw6yAb4cDe9gHj1kMo5iRzP7hN-_",
///     "user_id": "@sdn_7e5f4552091a69125d5dfcb7b8c2659029395bdf:7e5f4552091a69125d5dfcb7b8c2659029395bdf",
///     "device_id": "D"
/// }"#;
/// let login = DidLogin::parse_response(&http::Response::new(response))?;
/// let session = login.session(&node);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DidLogin {
    address: WalletAddress,
    challenge: DidChallenge,
    signature: Signature,
    developer_signature: Option<Signature>,
    device_id: Option<String>,
    initial_device_display_name: Option<String>,
}

impl DidLogin {
    /// Logs in with the signature of `challenge` by the wallet with this address.
    pub fn new(address: WalletAddress, challenge: DidChallenge, signature: Signature) -> Self {
        Self {
            address,
            challenge,
            signature,
            developer_signature: None,
            device_id: None,
            initial_device_display_name: None,
        }
    }

    /// Adds a signature of the same message by the app's developer key.
    #[must_use]
    pub fn with_developer_signature(self, signature: Signature) -> Self {
        Self { developer_signature: Some(signature), ..self }
    }

    /// Logs in as a device that the user already has. Its earlier token no longer works.
    #[must_use]
    pub fn with_device_id(self, device_id: impl Into<String>) -> Self {
        Self { device_id: Some(device_id.into()), ..self }
    }

    /// Sets the name of a new device, which the user sees in the list of devices.
    #[must_use]
    pub fn with_initial_device_display_name(self, name: impl Into<String>) -> Self {
        Self { initial_device_display_name: Some(name.into()), ..self }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    identifier: Identifier<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_device_display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_server: Option<&'a str>,
    r#type: &'static str,
    updated: &'a str,
}

#[derive(Serialize)]
struct Identifier<'a> {
    address: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_token: Option<&'a str>,
    did: &'a str,
    message: &'a str,
    token: &'a str,
}

impl Call for DidLogin {
    type Server = Node;
    type Output = Login;

    endpoint!(POST "/client/unstable/did/login");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        let body = Body {
            device_id: self.device_id.as_deref(),
            identifier: Identifier {
                address: self.address.as_str(),
                app_token: self.developer_signature.as_ref().map(Signature::expose),
                did: self.challenge.did.as_str(),
                message: self.challenge.message.as_str(),
                token: self.signature.expose(),
            },
            initial_device_display_name: self.initial_device_display_name.as_deref(),
            random_server: self.challenge.random_server.as_deref(),
            r#type: "m.login.did.identity",
            updated: &self.challenge.updated,
        };
        node.request::<Self>(&[], json::body(&body))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Login, ApiError> {
        Login::read(response)
    }
}

compose!(DidLogin, |p| {
    let challenge = DidChallenge::compose(p)?;
    let mut call = DidLogin::new(p.get("wallet_address")?, challenge, p.get("wallet_signature")?);
    if p.has("developer_signature")? {
        call = call.with_developer_signature(p.get("developer_signature")?);
    }
    let call = p.with_text("device_id", &["ABCDEFGHIJ"], call, DidLogin::with_device_id)?;
    let name = "initial_device_display_name";
    p.with_text(name, &["laptop"], call, DidLogin::with_initial_device_display_name)?
});
