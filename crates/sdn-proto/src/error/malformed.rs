use std::fmt;

use super::{InvalidInput, Rule};

/// What is wrong with the body of a 200. It repeats nothing of the body, which may contain a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    Empty,
    NotUtf8,
    NotJson { line: usize, column: usize },
    WrongShape { line: usize, column: usize },
    Invalid(InvalidInput),
    OutOfRange,
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            Self::WrongShape { line, column }
        } else {
            Self::NotJson { line, column }
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the body is empty"),
            Self::NotUtf8 => f.write_str("the body is not UTF-8"),
            Self::NotJson { line, column } => {
                write!(f, "the body is not JSON (line {line}, column {column})")
            }
            Self::WrongShape { line, column } => {
                write!(
                    f,
                    "the JSON does not have the fields of this response (line {line}, column {column})"
                )
            }
            Self::Invalid(invalid) if invalid.rule() == Rule::Empty => {
                write!(f, "the JSON has no {}", invalid.field())
            }
            Self::Invalid(invalid) => write!(f, "the JSON has a bad {}", invalid.field()),
            Self::OutOfRange => f.write_str("the JSON has a time out of range"),
        }
    }
}
