use std::time::Duration;

use sdn_proto::ledger::{Decision, State};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, GenericClient};

use crate::entry::{Counts, Enqueued, Entry, Listed, state};
use crate::error::Error;
use crate::invitation::Invitation;
use crate::migrate;
use crate::schema::Schema;
use crate::statement::{change, expire};

/// The tables of an outbox, by the name of their schema.
///
/// It is a plain value: each method takes the connection to use. Programs that use the same schema
/// of one database share the outbox.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    pub(crate) schema: Schema,
}

/// The channel on which workers hear of new invitations. The payload is the schema.
pub(crate) const CHANNEL: &str = "sdn_outbox";

impl Outbox {
    /// Returns the outbox in the schema `sdn`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the outbox in this schema: up to 63 of the characters `a-z`, `0-9` and `_`.
    ///
    /// # Errors
    ///
    /// [`Error::BadSchema`].
    pub fn in_schema(name: &str) -> Result<Self, Error> {
        Ok(Self { schema: Schema::new(name)? })
    }

    /// Creates the schema and the tables, or updates tables of an older version.
    ///
    /// Any number of programs may do this at the same time.
    ///
    /// # Errors
    ///
    /// [`Error::Newer`], [`Error::NotAnOutbox`], or those of the database. Then nothing has
    /// changed.
    pub async fn migrate(&self, client: &mut Client) -> Result<(), Error> {
        migrate::migrate(client, &self.schema).await
    }

    /// Checks that the tables exist and have this crate's version.
    ///
    /// # Errors
    ///
    /// [`Error::NoOutbox`], [`Error::NotAnOutbox`], [`Error::Newer`], [`Error::Older`], or those of
    /// the database.
    pub async fn check(&self, client: &impl GenericClient) -> Result<(), Error> {
        migrate::check(client, &self.schema).await
    }

