//! The versions of the outbox's tables.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient};

use crate::error::Error;
use crate::schema::Schema;

/// The n-th leads from version n - 1 to version n.
const MIGRATIONS: &[&str] = &[include_str!("1.sql")];

pub(crate) const VERSION: i32 = MIGRATIONS.len() as i32;

/// Creates or updates the tables, while no other program does.
pub(crate) async fn migrate(client: &mut Client, schema: &Schema) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    let name = schema.as_str();
    let lock = "SELECT pg_advisory_xact_lock(hashtext('sdn_outbox'), hashtext($1))";
    transaction.query_typed(lock, &[(&name, Type::TEXT)]).await?;
    let found = match version(&transaction, schema).await {
        Ok(found) if found > VERSION => return Err(Error::Newer { found, known: VERSION }),
        Ok(found) => found,
        Err(Error::NoOutbox { .. }) => {
            // Its user may not be allowed to create a schema that exists.
            let exists = "SELECT FROM pg_namespace WHERE nspname = $1";
            if transaction.query_typed(exists, &[(&name, Type::TEXT)]).await?.is_empty() {
                transaction.batch_execute(&schema.fill("CREATE SCHEMA {schema}")).await?;
            }
            0
        }
        Err(error) => return Err(error),
    };
    for migration in &MIGRATIONS[usize::try_from(found).unwrap_or(0)..] {
        transaction.batch_execute(&schema.fill(migration)).await?;
    }
    Ok(transaction.commit().await?)
}

/// Checks that the tables have the version that this crate needs.
pub(crate) async fn check(client: &impl GenericClient, schema: &Schema) -> Result<(), Error> {
    match version(client, schema).await? {
        VERSION => Ok(()),
        found if found > VERSION => Err(Error::Newer { found, known: VERSION }),
        found => Err(Error::Older { found, known: VERSION }),
    }
}

/// Returns the version of the tables.
async fn version(client: &impl GenericClient, schema: &Schema) -> Result<i32, Error> {
    let name = || schema.as_str().to_owned();
    let columns = "SELECT c.relname::text,
            (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid
                AND a.attname IN ('version', 'salt')) = 2
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname IN ('outbox', 'sender', 'invitation')";
    let found = client.query_typed(columns, &[(&schema.as_str(), Type::TEXT)]).await?;
    if found.is_empty() {
        return Err(Error::NoOutbox { schema: name() });
    }
    if !found.iter().any(|row| row.get::<_, &str>(0) == "outbox" && row.get(1)) {
        return Err(Error::NotAnOutbox { schema: name() });
    }
    let version = schema.fill("SELECT version FROM {schema}.outbox");
    let rows = client.query_typed(&version, &[]).await?;
    match &*rows {
        [row] => row.try_get(0).map_err(|_| Error::NotAnOutbox { schema: name() }),
        _ => Err(Error::NotAnOutbox { schema: name() }),
    }
}
