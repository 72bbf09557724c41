use serde::Serialize;

use crate::id::UserId;
use crate::prelude::*;
use crate::signed::SignedPendingInvite;
use crate::threepid::ThirdPartyId;

/// Notifies a node that an address was bound to one of its users, with the invitations that were
/// waiting.
///
/// `PUT /{prefix}/federation/v1/3pid/onbind`, see the specification's [onbind]. Identity servers
/// make this call. It has no token, and nodes check the signatures in it.
///
/// ```
/// use sdn_proto::identity::OnBind;
/// use sdn_proto::{Call, Node, ThirdPartyId, UserId};
///
/// let node = Node::new("https://node.example:8448")?;
/// let call = OnBind::new(
///     ThirdPartyId::email("alice@example.com")?,
///     UserId::new("@alice:node.example")?,
///     Vec::new(),
/// );
/// let request = call.to_request(&node);
/// assert_eq!((request.method().as_str(), request.uri().path()), ("PUT", "/_api/federation/v1/3pid/onbind"));
/// assert_eq!(
///     request.body(),
///     r#"{"address":"alice@example.com","invites":[],"medium":"email","mxid":"@alice:node.example"}"#,
/// );
/// OnBind::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [onbind]: https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv13pidonbind
#[derive(Debug, Clone)]
pub struct OnBind {
    third_party_id: ThirdPartyId,
    user_id: UserId,
    invites: Vec<SignedPendingInvite>,
}

impl OnBind {
    /// Notifies that `third_party_id` was bound to `user_id`.
    pub fn new(
        third_party_id: ThirdPartyId,
        user_id: UserId,
        invites: Vec<SignedPendingInvite>,
    ) -> Self {
        Self { third_party_id, user_id, invites }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    address: &'a str,
    invites: &'a [SignedPendingInvite],
    medium: &'a str,
    mxid: &'a str,
}

impl Call for OnBind {
    type Server = Node;
    type Output = ();

    endpoint!(PUT "/federation/v1/3pid/onbind");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        let body = json::body(&Body {
            address: self.third_party_id.address(),
            invites: &self.invites,
            medium: self.third_party_id.medium().as_str(),
            mxid: self.user_id.as_str(),
        });
        node.request::<Self>(&[], body)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(OnBind, |p| OnBind::new(p.members()?, p.get("mxid")?, p.list("invites")?));
