use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response, StatusCode};

use super::error_object::{ErrorObject, MAX_MESSAGE_BYTES, Rare, cut};
use super::show::Show;
use super::{Delivery, ErrorCode, Malformed, RetryAfter};
use crate::echo::{Secrets, mask};

/// A server's response that is not a success.
///
/// It always has the status, the delay that the server asks for, and the start of the body. It has
/// the code and message if the body is a standard error object. `Display` is one line with the
/// server's text escaped and bounded. `Debug` omits the body, because a server may have put
/// anything there.
///
/// A server may repeat the request, with its tokens. A transport's `send` and a [flow](crate::flow)
/// return the error [without the request's secrets](Self::without_secrets_of).
/// [`Call::parse_response`](crate::Call::parse_response) does not know the request. So `Display`
/// and `Debug` also hide text that looks like a secret. That is the word after `Bearer`, and the
/// values of members that the protocol uses for secrets, such as `"access_token":"…"` and
/// `access_token=…`.
///
/// ```
/// use std::time::Duration;
/// use http::{Response, StatusCode};
/// use sdn_proto::{ApiErrorKind, Call, ErrorCode, InviteBy3pid, RetryAfter};
///
/// let response = Response::builder()
///     .status(429)
///     .header("retry-after", "400")
///     .body(r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":399356}"#)?;
/// let error = InviteBy3pid::parse_response(&response).unwrap_err();
///
/// assert_eq!(error.kind(), ApiErrorKind::Refused);
/// assert_eq!(error.status(), StatusCode::TOO_MANY_REQUESTS);
/// assert_eq!(error.code(), Some(&ErrorCode::LimitExceeded));
/// assert_eq!(error.message(), Some("Too Many Requests"));
/// assert_eq!(error.retry_after(), Some(RetryAfter::Delay(Duration::from_secs(400))));
/// assert_eq!(error.to_string(), "429 M_LIMIT_EXCEEDED: Too Many Requests (retry after 400s)");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone)]
pub struct ApiError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    status: StatusCode,
    reason: Reason,
    delivery: Delivery,
    retry_after: Option<RetryAfter>,
    location: Option<Box<str>>,
    body: Bytes,
}

#[derive(Clone)]
enum Reason {
    Refused { code: ErrorCode, message: Option<Box<str>> },
    UnexpectedStatus,
    Unsuccessful { code: Option<ErrorCode>, message: Option<Box<str>> },
    Malformed(Malformed),
}

/// The kind of response that an [`ApiError`] is.
///
/// [`ApiError::delivery`] says what the response means for the request's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// A 4xx or 5xx with a standard error object: the server refuses, and [`ApiError::code`] says
    /// why.
    Refused,
    /// A status that is neither a success nor such an error: a proxy's page, a redirect, a 204.
    ///
    /// This includes a 4xx or 5xx whose object has no `errcode`, or one that is not text. The
    /// original client turns such a 4xx into `M_UNKNOWN`, or into `M_FORBIDDEN` if it has `flows`.
    /// This crate does not invent a code, because another server may have sent the object.
    UnexpectedStatus,
    /// A 200 with which the server refuses: with `success: false`, as identity servers respond to a
    /// wrong validation token, or with an error object, as some nodes respond to a login.
    Unsuccessful,
    /// A 200 whose body is not a response of the call.
    Malformed,
}

impl Reason {
    fn max_body_bytes(&self) -> usize {
        match self {
            Self::Refused { .. } | Self::Unsuccessful { .. } => ApiError::MAX_BODY_BYTES,
            Self::UnexpectedStatus | Self::Malformed(_) => ApiError::MAX_FOREIGN_BODY_BYTES,
        }
    }
}

impl ApiError {
    /// The greatest number of bytes of the body that an error keeps; the rest is dropped.
    pub const MAX_BODY_BYTES: usize = 4096;
    /// The limit if another server, such as a proxy, may have written the body.
    pub const MAX_FOREIGN_BODY_BYTES: usize = 512;

