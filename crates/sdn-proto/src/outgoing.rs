use std::fmt;

use bytes::Bytes;
use http::Request;

use crate::call::Call;
use crate::dialect::Dialect;
use crate::redacted::Redacted;
use crate::request::Addressed;

/// A request that is ready to be sent, with the limit of its response. `Debug` hides its secrets.
///
/// ```
/// use sdn_proto::{AccessToken, InviteUser, Node, Outgoing, RoomId, UserId};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let invite = InviteUser::new(RoomId::new("!a:node.example")?, UserId::new("@bob:node.example")?);
/// let outgoing = Outgoing::new(&invite, &session);
/// assert_eq!(outgoing.request().method(), "POST");
/// assert_eq!(outgoing.path(), "/_api/client/v3/rooms/{roomId}/invite");
/// assert!(outgoing.is::<InviteUser>());
/// assert!(!format!("{outgoing:?}").contains("syt_secret"));
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct Outgoing {
    request: Box<Request<Bytes>>,
    path: &'static str,
    max_response_bytes: usize,
}

impl Outgoing {
    /// Builds the request of a call.
    pub fn new<C: Call>(call: &C, server: &C::Server) -> Self {
        Self {
            request: Box::new(call.to_request(server)),
            path: C::path(server.target().dialect),
            max_response_bytes: C::MAX_RESPONSE_BYTES,
        }
    }

    /// Wraps a request that is not a [`Call`], such as one that a gateway forwards. Its URI must be
    /// absolute.
    ///
    /// ```
    /// use sdn_proto::Outgoing;
    /// use sdn_proto::http::Request;
    ///
    /// let request = Request::get("https://node.example/_api/client/versions").body("".into())?;
    /// assert_eq!(Outgoing::from_request(request, 1024).max_response_bytes(), 1024);
    /// # Ok::<(), sdn_proto::http::Error>(())
    /// ```
    pub fn from_request(request: Request<Bytes>, max_response_bytes: usize) -> Self {
        Self { request: Box::new(request), path: "", max_response_bytes }
    }

    /// Returns the request. Its URI is absolute.
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Returns the request by value.
    pub fn into_request(self) -> Request<Bytes> {
        *self.request
    }

    /// Returns the path with the names of its arguments in braces: [`Call::path`].
    ///
    /// Unlike the path of the request, it contains no room and no user, so logs can show it. It is
    /// empty if the request is not a call's.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Returns whether it is a request of this call, or of a call with the same method and path.
    ///
    /// [`InviteUser`](crate::InviteUser) and [`InviteBy3pid`](crate::InviteBy3pid) are such a pair.
    pub fn is<C: Call>(&self) -> bool {
        let has_path = |dialect| self.path == C::path(dialect);
        *self.request.method() == C::METHOD && (has_path(Dialect::Sdn) || has_path(Dialect::Matrix))
    }

    /// Returns the maximum number of bytes to read of the response's body:
    /// [`Call::MAX_RESPONSE_BYTES`].
    ///
    /// A longer body is an error if the status is 200. With any other status, cut the body there.
    pub fn max_response_bytes(&self) -> usize {
        self.max_response_bytes
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Redacted(&*self.request), f)
    }
}
