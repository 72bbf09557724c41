use serde::Deserialize;

use crate::prelude::*;
use crate::wallet::{Did, WalletAddress};

/// Asks an SDN node which DIDs a wallet has. Needs no token.
///
/// `GET /{prefix}/client/unstable/address/{address}`. The list is empty if nobody has logged in
/// with the wallet, because the wallet has no user then.
///
/// ```
/// use sdn_proto::client::ListDids;
/// use sdn_proto::{Call, Node, WalletAddress};
///
/// let node = Node::new("https://node.example")?;
/// let address = WalletAddress::new("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")?;
/// assert_eq!(
///     ListDids::new(address).to_request(&node).uri().path(),
///     "/_api/client/unstable/address/0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
/// );
///
/// let response = r#"{"data":["did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf"]}"#;
/// assert_eq!(ListDids::parse_response(&http::Response::new(response))?.len(), 1);
/// assert!(ListDids::parse_response(&http::Response::new(r#"{"data":null}"#))?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ListDids {
    address: WalletAddress,
}

impl ListDids {
    /// Asks for the DIDs of this wallet.
    pub fn new(address: WalletAddress) -> Self {
        Self { address }
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Vec<String>>,
}

impl Call for ListDids {
    type Server = Node;
    type Output = Vec<Did>;

    endpoint!(GET "/client/unstable/address/{address}");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        node.request::<Self>(&[self.address.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Vec<Did>, ApiError> {
        let Answer { data } = response::object(response)?;
        let Some(dids) = data else {
            return ApiError::refused_with_200(response).map_or(Ok(Vec::new()), Err);
        };
        let dids = dids.into_iter().map(Did::new);
        dids.collect::<Result<_, _>>().map_err(|invalid| response::invalid(response, invalid))
    }
}

compose!(ListDids, |p| ListDids::new(p.get("wallet_address")?));
