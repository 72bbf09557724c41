use std::fmt;
use std::str::FromStr;

use crate::error::{InvalidInput, Rule};

/// The two families of servers that make the same calls under different names.
///
/// ```
/// use sdn_proto::Dialect;
///
/// assert_eq!(Dialect::default().prefix(), "_api");
/// assert_eq!("matrix".parse(), Ok(Dialect::Matrix));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// SDN: paths begin with `_api`.
    #[default]
    Sdn,
    /// Matrix: paths begin with `_matrix`.
    Matrix,
}

impl Dialect {
    /// Returns the first segment of every API path.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Sdn => "_api",
            Self::Matrix => "_matrix",
        }
    }

    /// Returns the dialect's name, `sdn` or `matrix`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sdn => "sdn",
            Self::Matrix => "matrix",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses `sdn` or `matrix`.
impl FromStr for Dialect {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        match text {
            "sdn" => Ok(Self::Sdn),
            "matrix" => Ok(Self::Matrix),
            _ => Err(InvalidInput::new("dialect", Rule::UnknownWord)),
        }
    }
}
