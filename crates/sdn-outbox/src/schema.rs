use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// The name of the schema that has the outbox's tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema(Arc<str>);

/// PostgreSQL cuts a longer name.
const MAX_BYTES: usize = 63;

impl Schema {
    /// Checks a name, so that it can be part of a statement.
    pub(crate) fn new(name: &str) -> Result<Self, Error> {
        let is_first = |c: char| c.is_ascii_lowercase() || c == '_';
        let is_valid = name.starts_with(is_first)
            && !name.starts_with("pg_")
            && name.len() <= MAX_BYTES
            && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
        if is_valid { Ok(Self(name.into())) } else { Err(Error::BadSchema) }
    }

    /// Returns a statement with this name instead of `{schema}`.
    pub(crate) fn fill(&self, statement: &str) -> String {
        statement.replace("{schema}", &format!("\"{}\"", self.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self("sdn".into())
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_must_be_plain_identifier() {
        for name in ["sdn", "_", "invites_2", &"a".repeat(63)] {
            assert!(Schema::new(name).is_ok(), "{name}");
        }
        for name in ["", "2a", "Sdn", "a-b", "a\"b", "a.b", "a b", "é", "pg_x", &"a".repeat(64)] {
            assert!(matches!(Schema::new(name), Err(Error::BadSchema)), "{name}");
        }
        let schema = Schema::new("team").unwrap();
        assert_eq!(schema.fill("SELECT 1 FROM {schema}.a"), "SELECT 1 FROM \"team\".a");
    }
}
