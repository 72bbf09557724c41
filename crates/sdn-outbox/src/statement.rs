//! Statements that the outbox and its workers share.

use tokio_postgres::GenericClient;
use tokio_postgres::types::{ToSql, Type};

use crate::error::Error;
use crate::schema::Schema;

/// A statement's values with their types.
pub(crate) type Values<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// Runs a statement that changes rows. Returns how many it has changed, once that is committed.
pub(crate) async fn change(
    client: &impl GenericClient,
    statement: &str,
    values: Values<'_>,
) -> Result<u64, Error> {
    let counted = format!("WITH changed AS ({statement} RETURNING 1) SELECT count(*) FROM changed");
    let rows = client.query_typed(&counted, values).await?;
    let count: i64 = rows.first().map_or(0, |row| row.get(0));
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Returns the statement that marks invitations as unknown if their claim ended while they were
/// being sent.
///
/// The claim stays, so that a slow worker can still record the outcome. A row that is locked has
/// been marked by a transaction that is still open.
pub(crate) fn expire(schema: &Schema) -> String {
    schema.fill(
        "UPDATE {schema}.invitation SET state = 'unknown', changed_at = clock_timestamp(),
            problem = 'its worker has stopped while it was being sent'
        WHERE id IN (
            SELECT id FROM {schema}.invitation
            WHERE state = 'sending' AND due_at <= clock_timestamp()
            FOR NO KEY UPDATE SKIP LOCKED
        )",
    )
}
