use tokio_postgres::GenericClient;
use tokio_postgres::types::{ToSql, Type};

use crate::error::Error;

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
