use std::fmt;

use super::show::Show;
use crate::echo::mask;

/// The machine-readable reason in a server's error object, its `errcode`.
///
/// Codes are open-ended: one that is not listed here is kept as [`Other`](ErrorCode::Other), and
/// [`as_str`](ErrorCode::as_str) gives every code as the server wrote it. `Display` and `Debug` hide what looks like a
/// secret in such a code. See the specification's
/// [standard error response](https://spec.matrix.org/v1.19/client-server-api/#standard-error-response).
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
    /// `M_BAD_JSON`.
    BadJson,
    /// `M_BAD_STATE`.
    BadState,
    /// `M_CANNOT_LEAVE_SERVER_NOTICE_ROOM`.
    CannotLeaveServerNoticeRoom,
    /// `M_CAPTCHA_INVALID`.
    CaptchaInvalid,
    /// `M_CAPTCHA_NEEDED`.
    CaptchaNeeded,
    /// `M_EMAIL_SEND_ERROR`.
    EmailSendError,
    /// `M_EXCLUSIVE`.
    Exclusive,
    /// `M_FORBIDDEN`.
    Forbidden,
    /// `M_GUEST_ACCESS_FORBIDDEN`.
    GuestAccessForbidden,
    /// `M_INCOMPATIBLE_ROOM_VERSION`.
    IncompatibleRoomVersion,
    /// `M_INVALID_ADDRESS`.
    InvalidAddress,
    /// `M_INVALID_EMAIL`.
    InvalidEmail,
    /// `M_INVALID_PARAM`.
    InvalidParam,
    /// `M_INVALID_PEPPER`.
    InvalidPepper,
    /// `M_INVALID_ROOM_STATE`.
    InvalidRoomState,
    /// `M_INVALID_USERNAME`.
    InvalidUsername,
    /// `M_INVITE_BLOCKED`.
    InviteBlocked,
    /// `M_LIMIT_EXCEEDED`.
    LimitExceeded,
    /// `M_MISSING_PARAM`.
    MissingParam,
    /// `M_MISSING_PARAMS`. Sydent's spelling of `M_MISSING_PARAM`.
    MissingParams,
    /// `M_MISSING_TOKEN`.
    MissingToken,
    /// `M_NOT_FOUND`.
    NotFound,
    /// `M_NOT_JSON`.
    NotJson,
    /// `M_NO_VALID_SESSION`.
    NoValidSession,
    /// `M_RESOURCE_LIMIT_EXCEEDED`.
    ResourceLimitExceeded,
    /// `M_ROOM_IN_USE`.
    RoomInUse,
    /// `M_SEND_ERROR`.
    SendError,
    /// `M_SERVER_NOT_TRUSTED`.
    ServerNotTrusted,
    /// `M_SESSION_EXPIRED`.
    SessionExpired,
    /// `M_SESSION_NOT_VALIDATED`.
    SessionNotValidated,
    /// `M_TERMS_NOT_SIGNED`.
    TermsNotSigned,
    /// `M_THREEPID_AUTH_FAILED`.
    ThreepidAuthFailed,
    /// `M_THREEPID_DENIED`.
    ThreepidDenied,
    /// `M_THREEPID_IN_USE`.
    ThreepidInUse,
    /// `M_THREEPID_NOT_FOUND`.
    ThreepidNotFound,
    /// `M_TOO_LARGE`.
    TooLarge,
    /// `M_UNAUTHORIZED`.
    Unauthorized,
    /// `M_UNKNOWN`.
    Unknown,
    /// `M_UNKNOWN_TOKEN`.
    UnknownToken,
    /// `M_UNRECOGNIZED`.
    Unrecognized,
    /// `M_UNSUPPORTED_ROOM_VERSION`.
    UnsupportedRoomVersion,
    /// `M_USER_DEACTIVATED`.
    UserDeactivated,
    /// `M_USER_IN_USE`.
    UserInUse,
    /// A code that is not listed here.
    Other(OtherCode),
}

/// A code that [`ErrorCode`] does not list. It can't be made by hand, so that no listed code hides in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OtherCode(Box<str>);

impl fmt::Debug for OtherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Show(&mask(&self.0)))
    }
}

