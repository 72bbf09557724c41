//! The stored logins, in a file that only its owner can read.

mod choose;
mod file;
mod login;

pub(crate) use self::choose::{Choice, Missed};
#[cfg(feature = "outbox")]
pub(crate) use self::file::path;
pub(crate) use self::file::{add, check, read, remove};
pub(crate) use self::login::Login;
