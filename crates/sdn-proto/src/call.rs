//! What all calls have in common.

use bytes::Bytes;
use http::{Request, Response};

use crate::error::ApiError;

/// One API call: how it becomes a request, and how its answer is read.
///
/// It describes calls, not transports. A transport is any code that takes the request to the server it names and brings
/// the response back; it reads no more than [`MAX_RESPONSE_BYTES`](Call::MAX_RESPONSE_BYTES) of a body, and never follows
/// a redirect.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use sdn_proto::{ApiError, Call};
///
/// fn send<C: Call>(
///     carry: impl Fn(&Request<Bytes>) -> Response<Vec<u8>>,
///     server: &C::Server,
///     call: &C,
/// ) -> Result<C::Output, ApiError> {
///     let request = call.to_request(server);
///     C::parse_response(&carry(&request)).map_err(|error| error.without_secrets_of(&request))
/// }
/// ```
pub trait Call {
    /// Who is asked, and as whom.
    type Server;
    /// What a successful answer says.
    type Output;

    /// The greatest number of bytes that an answer's body can have; a longer one is no answer of this call.
    const MAX_RESPONSE_BYTES: usize = 64 * 1024;

    /// Builds the request. It cannot fail: every value in it was checked when it was made.
    fn to_request(&self, server: &Self::Server) -> Request<Bytes>;

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// Everything that is not this call's success is an [`ApiError`]. A server may repeat the request's secrets in it: see
    /// [`ApiError::without_secrets_of`].
    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError>;
}