    /// Reads a response that is not a 200.
    pub(crate) fn from_status<B: AsRef<[u8]>>(response: &Response<B>) -> Self {
        let status = response.status();
        let object = ErrorObject::read(response.body().as_ref());
        let retry_after = RetryAfter::from_headers(response.headers())
            .or_else(|| object.as_ref().and_then(ErrorObject::delay));
        let is_error = status.is_client_error() || status.is_server_error();
        let object = object.and_then(|object| Some((object.code()?, object.message())));
        let delivery = delivery(status, object.is_some());
        let reason = match object {
            Some((code, message)) if is_error => Reason::Refused { code, message },
            _ => Reason::UnexpectedStatus,
        };
        Self::new(response, reason, delivery, retry_after)
    }

    /// Reads a 200 with which the server refuses: with `success: false` or with an error object.
    pub(crate) fn unsuccessful<B: AsRef<[u8]>>(response: &Response<B>) -> Self {
        let body = response.body().as_ref();
        let object = ErrorObject::read(body).unwrap_or_default();
        let code = object.code().or_else(|| Rare::read(body).errorcode());
        let reason = Reason::Unsuccessful { code, message: object.message() };
        let retry_after = RetryAfter::from_headers(response.headers());
        Self::new(response, reason, delivery(response.status(), true), retry_after)
    }

    /// Reads a 200 with an error object instead of the call's members.
    pub(crate) fn refused_with_200<B: AsRef<[u8]>>(response: &Response<B>) -> Option<Self> {
        let error = Self::unsuccessful(response);
        (response.status() == StatusCode::OK && error.code().is_some()).then_some(error)
    }

    /// Reads a 200 whose body the call cannot use.
    pub(crate) fn malformed<B: AsRef<[u8]>>(response: &Response<B>, malformed: Malformed) -> Self {
        let retry_after = RetryAfter::from_headers(response.headers());
        let object = ErrorObject::read(response.body().as_ref());
        let delivery = delivery(response.status(), object.is_some_and(|it| it.code().is_some()));
        Self::new(response, Reason::Malformed(malformed), delivery, retry_after)
    }

    fn new<B: AsRef<[u8]>>(
        response: &Response<B>,
        reason: Reason,
        delivery: Delivery,
        retry_after: Option<RetryAfter>,
    ) -> Self {
        let body = response.body().as_ref();
        let max = reason.max_body_bytes();
        Self(Box::new(Inner {
            status: response.status(),
            reason,
            delivery,
            retry_after,
            location: location(response).map(Into::into),
            body: Bytes::copy_from_slice(&body[..body.len().min(max)]),
        }))
    }

    /// Replaces the secrets of the request wherever the server repeats them: in the
    /// [code](Self::code), the [message](Self::message), the [location](Self::location) and the
    /// [body](Self::body).
    ///
    /// In the body of a 2xx it also hides text that looks like a secret, because the server may
    /// have issued a token.
    ///
    /// The secrets are the values of `authorization`, cookie and sensitive headers, and the values
    /// that [`Redacted`](crate::Redacted) hides in the query and the body. They are found verbatim
    /// and in any number of escapes of JSON, URLs and HTML. A wallet's signature is also found in
    /// capitals and without `0x`. Our transports' `send` and the [flows](crate::flow) do this. Call
    /// it wherever you call [`parse_response`](crate::Call::parse_response) yourself.
    ///
    /// ```
    /// use http::Response;
    /// use sdn_proto::{AccessToken, Call, Node, client::WhoAmI};
    ///
    /// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
    /// let request = WhoAmI::new().to_request(&session);
    /// # let response = Response::builder()
    /// #     .status(401)
    /// #     .body(r#"{"errcode":"M_UNKNOWN_TOKEN","error":"I do not know syt_secret"}"#)
    /// #     .unwrap();
    /// let error = WhoAmI::parse_response(&response).unwrap_err();
    /// assert_eq!(error.message(), Some("I do not know syt_secret"));
    ///
    /// let error = error.without_secrets_of(&request);
    /// assert_eq!(error.message(), Some("I do not know [redacted]"));
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    #[must_use]
    pub fn without_secrets_of<B: AsRef<[u8]>>(mut self, request: &Request<B>) -> Self {
        let secrets = Secrets::of(request);
        let Inner { reason, location, body, status, .. } = &mut *self.0;
        let max = reason.max_body_bytes();
        let is_cut = body.len() >= max;
        if status.is_success() {
            if let Cow::Owned(masked) = mask(&String::from_utf8_lossy(body)) {
                *body = masked.into();
                body.truncate(max);
            }
        }
        if let Some(mut clean) = secrets.removed_from(body, is_cut) {
            clean.truncate(max);
            *body = clean.into();
        }
        if let Some(location) = location {
            if let Some(clean) = secrets.removed_from_text(location, false) {
                *location = clean.into();
            }
        }
        let (code, message) = match reason {
            Reason::Refused { code, message } => (Some(code), message.as_mut()),
            Reason::Unsuccessful { code, message } => (code.as_mut(), message.as_mut()),
            Reason::UnexpectedStatus | Reason::Malformed(_) => (None, None),
        };
        if let Some(code @ ErrorCode::Other(_)) = code {
            if let Some(clean) = secrets.removed_from_text(code.as_str(), false) {
                *code = ErrorCode::from(&*clean);
            }
        }
        if let Some(message) = message {
            // A longer one was cut between two characters, which have up to four bytes.
            let is_cut = message.len() + 4 > MAX_MESSAGE_BYTES;
            if let Some(clean) = secrets.removed_from_text(message, is_cut) {
                *message = cut(&clean).into();
            }
        }
        self
    }

