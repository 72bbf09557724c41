use std::fmt;

use super::show::Show;
use crate::echo::mask;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal,)+) => {
        /// The machine-readable reason in a server's error object, its `errcode`.
        ///
        /// Servers may send any code. One that is not listed here is kept as
        /// [`Other`](ErrorCode::Other), and [`as_str`](ErrorCode::as_str) returns every code as the
        /// server wrote it. `Display` and `Debug` hide text in it that looks like a secret. See the
        /// specification's [standard error
        /// response](https://spec.matrix.org/v1.19/client-server-api/#standard-error-response).
        ///
        /// ```
        /// use sdn_proto::ErrorCode;
        ///
        /// assert_eq!(ErrorCode::from("M_FORBIDDEN"), ErrorCode::Forbidden);
        /// assert_eq!(ErrorCode::from("ORG.EXAMPLE_CLOSED").as_str(), "ORG.EXAMPLE_CLOSED");
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(
                #[doc = concat!("`", $text, "`.")]
                $(#[$doc])*
                $code,
            )+
            /// A code that is not listed here.
            Other(OtherCode),
        }

        impl ErrorCode {
            /// Returns the code as the server wrote it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$code => $text,)+
                    Self::Other(code) => &code.0,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(code: &str) -> Self {
                match code {
                    $($text => Self::$code,)+
                    _ => Self::Other(OtherCode(code.into())),
                }
            }
        }
    };
}

error_codes! {
    BadJson = "M_BAD_JSON",
    BadState = "M_BAD_STATE",
    CannotLeaveServerNoticeRoom = "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM",
    CaptchaInvalid = "M_CAPTCHA_INVALID",
    CaptchaNeeded = "M_CAPTCHA_NEEDED",
    /// The user has to accept the node's terms first: see
    /// [`ApiError::consent_uri`](super::ApiError::consent_uri).
    ConsentNotGiven = "M_CONSENT_NOT_GIVEN",
    EmailSendError = "M_EMAIL_SEND_ERROR",
    Exclusive = "M_EXCLUSIVE",
    Forbidden = "M_FORBIDDEN",
    GuestAccessForbidden = "M_GUEST_ACCESS_FORBIDDEN",
    IncompatibleRoomVersion = "M_INCOMPATIBLE_ROOM_VERSION",
    InvalidAddress = "M_INVALID_ADDRESS",
    InvalidEmail = "M_INVALID_EMAIL",
    InvalidParam = "M_INVALID_PARAM",
    InvalidPepper = "M_INVALID_PEPPER",
    InvalidRoomState = "M_INVALID_ROOM_STATE",
    InvalidSignature = "M_INVALID_SIGNATURE",
    InvalidUsername = "M_INVALID_USERNAME",
    InviteBlocked = "M_INVITE_BLOCKED",
    LimitExceeded = "M_LIMIT_EXCEEDED",
    MissingParam = "M_MISSING_PARAM",
    /// Sydent's spelling of `M_MISSING_PARAM`.
    MissingParams = "M_MISSING_PARAMS",
    MissingToken = "M_MISSING_TOKEN",
    NotFound = "M_NOT_FOUND",
    NotJson = "M_NOT_JSON",
    NoValidSession = "M_NO_VALID_SESSION",
    ResourceLimitExceeded = "M_RESOURCE_LIMIT_EXCEEDED",
    RoomInUse = "M_ROOM_IN_USE",
    SendError = "M_SEND_ERROR",
    /// The node does not trust the identity server; only the node's operator can change that.
    ServerNotTrusted = "M_SERVER_NOT_TRUSTED",
    SessionExpired = "M_SESSION_EXPIRED",
    SessionNotValidated = "M_SESSION_NOT_VALIDATED",
    TermsNotSigned = "M_TERMS_NOT_SIGNED",
    ThreepidAuthFailed = "M_THREEPID_AUTH_FAILED",
    ThreepidDenied = "M_THREEPID_DENIED",
    ThreepidInUse = "M_THREEPID_IN_USE",
    ThreepidNotFound = "M_THREEPID_NOT_FOUND",
    TooLarge = "M_TOO_LARGE",
    Unauthorized = "M_UNAUTHORIZED",
    Unknown = "M_UNKNOWN",
    UnknownToken = "M_UNKNOWN_TOKEN",
    Unrecognized = "M_UNRECOGNIZED",
    UnsupportedRoomVersion = "M_UNSUPPORTED_ROOM_VERSION",
    UserDeactivated = "M_USER_DEACTIVATED",
    UserInUse = "M_USER_IN_USE",
}

/// A code that [`ErrorCode`] does not list. Only [`ErrorCode::from`] creates one, so it is never a
/// listed code.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OtherCode(Box<str>);

impl fmt::Debug for OtherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Show(&mask(&self.0)))
    }
}

// A code from a server may contain any text.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(OtherCode(code)) => Show(&mask(code)).fmt(f),
            known => f.write_str(known.as_str()),
        }
    }
}
