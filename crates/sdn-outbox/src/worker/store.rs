//! The records of workers, with one statement each.

use std::time::Duration;

use sdn_proto::InviteStatus;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::shared::Account;
use super::statements::Statements;
use crate::error::Error;
use crate::invitation::Columns;
use crate::metrics::Gauges;
use crate::statement::{Values, change};

/// A turn that begins later is not reserved.
pub(super) const HORIZON: Duration = Duration::from_secs(1);

/// The outbox, over one connection.
pub(super) struct Store<'a> {
    pub(super) client: &'a Client,
    pub(super) statements: &'a Statements,
}

/// An invitation that a worker has claimed.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) id: i64,
    claim: String,
    sender: i64,
    pub(super) node: String,
    pub(super) dialect: String,
    pub(super) user_id: String,
    pub(super) room_id: String,
    pub(super) columns: Columns,
    pub(super) reason: Option<String>,
    /// Whether its key matches its content, so that no other program has changed the invitee or the
    /// room.
    pub(super) is_intact: bool,
}

/// A turn in the pace that all workers share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// The time until it begins.
    pub(super) wait: Duration,
    /// The number of the node's rate limits when it was reserved.
    limits: i64,
}

/// Whether an invitation may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// It is recorded as being sent.
    Sending,
    /// The node has limited the rate since the turn was reserved.
    TurnIsVoid,
    /// It now belongs to another worker, or was decided or changed.
    Lost,
}

/// The outcome of an invitation that ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) status: InviteStatus,
    pub(super) http_status: Option<u16>,
    pub(super) problem: Option<String>,
    /// How long the server asks to wait, if it limits the rate.
    pub(super) limited: Option<Duration>,
    /// Whether the node limited the invitation, and not another call.
    pub(super) is_limited_invitation: bool,
    /// Whether the sender has no valid token, which prevents all of their invitations.
    pub(super) is_without_token: bool,
}