    /// Returns the kind of response.
    pub fn kind(&self) -> ApiErrorKind {
        match self.0.reason {
            Reason::Refused { .. } => ApiErrorKind::Refused,
            Reason::UnexpectedStatus => ApiErrorKind::UnexpectedStatus,
            Reason::Unsuccessful { .. } => ApiErrorKind::Unsuccessful,
            Reason::Malformed(_) => ApiErrorKind::Malformed,
        }
    }

    /// Returns what the response says about the request's effect.
    ///
    /// It is [`Delivery::Answered`] if the body is a standard error object or says
    /// `success: false`, or if the status is a 3xx or 4xx. Any other response is
    /// [`Delivery::Unknown`], because a proxy may have sent it after it forwarded the request: its
    /// 504, or its page with 200, says nothing about what the server behind it did.
    ///
    /// ```
    /// use http::Response;
    /// use sdn_proto::{Call, Delivery, InviteUser};
    ///
    /// for (status, body, delivery) in [
    ///     (504, "<html>Gateway Timeout</html>", Delivery::Unknown),
    ///     (200, "<html>Please log in</html>", Delivery::Unknown),
    ///     (500, r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#, Delivery::Answered),
    ///     (404, "<html>Not Found</html>", Delivery::Answered),
    /// ] {
    ///     let response = Response::builder().status(status).body(body)?;
    ///     let error = InviteUser::parse_response(&response).unwrap_err();
    ///     assert_eq!(error.delivery(), delivery);
    /// }
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns the error object's `errcode`, always present if the [kind](Self::kind) is
    /// [`ApiErrorKind::Refused`].
    pub fn code(&self) -> Option<&ErrorCode> {
        match &self.0.reason {
            Reason::Refused { code, .. } => Some(code),
            Reason::Unsuccessful { code, .. } => code.as_ref(),
            _ => None,
        }
    }

    /// Returns the error object's `error`, a text for people, cut after 1024 bytes.
    ///
    /// It is the server's text, unescaped; `Display` shows it escaped. After `parse_response` alone
    /// it may repeat secrets of the request: see [`without_secrets_of`](Self::without_secrets_of).
    pub fn message(&self) -> Option<&str> {
        match &self.0.reason {
            Reason::Refused { message, .. } | Reason::Unsuccessful { message, .. } => {
                message.as_deref()
            }
            _ => None,
        }
    }

