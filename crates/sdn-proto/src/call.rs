//! The trait of all calls.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::dialect::Dialect;
use crate::error::ApiError;
use crate::path;
use crate::request::Addressed;

/// One API call: builds its request and parses its response.
///
/// It does not describe transports. A transport is any code that sends the request to the server of
/// its URI and returns the response. It reads at most
/// [`MAX_RESPONSE_BYTES`](Call::MAX_RESPONSE_BYTES) of a body, and never follows a redirect.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use sdn_proto::{ApiError, Call};
///
/// fn send<C: Call>(
///     execute: impl Fn(&Request<Bytes>) -> Response<Vec<u8>>,
///     server: &C::Server,
///     call: &C,
/// ) -> Result<C::Output, ApiError> {
///     let request = call.to_request(server);
///     C::parse_response(&execute(&request)).map_err(|error| error.without_secrets_of(&request))
/// }
/// ```
///
/// # Calls of your own
///
/// You can add any other call of a node or an identity server outside this crate, and every
/// transport sends it. [`endpoint!`](crate::endpoint) names the call, [`Server::request`] builds
/// the request, and [`response`](crate::response) reads the response.
///
/// ```
/// use sdn_proto::bytes::Bytes;
/// use sdn_proto::http::{Request, Response};
/// use sdn_proto::{AccessToken, ApiError, Call, Node, RoomId, Server, Session, response};
///
/// /// Forgets a room that the caller has left.
/// struct ForgetRoom {
///     room_id: RoomId,
/// }
///
/// impl Call for ForgetRoom {
///     type Server = Session;
///     type Output = ();
///
///     sdn_proto::endpoint!(POST "/client/v3/rooms/{roomId}/forget");
///
///     fn to_request(&self, session: &Session) -> Request<Bytes> {
///         session.request::<Self>(&[self.room_id.as_str()], "{}")
///     }
///
///     fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
///         response::ignored(response)
///     }
/// }
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let request = ForgetRoom { room_id: RoomId::new("!a:node.example")? }.to_request(&session);
/// assert_eq!(request.uri().path(), "/_api/client/v3/rooms/!a%3Anode.example/forget");
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
pub trait Call {
    /// The server, with a token if the call needs one: [`Node`](crate::Node),
    /// [`Session`](crate::Session), [`IdentityServer`](crate::IdentityServer) or
    /// [`IdentitySession`](crate::IdentitySession).
    type Server: Server;
    /// The result of a success.
    type Output;

    /// The request's method.
    const METHOD: Method;

    /// The maximum number of bytes of a response's body; a longer body is not a response of this
    /// call.
    const MAX_RESPONSE_BYTES: usize = 64 * 1024;

    /// Returns the path after the base URL, with the names of the arguments in braces, such as
    /// `/_api/client/v3/rooms/{roomId}/invite`.
    ///
    /// It may end with a query. It contains no arguments, so logs can show it.
    fn path(dialect: Dialect) -> &'static str;

    /// Returns the texts around the names in the path.
    #[doc(hidden)]
    fn literals(dialect: Dialect) -> Cow<'static, [&'static str]> {
        path::literals(Self::path(dialect)).into()
    }

    /// Builds the request. It cannot fail, because every value in it was checked when it was
    /// created.
    fn to_request(&self, server: &Self::Server) -> Request<Bytes>;

    /// Parses the response.
    ///
    /// # Errors
    ///
    /// Any response that is not a success of this call is an [`ApiError`]. A server may repeat the
    /// request's secrets in it: see [`ApiError::without_secrets_of`].
    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError>;
}

/// The server of a call, with the caller's token if the call needs one.
///
/// Use it only in the implementation of a call, to build the request.
pub trait Server: Addressed {
    /// Builds the request of a call. It cannot fail.
    ///
    /// * Each name in braces in [`Call::path`] is replaced by the next of `args`, percent-encoded
    ///   as ECMAScript's `encodeURIComponent` does. So no argument can leave its segment of the
    ///   path or its value in the query.
    /// * The `authorization` of a session is marked as sensitive.
    /// * A `body` that is not empty has the content type `application/json`.
    ///
    /// Some paths cannot be sent: with more or fewer arguments than names, with an argument `.` or
    /// `..`, that are not valid in a URL, or with more than 64 KiB. The request then has the path
    /// `%7B%7D`. Servers do not know that path: they respond with 404 and do nothing else. So check
    /// arguments when your call is created, as the values of this crate do.
    fn request<C: Call<Server = Self>>(
        &self,
        args: &[&str],
        body: impl Into<Bytes>,
    ) -> Request<Bytes>
    where
        Self: Sized,
    {
        let target = self.target();
        target.request(C::METHOD, &C::literals(target.dialect), args, body.into())
    }
}

impl<S: Addressed> Server for S {}

/// Writes the items [`METHOD`](Call::METHOD) and [`path`](Call::path) of a [`Call`].
///
/// The dialect's prefix is added to the path: `endpoint!(POST "/client/v3/rooms/{roomId}/invite")`
/// has the path `/_api/client/v3/rooms/{roomId}/invite` in the SDN dialect, and one that begins
/// with `/_matrix` in the Matrix dialect. Two paths are the complete paths of the two dialects.
#[macro_export]
macro_rules! endpoint {
    ($method:ident $path:literal) => {
        $crate::endpoint!($method concat!("/_api", $path), concat!("/_matrix", $path));
    };
    ($method:ident $sdn:expr, $matrix:expr) => {
        const METHOD: $crate::http::Method = $crate::http::Method::$method;

        #[doc = concat!("`", $sdn, "`, or in the Matrix dialect `", $matrix, "`.")]
        fn path(dialect: $crate::Dialect) -> &'static str {
            match dialect {
                $crate::Dialect::Sdn => $sdn,
                $crate::Dialect::Matrix => $matrix,
            }
        }

        fn literals(dialect: $crate::Dialect) -> std::borrow::Cow<'static, [&'static str]> {
            const SDN: [&str; $crate::path::count($sdn)] = $crate::path::split($sdn);
            const MATRIX: [&str; $crate::path::count($matrix)] = $crate::path::split($matrix);
            match dialect {
                $crate::Dialect::Sdn => (&SDN).into(),
                $crate::Dialect::Matrix => (&MATRIX).into(),
            }
        }
    };
}

/// Declares a folder's calls: the module and the re-exports of each, and a macro that passes the
/// list to another. A macro cannot write a `$`, so its caller passes one.
macro_rules! calls {
    ($dollar:tt $for_each:ident: $folder:ident $($file:ident::$call:ident,)*) => {
        $(mod $file;)*
        $(pub use $file::*;)*

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $for_each {
            ($dollar then:ident) => {
                $dollar then! { $($folder::$file::$call,)* }
            };
        }
    };
}
pub(crate) use calls;

/// Passes a list of all calls to another macro: `client::who_am_i::WhoAmI, …`. It is invoked twice,
/// once for each folder.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_call {
    ($then:ident) => {
        $crate::for_each_client_call!($then);
        $crate::for_each_identity_call!($then);
    };
}
