//! The SQL of workers.

use crate::schema::Schema;
use crate::statement::expire;

/// The states in which an invitation may be sent.
const TO_SEND: &str = "('new', 'not_sent', 'retry')";

/// The statements, with the schema's name in them.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) claim: String,
    pub(super) release: String,
    pub(super) reserve: String,
    pub(super) begin: String,
    pub(super) finish: String,
    pub(super) limit: String,
    pub(super) fail: String,
    pub(super) hold: String,
    pub(super) expire: String,
    pub(super) next: String,
    pub(super) gauges: String,
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
            // One that is recorded as being sent was refused, and lost its turn to be sent again.
            release: fill(
                "UPDATE {schema}.invitation i SET claim = NULL, due_at = enqueued_at,
                    state = CASE WHEN state IN {to_send} THEN state ELSE 'not_sent' END
                FROM unnest($1, $2) AS v (id, claim)
                WHERE i.id = v.id AND i.claim = v.claim::uuid
                    AND (state IN ('sending', 'unknown') OR state IN {to_send})",
            ),
            // The lock waits for no transaction that has enqueued an invitation of the sender.
            reserve: fill(
                "WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
                turn AS (
                    SELECT id, next_turn, clock_timestamp() AS now, CASE
                        WHEN next_turn < now() - interval '60 s' THEN 'forget'
                        WHEN next_turn < now() - make_interval(secs => greatest(gap, 0.2)) THEN 'unused'
                        ELSE 'used' END AS history
                    FROM {schema}.sender
                    WHERE id = $1 AND next_turn <= now() + make_interval(secs => $2)
                    FOR NO KEY UPDATE
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
                        failures = failures + CASE WHEN $7 THEN 0 ELSE 1 END,
                        http_status = $5, problem = $6,
                        due_at = CASE WHEN $7 THEN enqueued_at ELSE clock_timestamp()
                            + make_interval(secs => least(3600, 2 ^ least(failures, 12))) END,
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