    /// Returns the page on which the user can accept the node's terms, if the node asks for that:
    /// `consent_uri`.
    ///
    /// Only an error with [`ErrorCode::ConsentNotGiven`] has it. It is the server's text, as
    /// [`message`](Self::message) is. It is `None` if the error object is longer than
    /// [`MAX_BODY_BYTES`](Self::MAX_BODY_BYTES).
    ///
    /// ```
    /// use http::Response;
    /// use sdn_proto::{Call, InviteUser};
    ///
    /// let body = r#"{"errcode":"M_CONSENT_NOT_GIVEN","error":"no","consent_uri":"https://node.example/consent"}"#;
    /// let response = Response::builder().status(403).body(body)?;
    /// let error = InviteUser::parse_response(&response).unwrap_err();
    /// assert_eq!(error.consent_uri().as_deref(), Some("https://node.example/consent"));
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn consent_uri(&self) -> Option<String> {
        if self.code() != Some(&ErrorCode::ConsentNotGiven) {
            return None;
        }
        Rare::read(&self.0.body).consent_uri()
    }

    /// Returns when the server allows the call to be repeated.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.retry_after
    }

    /// Returns where a redirect leads: the `Location` header of a 3xx, a URL or a relative
    /// reference.
    ///
    /// It is the server's text. It is `None` if it is not ASCII or longer than
    /// [`MAX_BODY_BYTES`](Self::MAX_BODY_BYTES). No transport follows it. Never send a token there;
    /// [`DiscoverFlow`](crate::flow::DiscoverFlow) follows the redirects of a domain, without one.
    ///
    /// ```
    /// use http::Response;
    /// use sdn_proto::{Call, client::Discover};
    ///
    /// let response = Response::builder().status(301).header("location", "/sdn.json").body("")?;
    /// let error = Discover::parse_response(&response).unwrap_err();
    /// assert_eq!(error.location(), Some("/sdn.json"));
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// Returns the start of the body, unchanged.
    ///
    /// It is the first [`MAX_BODY_BYTES`](Self::MAX_BODY_BYTES) or, if the [kind](Self::kind) is
    /// [`ApiErrorKind::UnexpectedStatus`] or [`ApiErrorKind::Malformed`], the first
    /// [`MAX_FOREIGN_BODY_BYTES`](Self::MAX_FOREIGN_BODY_BYTES). Only
    /// [`without_secrets_of`](Self::without_secrets_of) hides secrets in it.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

/// Returns where a redirect leads.
pub(crate) fn location<B>(response: &Response<B>) -> Option<&str> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    (location.len() <= ApiError::MAX_BODY_BYTES).then_some(location)
}

/// Decides for every response that is not a success. `success: false` counts as an error object.
fn delivery(status: StatusCode, has_error_object: bool) -> Delivery {
    if has_error_object || status.is_redirection() || status.is_client_error() {
        Delivery::Answered
    } else {
        Delivery::Unknown
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.0.status;
        write!(f, "{}", status.as_str())?;
        match &self.0.reason {
            Reason::Refused { code, message } => {
                write!(f, " {code}")?;
                if let Some(message) = message {
                    write!(f, ": {}", Show(&mask(message)))?;
                }
            }
            Reason::UnexpectedStatus => {
                if let Some(name) = status.canonical_reason() {
                    write!(f, " {name}")?;
                }
                f.write_str(": unexpected response")?;
            }
            Reason::Unsuccessful { code, message } => {
                f.write_str(" OK, but without success")?;
                if let Some(code) = code {
                    write!(f, ": {code}")?;
                }
                if let Some(message) = message {
                    write!(f, ": {}", Show(&mask(message)))?;
                }
            }
            Reason::Malformed(malformed) => write!(f, " OK, but {malformed}")?,
        }
        match self.0.retry_after {
            Some(RetryAfter::Delay(delay)) => write!(f, " (retry after {delay:?})"),
            Some(RetryAfter::At(time)) => {
                write!(f, " (retry after {})", httpdate::fmt_http_date(time))
            }
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("kind", &self.kind())
            .field("status", &self.0.status)
            .field("code", &self.code())
            .field("message", &self.message().map(mask))
            .field("retry_after", &self.0.retry_after)
            .field("body_bytes", &self.0.body.len())
            .finish()
    }
}

impl Error for ApiError {}
