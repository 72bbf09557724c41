-- One row: the version of these tables, and what makes this outbox's keys differ from those of others.
CREATE TABLE {schema}.outbox (
    version integer NOT NULL,
    salt bytea NOT NULL
);

CREATE UNIQUE INDEX outbox_has_one_row ON {schema}.outbox ((true));

INSERT INTO {schema}.outbox (version, salt)
VALUES (1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- A user of a node, and the pace that all workers share for them.
CREATE TABLE {schema}.sender (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    node text NOT NULL,
    dialect text NOT NULL,
    user_id text NOT NULL,
    -- When the last and the next turn begin, and the seconds between turns: 0 while they are not known.
    last_turn timestamptz NOT NULL DEFAULT now(),
    next_turn timestamptz NOT NULL DEFAULT now(),
    gap double precision NOT NULL DEFAULT 0,
    -- Whether a turn ends before the next begins, because the node has limited the rate only once.
    is_single boolean NOT NULL DEFAULT false,
    -- The end of the last limit's delay, and the invitations that the node let through since then.
    since timestamptz,
    accepted integer NOT NULL DEFAULT 0,
    learned_from integer NOT NULL DEFAULT 0,
    refused_in_a_row integer NOT NULL DEFAULT 0,
    -- How often the node has limited the rate. A turn that was reserved before the last limit is void.
    limits bigint NOT NULL DEFAULT 0,
    -- How often in a row nothing could be sent.
    failures integer NOT NULL DEFAULT 0,
    UNIQUE (node, dialect, user_id)
);

CREATE TABLE {schema}.invitation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A hash of the salt, the node, the room and the invitee. It stays when the invitee is removed.
    key bytea NOT NULL UNIQUE,
    sender bigint NOT NULL REFERENCES {schema}.sender,
    room_id text NOT NULL,
    -- `email`, `msisdn`, another medium, or `user`. The address is null after a purge.
    medium text NOT NULL,
    address text,
    id_server text,
    id_server_url text,
    reason text,
    state text NOT NULL DEFAULT 'new' CHECK (
        state IN ('new', 'sending', 'invited', 'refused', 'not_sent', 'unknown', 'settled', 'retry')
    ),
    -- Until then it belongs to its claim, or waits.
    due_at timestamptz NOT NULL DEFAULT now(),
    claim uuid,
    failures integer NOT NULL DEFAULT 0,
    http_status integer,
    problem text,
    -- What the room says: `in_the_room`, `not_seen` or `ambiguous`.
    in_room text,
    enqueued_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX invitation_to_send ON {schema}.invitation (sender, due_at)
WHERE state IN ('new', 'not_sent', 'retry');

CREATE INDEX invitation_sending ON {schema}.invitation (due_at)
WHERE state = 'sending';

CREATE INDEX invitation_to_decide ON {schema}.invitation (room_id)
WHERE state IN ('refused', 'unknown');
