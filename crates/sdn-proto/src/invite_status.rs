use std::fmt;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, CallError, Delivery, ErrorCode};
use crate::retry::is_rate_limit;

/// The status of one invitation.
///
/// As JSON it is `"invited"`, `"refused"`, `"not_sent"` or `"unknown"`.
///
/// ```
/// use sdn_proto::{Call, CallError, InviteStatus, InviteUser};
///
/// let response = http::Response::builder().status(504).body("<html>504 Gateway Timeout</html>")?;
/// let result = InviteUser::parse_response(&response).map_err(CallError::from);
/// assert_eq!(InviteStatus::of(&result), InviteStatus::Unknown);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InviteStatus {
    /// The node accepted the invitation.
    Invited,
    /// The node rejected it. It may have sent a mail before that, so check before you repeat it.
    Refused,
    /// Nothing happened: the request was not sent, or the node rejected the caller before it read
    /// the invitation. It can be sent again.
    NotSent,
    /// The node may have acted. Check the room before you repeat it.
    Unknown,
}

impl InviteStatus {
    /// Derives the status from the result of an invitation: of
    /// [`InviteBy3pid`](crate::InviteBy3pid), [`InviteUser`](crate::InviteUser) or
    /// [`InviteFlow`](crate::flow::InviteFlow).
    ///
    /// A rate limit and a rejected access token are [`NotSent`](Self::NotSent), because a node
    /// checks both first. Everything else follows from [`CallError::delivery`].
    pub fn of<'a, T, E>(result: &'a Result<T, E>) -> Self
    where
        Self: From<&'a E>,
    {
        match result {
            Ok(_) => Self::Invited,
            Err(error) => Self::from(error),
        }
    }

    /// Returns the status as it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Delivery> for InviteStatus {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::NotSent => Self::NotSent,
            Delivery::Answered => Self::Refused,
            Delivery::Unknown => Self::Unknown,
        }
    }
}

impl From<&ApiError> for InviteStatus {
    fn from(error: &ApiError) -> Self {
        let rejects_caller = is_rate_limit(error)
            || error.status() == StatusCode::UNAUTHORIZED
            || matches!(error.code(), Some(ErrorCode::UnknownToken | ErrorCode::MissingToken));
        if rejects_caller { Self::NotSent } else { error.delivery().into() }
    }
}

impl From<&CallError> for InviteStatus {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::Api(error) => error.into(),
            CallError::Transport(error) => error.delivery().into(),
        }
    }
}

impl fmt::Display for InviteStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
