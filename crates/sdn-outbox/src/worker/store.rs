//! The records of workers, with one statement each.

use std::time::Duration;

use sdn_proto::InviteStatus;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use crate::error::Error;
use crate::invitation::Columns;
use crate::metrics::Gauges;
use crate::schema::Schema;
use crate::statement::{Values, change};

/// The states in which an invitation may be sent.
const TO_SEND: &str = "('new', 'not_sent', 'retry')";

/// A turn that begins later is not reserved.
pub(super) const HORIZON: Duration = Duration::from_secs(1);

/// The statements, with the schema's name in them.
#[derive(Debug)]
pub(super) struct Statements {
    claim: String,
    release: String,
    reserve: String,
    begin: String,
    finish: String,
    limit: String,
    fail: String,
    hold: String,
    expire: String,
    next: String,
    gauges: String,
}

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
}

impl Statements {
    pub(super) fn new(schema: &Schema) -> Self {
        let fill = |statement: &str| schema.fill(&statement.replace("{to_send}", TO_SEND));
        let reopened = "(clock_timestamp() + make_interval(secs => least(86400, greatest($4,
            CASE refused_in_a_row WHEN 0 THEN 0
                ELSE 0.1 * 2 ^ least(refused_in_a_row - 1, 9) END))))";
        Self {
            // The commit may be lost in a crash. Then no worker has the claim.
            claim: fill(
                "WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
                first AS (
                    SELECT s.id FROM {schema}.sender s
                    WHERE s.next_turn <= now() + make_interval(secs => $1) AND EXISTS (
                        SELECT FROM {schema}.invitation i
                        WHERE i.sender = s.id AND i.state IN {to_send} AND i.due_at <= now()
                    )
                    ORDER BY s.next_turn LIMIT 1
                ), chosen AS (
                    SELECT i.id, gen_random_uuid() AS claim
                    FROM {schema}.invitation i JOIN first ON first.id = i.sender
                    WHERE i.state IN {to_send} AND i.due_at <= now()
                    ORDER BY i.due_at, i.id LIMIT $2 FOR UPDATE OF i SKIP LOCKED
                )
                UPDATE {schema}.invitation i
                SET claim = chosen.claim, due_at = clock_timestamp() + make_interval(secs => $3)
                FROM quick, chosen, {schema}.sender s, {schema}.outbox o
                WHERE i.id = chosen.id AND s.id = i.sender
                RETURNING i.id, i.claim::text, i.sender, s.node, s.dialect, s.user_id, i.room_id,
                    i.medium, i.address, i.id_server, i.id_server_url, i.reason,
                    i.key = sha256(o.salt || convert_to(s.node || E'\\n' || i.room_id || E'\\n'
                        || i.medium || ':' || i.address, 'UTF8')) IS TRUE",
            ),
            release: fill(
                "UPDATE {schema}.invitation i SET claim = NULL, due_at = enqueued_at
                FROM unnest($1, $2) AS v (id, claim)
                WHERE i.id = v.id AND i.claim = v.claim::uuid AND state IN {to_send}",
            ),
            reserve: fill(
                "WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
                turn AS (
                    SELECT id, next_turn, clock_timestamp() AS now, CASE
                        WHEN next_turn < now() - interval '60 s' THEN 'forget'
                        WHEN next_turn < now() - make_interval(secs => greatest(gap, 0.2)) THEN 'unused'
                        ELSE 'used' END AS history
                    FROM {schema}.sender
                    WHERE id = $1 AND next_turn <= now() + make_interval(secs => $2)
                    FOR UPDATE
                )
                UPDATE {schema}.sender s SET
                    last_turn = greatest(turn.next_turn, turn.now - make_interval(secs => gap)),
                    next_turn = CASE
                        WHEN history = 'forget' THEN turn.now
                        WHEN is_single AND gap = 0 THEN turn.now + interval '2 s'
                        ELSE greatest(turn.next_turn, turn.now - make_interval(secs => gap))
                            + make_interval(secs => gap) END,
                    gap = CASE history WHEN 'forget' THEN 0 ELSE gap END,
                    is_single = CASE history WHEN 'forget' THEN false ELSE is_single END,
                    since = CASE history WHEN 'used' THEN since END,
                    accepted = CASE history WHEN 'forget' THEN 0 ELSE accepted END,
                    refused_in_a_row = CASE history WHEN 'forget' THEN 0 ELSE refused_in_a_row END
                FROM quick, turn WHERE s.id = turn.id
                RETURNING greatest(0, extract(epoch FROM s.last_turn - turn.now))::double precision,
                    s.limits",
            ),
            begin: fill(
                "WITH turn AS (SELECT limits = $4 AS is_valid FROM {schema}.sender WHERE id = $3),
                begun AS (
                    UPDATE {schema}.invitation SET state = 'sending', changed_at = clock_timestamp(),
                        in_room = NULL,
                        due_at = clock_timestamp() + make_interval(secs => $5)
                    WHERE id = $1 AND claim = $2::text::uuid AND due_at > clock_timestamp()
                        AND (state IN {to_send} OR state = 'sending')
                        AND (room_id, medium, address) = ($6, $7, $8)
                        AND (SELECT is_valid FROM turn)
                    RETURNING id
                )
                SELECT is_valid, EXISTS (SELECT FROM begun) FROM turn",
            ),
            finish: fill(
                "WITH ended AS (
                    UPDATE {schema}.invitation SET state = $4, http_status = $5, problem = $6,
                        changed_at = clock_timestamp()
                    WHERE id = $1 AND claim = $2::text::uuid AND state IN ('sending', 'unknown')
                    RETURNING id
                ), paced AS (
                    UPDATE {schema}.sender SET
                        failures = 0,
                        refused_in_a_row = CASE WHEN $7 AND limits = $8 THEN 0
                            ELSE refused_in_a_row END,
                        accepted = accepted + CASE WHEN $7 THEN 1 ELSE 0 END,
                        gap = CASE WHEN $7 AND limits = $8 AND gap > 0.001
                            THEN greatest(0.001, gap * (1 - least(0.5, (accepted + 1.0)
                                / least(greatest(learned_from, 1)::bigint * 128, 8192))))
                            ELSE gap END,
                        next_turn = CASE WHEN is_single AND gap = 0 AND limits = $8
                            THEN clock_timestamp() ELSE next_turn END
                    WHERE id = $3 AND (limits > 0 OR failures > 0)
                )
                SELECT FROM ended",
            ),
            limit: fill(&format!(
                "WITH ended AS (
                    UPDATE {{schema}}.invitation SET state = 'not_sent', claim = NULL,
                        due_at = enqueued_at, http_status = $6, problem = $7,
                        changed_at = clock_timestamp()
                    WHERE id = $1 AND claim = $2::text::uuid AND state IN ('sending', 'unknown')
                    RETURNING id
                ), paced AS (
                    UPDATE {{schema}}.sender SET
                        next_turn = greatest(next_turn, {reopened}),
                        limits = CASE WHEN limits = $5 THEN limits + 1 ELSE limits END,
                        refused_in_a_row = CASE WHEN limits = $5 THEN refused_in_a_row + 1
                            ELSE refused_in_a_row END,
                        is_single = is_single OR limits = $5 AND (accepted = 0 OR since IS NULL),
                        gap = CASE WHEN limits = $5 AND accepted > 0 AND since IS NOT NULL
                            THEN least(
                                extract(epoch FROM {reopened} - since) / accepted * 20 / 19,
                                CASE gap WHEN 0 THEN 86400 ELSE 2 * gap END
                            ) ELSE gap END,
                        learned_from = CASE WHEN limits = $5 AND accepted > 0 AND since IS NOT NULL
                            THEN accepted ELSE learned_from END,
                        since = CASE WHEN limits = $5 AND (accepted > 0 OR since IS NULL)
                            THEN {reopened} ELSE since END,
                        accepted = CASE WHEN limits = $5 THEN 0 ELSE accepted END
                    WHERE id = $3
                )
                SELECT FROM ended"
            )),
            fail: fill(
                "WITH ended AS (
                    UPDATE {schema}.invitation SET state = 'not_sent', claim = NULL,
                        failures = failures + 1, http_status = $5, problem = $6,
                        due_at = clock_timestamp() + make_interval(secs => least(3600, 2 ^ least(failures, 12))),
                        changed_at = clock_timestamp()
                    WHERE id = $1 AND claim = $2::text::uuid
                        AND (state IN ('sending', 'unknown') OR state IN {to_send})
                    RETURNING id
                ), paced AS (
                    UPDATE {schema}.sender SET failures = failures + 1, limits = limits + 1,
                        next_turn = greatest(next_turn, clock_timestamp() + make_interval(
                            secs => least(86400, greatest($4, least(60, 2 ^ least(failures, 6))))))
                    WHERE id = $3 AND EXISTS (SELECT FROM ended)
                )
                SELECT FROM ended",
            ),
            hold: fill(
                "UPDATE {schema}.invitation SET state = 'not_sent', claim = NULL, due_at = 'infinity',
                    problem = $3, changed_at = clock_timestamp()
                WHERE id = $1 AND claim = $2::text::uuid AND state IN {to_send}",
            ),
            expire: expire(schema),
            next: fill(
                "SELECT extract(epoch FROM min(greatest(s.next_turn, w.due_at)) - now())::double precision
                FROM {schema}.sender s CROSS JOIN LATERAL (
                    SELECT min(i.due_at) AS due_at FROM {schema}.invitation i
                    WHERE i.sender = s.id AND i.state IN {to_send} AND i.due_at < 'infinity'
                ) w WHERE w.due_at IS NOT NULL",
            ),
            gauges: fill(
                "SELECT count(*)::double precision,
                    coalesce(extract(epoch FROM now() - min(enqueued_at)), 0)::double precision,
                    (SELECT count(*) FROM {schema}.invitation WHERE state = 'unknown')::double precision
                FROM {schema}.invitation WHERE state IN {to_send}",
            ),
        }
    }
}

/// Returns the statement that marks invitations as unknown if their claim ended while they were
/// being sent.
///
/// The claim stays, so that a slow worker can still record the outcome.
pub(crate) fn expire(schema: &Schema) -> String {
    schema.fill(
        "UPDATE {schema}.invitation SET state = 'unknown', changed_at = clock_timestamp(),
            problem = 'its worker has stopped while it was being sent'
        WHERE state = 'sending' AND due_at <= clock_timestamp()",
    )
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
            let values = [id, claim, sender, delay, http_status, problem];
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
    pub(super) fn account(&self) -> (String, String, Option<String>) {
        (self.node.clone(), self.user_id.clone(), self.columns.id_server.clone())
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
