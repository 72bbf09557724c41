use std::error::Error as StdError;
use std::fmt;

use sdn_proto::CallError;
use sdn_proto::ledger::NotAllowed;

/// An error of the outbox. `Display` says what to do, and `Debug` has the same text.
///
/// It never contains a password, a token or an invitee's address.
#[non_exhaustive]
pub enum Error {
    /// The address of the database cannot be parsed.
    BadAddress,
    /// The file with root certificates, or one of them, cannot be read.
    BadCertificate,
    /// The schema's name is not a plain identifier.
    BadSchema,
    /// The schema has no outbox.
    NoOutbox {
        /// The schema's name.
        schema: String,
    },
    /// The schema has tables of the same names that are not an outbox.
    NotAnOutbox {
        /// The schema's name.
        schema: String,
    },
    /// A newer version of this crate has changed the tables.
    Newer {
        /// The version of the tables.
        found: i32,
        /// The newest version that this crate knows.
        known: i32,
    },
    /// The tables have to be migrated first.
    Older {
        /// The version of the tables.
        found: i32,
        /// The version that this crate needs.
        known: i32,
    },
    /// The database cannot be reached, or refuses the connection.
    Unreachable(tokio_postgres::Error),
    /// The connection to the database has ended.
    Disconnected,
    /// The database failed.
    Database(tokio_postgres::Error),
    /// The outbox has no such invitation.
    NoInvitation,
    /// The invitee was purged, so the invitation cannot be sent again.
    Purged,
    /// The decision is not allowed in the invitation's state.
    NotAllowed(NotAllowed),
    /// A row has a value that this crate does not write.
    Changed,
    /// The room cannot be read.
    Room(CallError),
    /// A setting of the worker is out of its range.
    BadSetting(&'static str),
    /// The user of a room has no token.
    NoToken(crate::CredentialsError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadAddress => f.write_str(
                "the address of the database is not valid; write postgres://user@host/database",
            ),
            Self::BadCertificate => f.write_str(
                "the root certificates cannot be read; name a PEM file with sslrootcert",
            ),
            Self::BadSchema => f.write_str(
                "the schema's name is not valid; use up to 63 of the characters a-z, 0-9 and _, \
                 and begin with a letter other than in pg_",
            ),
            Self::NoOutbox { schema } => {
                write!(f, "the schema {schema} has no outbox; migrate it first")
            }
            Self::NotAnOutbox { schema } => write!(
                f,
                "the schema {schema} has tables of another program; choose another schema"
            ),
            Self::Newer { found, known } => write!(
                f,
                "the outbox has version {found}, and this program knows {known}; update the program"
            ),
            Self::Older { found, known } => write!(
                f,
                "the outbox has version {found}, and this program needs {known}; migrate it first"
            ),
            Self::Unreachable(error) => {
                write!(f, "cannot connect to the database; check its address: {}", Cause(error))
            }
            Self::Disconnected => f.write_str("the database closed the connection; try again"),
            Self::Database(error) => write!(f, "the database failed: {}", Cause(error)),
            Self::NoInvitation => f.write_str("the outbox has no such invitation; check its ID"),
            Self::Purged => {
                f.write_str("the invitee was purged; settle it or enqueue it elsewhere")
            }
            Self::NotAllowed(error) => error.fmt(f),
            Self::Changed => f.write_str("another program has changed the row; correct it"),
            Self::Room(error) => write!(f, "cannot read the room: {error}"),
            Self::BadSetting(text) => f.write_str(text),
            Self::NoToken(error) => error.fmt(f),
        }
    }
}

/// The driver's own would show the row that PostgreSQL refused.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text of PostgreSQL or the network, without the values of a row.
struct Cause<'a>(&'a tokio_postgres::Error);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.0.as_db_error() {
            return write!(f, "{} ({})", error.message(), error.code().code());
        }
        match self.0.source() {
            Some(source) => write!(f, "{source}"),
            None => write!(f, "{}", self.0),
        }
    }
}

// `Display` has the whole chain.
impl StdError for Error {}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.is_closed() { Self::Disconnected } else { Self::Database(error) }
    }
}
