use serde::{Deserialize, Serialize};

use crate::prelude::*;
use crate::wallet::{Did, LoginMessage, WalletAddress};

/// Begins a login at an SDN node: asks for the message that the wallet has to sign. Needs no token.
///
/// `POST /{prefix}/client/unstable/did/pre_login1`. [`DidLogin`](super::DidLogin) ends the login.
///
/// ```
/// use sdn_proto::client::PreLogin;
/// use sdn_proto::{Call, Did, Node};
///
/// let node = Node::new("https://node.example")?;
/// let did = Did::new("did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf")?;
/// let request = PreLogin::new(did).to_request(&node);
/// assert_eq!(request.uri().path(), "/_api/client/unstable/did/pre_login1");
/// assert_eq!(request.body(), r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf"}"#);
///
/// let response = r#"{
///     "did": "did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf",
///     "message": "Log in to node.example, nonce 7",
///     "updated": "2026-11-23T07:15:02Z",
///     "random_server": "a1b2c3"
/// }"#;
/// let challenge = PreLogin::parse_response(&http::Response::new(response))?;
/// assert_eq!(challenge.message.as_str(), "Log in to node.example, nonce 7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PreLogin(Who);

#[derive(Debug, Clone)]
enum Who {
    Did(Did),
    Address(WalletAddress),
}

impl PreLogin {
    /// Begins the login of a DID, the first that [`ListDids`](super::ListDids) returns.
    pub fn new(did: Did) -> Self {
        Self(Who::Did(did))
    }

    /// Begins the login of a wallet that has no DID. The node creates one.
    pub fn of_address(address: WalletAddress) -> Self {
        Self(Who::Address(address))
    }
}

/// The message that a node asks a wallet to sign, and members to send back unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DidChallenge {
    /// The DID to log in with.
    pub did: Did,
    /// The message to sign.
    pub message: LoginMessage,
    /// The node's time of the challenge, in its own form.
    pub updated: String,
    /// The node's nonce. Older nodes have none.
    pub random_server: Option<String>,
}

/// A challenge whose texts are not checked yet, so that each bad one has its own error.
#[derive(Deserialize)]
struct Answer {
    did: String,
    message: String,
    updated: String,
    random_server: Option<String>,
}

impl Call for PreLogin {
    type Server = Node;
    type Output = DidChallenge;

    endpoint!(POST "/client/unstable/did/pre_login1");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        let (did, address) = match &self.0 {
            Who::Did(did) => (Some(did.as_str()), None),
            Who::Address(address) => (None, Some(address.as_str())),
        };
        node.request::<Self>(&[], json::object(&[("address", address), ("did", did)]))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<DidChallenge, ApiError> {
        let invalid = |invalid| response::invalid(response, invalid);
        let answer: Answer = response::object(response)
            .map_err(|error| ApiError::refused_with_200(response).unwrap_or(error))?;
        Ok(DidChallenge {
            did: Did::new(answer.did).map_err(invalid)?,
            message: LoginMessage::new(answer.message).map_err(invalid)?,
            updated: answer.updated,
            random_server: answer.random_server,
        })
    }
}

compose!(PreLogin, |p| {
    if p.has("did")? {
        PreLogin::new(p.get("did")?)
    } else {
        PreLogin::of_address(p.get("wallet_address")?)
    }
});

compose!(DidChallenge, |p| {
    let challenge = DidChallenge {
        did: p.get("did")?,
        message: p.get("message")?,
        updated: p.text("updated", &["2026-11-23T07:15:02.123456789Z"])?,
        random_server: None,
    };
    let with_nonce = |challenge, nonce| DidChallenge { random_server: Some(nonce), ..challenge };
    p.with_text("random_server", &["a1b2c3"], challenge, with_nonce)?
});
