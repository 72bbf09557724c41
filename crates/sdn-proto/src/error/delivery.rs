use std::fmt;

/// What is known about a request's effect when its call failed.
///
/// An invitation by e-mail sends a mail: after [`NotSent`](Delivery::NotSent) repeat it freely,
/// otherwise check the room first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The server certainly did not act: the request never reached it.
    NotSent,
    /// The server responded. [`ApiError::delivery`](super::ApiError::delivery) says which responses
    /// count as the server's.
    Answered,
    /// The server may have acted without our knowing: no response arrived, or one that may be a
    /// proxy's. Check before you repeat the call.
    Unknown,
}

impl Delivery {
    /// Returns `not_sent`, `answered` or `unknown`, for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Answered => "answered",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