    /// Puts an invitation into the outbox, within the caller's transaction.
    ///
    /// It is sent if and when that transaction commits. An invitee who is already in the outbox,
    /// for the same node and room, is not invited again. This includes another sender, another
    /// spelling, and an invitee after a [purge](Self::purge).
    ///
    /// If another open transaction adds the same invitation, or the sender's first, this waits for
    /// its end.
    ///
    /// # Errors
    ///
    /// Those of the database. PostgreSQL then refuses the transaction's other statements too.
    pub async fn enqueue(
        &self,
        client: &impl GenericClient,
        invitation: &Invitation,
    ) -> Result<Enqueued, Error> {
        let sender = self.sender(client, invitation).await?;
        let columns = invitation.invitee.columns();
        let key = format!(
            "{}\n{}\n{}:{}",
            invitation.node, invitation.room_id, columns.medium, columns.address
        );
        let room_id = invitation.room_id.to_string();
        let add = self.schema.fill(
            "WITH added AS (
                INSERT INTO {schema}.invitation
                    (key, sender, room_id, medium, address, id_server, id_server_url, reason)
                SELECT sha256(salt || convert_to($1, 'UTF8')), $2, $3, $4, $5, $6, $7, $8
                FROM {schema}.outbox
                ON CONFLICT (key) DO NOTHING RETURNING id
            )
            SELECT id, pg_notify($9, $10) IS NULL FROM added",
        );
        let find = self.schema.fill(
            "SELECT id, state FROM {schema}.invitation, {schema}.outbox
            WHERE key = sha256(salt || convert_to($1, 'UTF8'))",
        );
        loop {
            let values: [(&(dyn ToSql + Sync), Type); 10] = [
                (&key, Type::TEXT),
                (&sender, Type::INT8),
                (&room_id, Type::TEXT),
                (&columns.medium, Type::TEXT),
                (&columns.address, Type::TEXT),
                (&columns.id_server, Type::TEXT),
                (&columns.id_server_url, Type::TEXT),
                (&invitation.reason, Type::TEXT),
                (&CHANNEL, Type::TEXT),
                (&self.schema.as_str(), Type::TEXT),
            ];
            if let [row] = &*client.query_typed(&add, &values).await? {
                return Ok(Enqueued::New(row.get(0)));
            }
            if let [row] = &*client.query_typed(&find, &[(&key, Type::TEXT)]).await? {
                return Ok(Enqueued::Existing(row.get(0), state(row.get(1))));
            }
            // It was deleted meanwhile.
        }
    }

    /// Returns the ID of the sender, and adds the sender if necessary.
    async fn sender(
        &self,
        client: &impl GenericClient,
        invitation: &Invitation,
    ) -> Result<i64, Error> {
        let node = invitation.node.to_string();
        let dialect = invitation.node.dialect().to_string();
        let user_id = invitation.sender.to_string();
        let values: [(&(dyn ToSql + Sync), Type); 3] =
            [(&node, Type::TEXT), (&dialect, Type::TEXT), (&user_id, Type::TEXT)];
        // Most senders are there, and an update would wait for the workers.
        let find = self.schema.fill(
            "SELECT id FROM {schema}.sender WHERE node = $1 AND dialect = $2 AND user_id = $3",
        );
        let add = self.schema.fill(
            "INSERT INTO {schema}.sender (node, dialect, user_id) VALUES ($1, $2, $3)
            ON CONFLICT (node, dialect, user_id) DO NOTHING",
        );
        loop {
            if let [row] = &*client.query_typed(&find, &values).await? {
                return Ok(row.get(0));
            }
            client.query_typed(&add, &values).await?;
        }
    }

    /// Counts the invitations.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn counts(&self, client: &impl GenericClient) -> Result<Counts, Error> {
        let count = self.schema.fill(
            "SELECT state, count(*),
                extract(epoch FROM now() - min(enqueued_at))::double precision
            FROM {schema}.invitation GROUP BY state",
        );
        let mut counts = Counts::default();
        for row in client.query_typed(&count, &[]).await? {
            let number = u64::try_from(row.get::<_, i64>(1)).unwrap_or(0);
            let age = Duration::try_from_secs_f64(row.get(2)).unwrap_or_default();
            match row.get(0) {
                "sending" => counts.sending = number,
                "invited" => counts.invited = number,
                "refused" => counts.refused = number,
                "unknown" => counts.unknown = number,
                "settled" => counts.settled = number,
                _ => {
                    counts.waiting += number;
                    counts.oldest_waiting = counts.oldest_waiting.max(age);
                }
            }
        }
        Ok(counts)
    }

    /// Lists up to `limit` invitations with IDs greater than `after`, by ID.
    ///
    /// It first marks what dead workers were sending as unknown, so it needs a connection that may
    /// write.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn list(
        &self,
        client: &impl GenericClient,
        listed: Listed,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Entry>, Error> {
        // Perhaps no worker runs that would do it.
        change(client, &expire(&self.schema), &[]).await?;
        let condition = match listed {
            Listed::ToDecide => "state IN ('refused', 'unknown')",
            Listed::Failing => "state IN ('new', 'not_sent', 'retry') AND problem IS NOT NULL",
            Listed::All => "true",
        };
        let list = self.schema.fill(&format!(
            "SELECT i.id, node, user_id, room_id, medium, address, state, http_status, problem,
                in_room
            FROM {{schema}}.invitation i JOIN {{schema}}.sender s ON s.id = i.sender
            WHERE {condition} AND i.id > $1 ORDER BY i.id LIMIT $2"
        ));
        let values: [(&(dyn ToSql + Sync), Type); 2] =
            [(&after, Type::INT8), (&i64::from(limit), Type::INT8)];
        Ok(client.query_typed(&list, &values).await?.iter().map(Entry::of).collect())
    }

    /// Records a person's decision about an invitation: to settle it, or to send it again.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] if the invitation was accepted, is being sent, or is a new one to be
    /// retried; [`Error::NoInvitation`] if the outbox does not have it; or those of the database.
    pub async fn decide(
        &self,
        client: &impl GenericClient,
        id: i64,
        decision: Decision,
    ) -> Result<State, Error> {
        change(client, &expire(&self.schema), &[]).await?;
        let find = self
            .schema
            .fill("SELECT state, address IS NULL FROM {schema}.invitation WHERE id = $1");
        let decide = self.schema.fill(
            "WITH decided AS (
                UPDATE {schema}.invitation SET state = $3, claim = NULL, due_at = now(),
                    changed_at = now(), problem = NULL, http_status = NULL, in_room = NULL
                WHERE id = $1 AND state = $2 RETURNING id
            )
            SELECT id, pg_notify($4, $5) IS NULL FROM decided",
        );
        loop {
            let found = client.query_typed(&find, &[(&id, Type::INT8)]).await?;
            let [row] = &*found else { return Err(Error::NoInvitation) };
            let before = state(row.get(0));
            let after = before.decide(decision).map_err(Error::NotAllowed)?;
            if after.may_be_sent() && row.get(1) {
                return Err(Error::Purged);
            }
            let values: [(&(dyn ToSql + Sync), Type); 5] = [
                (&id, Type::INT8),
                (&before.as_str(), Type::TEXT),
                (&after.as_str(), Type::TEXT),
                (&CHANNEL, Type::TEXT),
                (&self.schema.as_str(), Type::TEXT),
            ];
            // Otherwise it has changed meanwhile.
            if !client.query_typed(&decide, &values).await?.is_empty() {
                return Ok(after);
            }
        }
    }

    /// Removes the addresses, reasons and problems of invitations that ended at least `older_than`
    /// ago as invited, refused or settled. Returns how many it removed.
    ///
    /// A salted hash stays, so that the invitee is still not invited again. With the hash and the
    /// tables, a guessed address can be checked. Delete the rows to remove that too; then the same
    /// invitee can be invited again.
    ///
    /// An invitation that was refused cannot be retried after that.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn purge(
        &self,
        client: &impl GenericClient,
        older_than: Duration,
    ) -> Result<u64, Error> {
        let purge = self.schema.fill(
            "UPDATE {schema}.invitation SET address = NULL, reason = NULL, problem = NULL
            WHERE state IN ('invited', 'refused', 'settled') AND address IS NOT NULL
                AND changed_at <= now() - make_interval(secs => $1)",
        );
        let seconds = older_than.as_secs_f64();
        change(client, &purge, &[(&seconds, Type::FLOAT8)]).await
    }
}