impl Store<'_> {
    /// Returns the result of a statement after its commit.
    async fn run(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        Ok(self.client.query_typed(statement, values).await?)
    }

    /// Claims up to `batch` invitations of the sender with the next turn.
    pub(super) async fn claim(&self, batch: u16, timeout: Duration) -> Result<Vec<Claimed>, Error> {
        let values: Values<'_> = &[
            (&HORIZON.as_secs_f64(), Type::FLOAT8),
            (&i64::from(batch), Type::INT8),
            (&timeout.as_secs_f64(), Type::FLOAT8),
        ];
        let rows = self.run(&self.statements.claim, values).await?;
        let mut claimed: Vec<_> = rows.iter().map(Claimed::of).collect();
        claimed.sort_by_key(|claimed| claimed.id);
        Ok(claimed)
    }

    /// Lets others claim these invitations.
    pub(super) async fn release(&self, claimed: &[Claimed]) -> Result<(), Error> {
        if claimed.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = claimed.iter().map(|claimed| claimed.id).collect();
        let claims: Vec<_> = claimed.iter().map(|claimed| &*claimed.claim).collect();
        let values: Values<'_> = &[(&ids, Type::INT8_ARRAY), (&claims, Type::TEXT_ARRAY)];
        self.run(&self.statements.release, values).await?;
        Ok(())
    }

    /// Reserves the sender's next turn, unless it begins after the horizon.
    pub(super) async fn reserve(&self, claimed: &Claimed) -> Result<Option<Turn>, Error> {
        let values: Values<'_> =
            &[(&claimed.sender, Type::INT8), (&HORIZON.as_secs_f64(), Type::FLOAT8)];
        let rows = self.run(&self.statements.reserve, values).await?;
        Ok(rows.first().map(|row| Turn { wait: seconds(row.get(0)), limits: row.get(1) }))
    }

    /// Records that an invitation is about to be sent. Once this has returned, that is durable.
    pub(super) async fn begin(
        &self,
        claimed: &Claimed,
        turn: Turn,
        timeout: Duration,
    ) -> Result<Begun, Error> {
        let values: Values<'_> = &[
            (&claimed.id, Type::INT8),
            (&claimed.claim, Type::TEXT),
            (&claimed.sender, Type::INT8),
            (&turn.limits, Type::INT8),
            (&timeout.as_secs_f64(), Type::FLOAT8),
            (&claimed.room_id, Type::TEXT),
            (&claimed.columns.medium, Type::TEXT),
            (&claimed.columns.address, Type::TEXT),
        ];
        let rows = self.run(&self.statements.begin, values).await?;
        Ok(match rows.first().map(|row| (row.get(0), row.get(1))) {
            Some((true, true)) => Begun::Sending,
            Some((false, _)) => Begun::TurnIsVoid,
            Some((true, false)) | None => Begun::Lost,
        })
    }

    /// Records how an invitation ended, unless a person has decided meanwhile. It may be repeated.
    pub(super) async fn finish(
        &self,
        claimed: &Claimed,
        turn: Turn,
        ended: &Ended,
    ) -> Result<(), Error> {
        let http_status = ended.http_status.map(i32::from);
        let delay = ended.limited.unwrap_or_default().as_secs_f64();
        let [id, claim, sender]: [(&(dyn ToSql + Sync), Type); 3] = [
            (&claimed.id, Type::INT8),
            (&claimed.claim, Type::TEXT),
            (&claimed.sender, Type::INT8),
        ];
        let http_status = (&http_status as &(dyn ToSql + Sync), Type::INT4);
        let problem = (&ended.problem as &(dyn ToSql + Sync), Type::TEXT);
        let limits = (&turn.limits as &(dyn ToSql + Sync), Type::INT8);
        let delay = (&delay as &(dyn ToSql + Sync), Type::FLOAT8);
        let statements = self.statements;
        if ended.status != InviteStatus::NotSent {
            let is_invited = ended.status == InviteStatus::Invited;
            let status = (&ended.status.as_str() as &(dyn ToSql + Sync), Type::TEXT);
            let is_invited = (&is_invited as &(dyn ToSql + Sync), Type::BOOL);
            let values = [id, claim, sender, status, http_status, problem, is_invited, limits];
            self.run(&statements.finish, &values).await?;
        } else if ended.is_limited_invitation {
            let values = [id, claim, sender, delay, limits, http_status, problem];
            self.run(&statements.limit, &values).await?;
        } else {
            let is_without_token = (&ended.is_without_token as &(dyn ToSql + Sync), Type::BOOL);
            let values = [id, claim, sender, delay, http_status, problem, is_without_token];
            self.run(&statements.fail, &values).await?;
        }
        Ok(())
    }

    /// Keeps an invitation from being sent until a person decides.
    pub(super) async fn hold(&self, claimed: &Claimed, problem: &str) -> Result<(), Error> {
        let values: Values<'_> =
            &[(&claimed.id, Type::INT8), (&claimed.claim, Type::TEXT), (&problem, Type::TEXT)];
        self.run(&self.statements.hold, values).await?;
        Ok(())
    }

    /// Marks invitations as unknown if their claim ended while they were being sent. Returns their
    /// number.
    pub(super) async fn expire(&self) -> Result<u64, Error> {
        change(self.client, &self.statements.expire, &[]).await
    }

    /// Returns the time until an invitation can be claimed, if no new one arrives.
    pub(super) async fn next(&self) -> Result<Option<Duration>, Error> {
        let rows = self.run(&self.statements.next, &[]).await?;
        Ok(rows.first().and_then(|row| row.get(0)).map(seconds))
    }

    pub(super) async fn gauges(&self) -> Result<Gauges, Error> {
        let rows = self.run(&self.statements.gauges, &[]).await?;
        let gauges = rows.first().map(|row| Gauges {
            waiting: row.get(0),
            oldest_seconds: row.get(1),
            unknown: row.get(2),
        });
        Ok(gauges.unwrap_or_default())
    }
}

impl Claimed {
    fn of(row: &Row) -> Self {
        let address: Option<String> = row.get(8);
        Self {
            id: row.get(0),
            claim: row.get(1),
            sender: row.get(2),
            node: row.get(3),
            dialect: row.get(4),
            user_id: row.get(5),
            room_id: row.get(6),
            columns: Columns {
                medium: row.get(7),
                address: address.unwrap_or_default(),
                id_server: row.get(9),
                id_server_url: row.get(10),
            },
            reason: row.get(11),
            is_intact: row.get(12),
        }
    }

    /// Returns the key of an identity server's token.
    pub(super) fn account(&self) -> Account {
        let Columns { id_server, id_server_url, .. } = self.columns.clone();
        (self.node.clone(), self.user_id.clone(), id_server, id_server_url)
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
