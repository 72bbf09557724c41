use crate::prelude::*;

/// Ends the session at the node: its token no longer works.
///
/// `POST /{prefix}/client/r0/logout`, with `v3` instead of `r0` in the Matrix dialect, see the
/// specification's [logout].
///
/// ```
/// use sdn_proto::client::LogOut;
/// use sdn_proto::{AccessToken, Call, Node};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// assert_eq!(LogOut::new().to_request(&session).uri().path(), "/_api/client/r0/logout");
/// LogOut::parse_response(&http::Response::new("{}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [logout]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logout
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LogOut {}

impl LogOut {
    /// Ends the session.
    pub fn new() -> Self {
        Self {}
    }
}

impl Call for LogOut {
    type Server = Session;
    type Output = ();

    endpoint!(POST "/_api/client/r0/logout", "/_matrix/client/v3/logout");

    fn to_request(&self, session: &Session) -> Request<Bytes> {
        session.request::<Self>(&[], "{}")
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

compose!(LogOut, |_| LogOut::new());