impl ErrorCode {
    /// The code as the server wrote it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::BadJson => "M_BAD_JSON",
            Self::BadState => "M_BAD_STATE",
            Self::CannotLeaveServerNoticeRoom => "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM",
            Self::CaptchaInvalid => "M_CAPTCHA_INVALID",
            Self::CaptchaNeeded => "M_CAPTCHA_NEEDED",
            Self::EmailSendError => "M_EMAIL_SEND_ERROR",
            Self::Exclusive => "M_EXCLUSIVE",
            Self::Forbidden => "M_FORBIDDEN",
            Self::GuestAccessForbidden => "M_GUEST_ACCESS_FORBIDDEN",
            Self::IncompatibleRoomVersion => "M_INCOMPATIBLE_ROOM_VERSION",
            Self::InvalidAddress => "M_INVALID_ADDRESS",
            Self::InvalidEmail => "M_INVALID_EMAIL",
            Self::InvalidParam => "M_INVALID_PARAM",
            Self::InvalidPepper => "M_INVALID_PEPPER",
            Self::InvalidRoomState => "M_INVALID_ROOM_STATE",
            Self::InvalidUsername => "M_INVALID_USERNAME",
            Self::InviteBlocked => "M_INVITE_BLOCKED",
            Self::LimitExceeded => "M_LIMIT_EXCEEDED",
            Self::MissingParam => "M_MISSING_PARAM",
            Self::MissingParams => "M_MISSING_PARAMS",
            Self::MissingToken => "M_MISSING_TOKEN",
            Self::NotFound => "M_NOT_FOUND",
            Self::NotJson => "M_NOT_JSON",
            Self::NoValidSession => "M_NO_VALID_SESSION",
            Self::ResourceLimitExceeded => "M_RESOURCE_LIMIT_EXCEEDED",
            Self::RoomInUse => "M_ROOM_IN_USE",
            Self::SendError => "M_SEND_ERROR",
            Self::ServerNotTrusted => "M_SERVER_NOT_TRUSTED",
            Self::SessionExpired => "M_SESSION_EXPIRED",
            Self::SessionNotValidated => "M_SESSION_NOT_VALIDATED",
            Self::TermsNotSigned => "M_TERMS_NOT_SIGNED",
            Self::ThreepidAuthFailed => "M_THREEPID_AUTH_FAILED",
            Self::ThreepidDenied => "M_THREEPID_DENIED",
            Self::ThreepidInUse => "M_THREEPID_IN_USE",
            Self::ThreepidNotFound => "M_THREEPID_NOT_FOUND",
            Self::TooLarge => "M_TOO_LARGE",
            Self::Unauthorized => "M_UNAUTHORIZED",
            Self::Unknown => "M_UNKNOWN",
            Self::UnknownToken => "M_UNKNOWN_TOKEN",
            Self::Unrecognized => "M_UNRECOGNIZED",
            Self::UnsupportedRoomVersion => "M_UNSUPPORTED_ROOM_VERSION",
            Self::UserDeactivated => "M_USER_DEACTIVATED",
            Self::UserInUse => "M_USER_IN_USE",
            Self::Other(code) => &code.0,
        }
    }
}

impl From<&str> for ErrorCode {
    fn from(code: &str) -> Self {
        match code {
            "M_BAD_JSON" => Self::BadJson,
            "M_BAD_STATE" => Self::BadState,
            "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM" => Self::CannotLeaveServerNoticeRoom,
            "M_CAPTCHA_INVALID" => Self::CaptchaInvalid,
            "M_CAPTCHA_NEEDED" => Self::CaptchaNeeded,
            "M_EMAIL_SEND_ERROR" => Self::EmailSendError,
            "M_EXCLUSIVE" => Self::Exclusive,
            "M_FORBIDDEN" => Self::Forbidden,
            "M_GUEST_ACCESS_FORBIDDEN" => Self::GuestAccessForbidden,
            "M_INCOMPATIBLE_ROOM_VERSION" => Self::IncompatibleRoomVersion,
            "M_INVALID_ADDRESS" => Self::InvalidAddress,
            "M_INVALID_EMAIL" => Self::InvalidEmail,
            "M_INVALID_PARAM" => Self::InvalidParam,
            "M_INVALID_PEPPER" => Self::InvalidPepper,
            "M_INVALID_ROOM_STATE" => Self::InvalidRoomState,
            "M_INVALID_USERNAME" => Self::InvalidUsername,
            "M_INVITE_BLOCKED" => Self::InviteBlocked,
            "M_LIMIT_EXCEEDED" => Self::LimitExceeded,
            "M_MISSING_PARAM" => Self::MissingParam,
            "M_MISSING_PARAMS" => Self::MissingParams,
            "M_MISSING_TOKEN" => Self::MissingToken,
            "M_NOT_FOUND" => Self::NotFound,
            "M_NOT_JSON" => Self::NotJson,
            "M_NO_VALID_SESSION" => Self::NoValidSession,
            "M_RESOURCE_LIMIT_EXCEEDED" => Self::ResourceLimitExceeded,
            "M_ROOM_IN_USE" => Self::RoomInUse,
            "M_SEND_ERROR" => Self::SendError,
            "M_SERVER_NOT_TRUSTED" => Self::ServerNotTrusted,
            "M_SESSION_EXPIRED" => Self::SessionExpired,
            "M_SESSION_NOT_VALIDATED" => Self::SessionNotValidated,
            "M_TERMS_NOT_SIGNED" => Self::TermsNotSigned,
            "M_THREEPID_AUTH_FAILED" => Self::ThreepidAuthFailed,
            "M_THREEPID_DENIED" => Self::ThreepidDenied,
            "M_THREEPID_IN_USE" => Self::ThreepidInUse,
            "M_THREEPID_NOT_FOUND" => Self::ThreepidNotFound,
            "M_TOO_LARGE" => Self::TooLarge,
            "M_UNAUTHORIZED" => Self::Unauthorized,
            "M_UNKNOWN" => Self::Unknown,
            "M_UNKNOWN_TOKEN" => Self::UnknownToken,
            "M_UNRECOGNIZED" => Self::Unrecognized,
            "M_UNSUPPORTED_ROOM_VERSION" => Self::UnsupportedRoomVersion,
            "M_USER_DEACTIVATED" => Self::UserDeactivated,
            "M_USER_IN_USE" => Self::UserInUse,
            _ => Self::Other(OtherCode(code.into())),
        }
    }
}

// A code from a server may hold anything.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(OtherCode(code)) => Show(&mask(code)).fmt(f),
            known => f.write_str(known.as_str()),
        }
    }
}
