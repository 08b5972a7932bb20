"""the ledger of usage

On PostgreSQL, what counts and what settles a reservation are functions, so that either is one round trip. They mean
what `usage/posting_steps.py` says in Python, which is what runs on SQLite; tests run both against each other.

The order of locks is always the same: the terms (the catalogue's, then the customer's advisory lock), a reservation's
row, the counters by user and window, the new entry, the day, the crossings. Whoever shares the customer's lock changes
counters that are there; whoever has it alone may make them from the ledger. A shared lock is never turned into an
exclusive one, which would be a deadlock of two that try: the function says `alone` and is called again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
ROOM_IN_PAGES = {"fillfactor": 60}


def upgrade() -> None:
    _create_events()
    _create_counters()
    _create_reservations()
    _create_crossings()
    _create_days()
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(sa.text(function.replace(":", r"\:")))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in reversed(NAMES):
            op.execute(f"DROP FUNCTION {name}")
    op.drop_table("usage_days")
    op.drop_table("usage_crossings")
    op.drop_table("usage_reservations")
    op.drop_table("usage_counters")
    op.drop_table("usage_events")


def _create_events() -> None:
    op.create_table(
        "usage_events",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=True),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("quantity", WHOLE_NUMBER, nullable=False),
        sa.Column("base_quantity", WHOLE_NUMBER, nullable=False),
        sa.Column("uses", WHOLE_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("of_key", sa.String(length=128), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("properties", DOCUMENT, nullable=True),
        sa.Column("receipt", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("environment_id", "customer", "key", name="pk_usage_events"),
    )
    op.create_index("ix_usage_events_feature_at", "usage_events", ["environment_id", "customer", "feature", "at"])
    op.create_index("ix_usage_events_at", "usage_events", ["environment_id", "customer", "at", "key"])
    op.create_index(
        "ix_usage_events_of_key",
        "usage_events",
        ["environment_id", "customer", "of_key"],
        sqlite_where=sa.text("of_key IS NOT NULL"),
        postgresql_where=sa.text("of_key IS NOT NULL"),
    )


def _create_counters() -> None:
    op.create_table(
        "usage_counters",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("window", sa.String(length=255), nullable=False),
        sa.Column("used", WHOLE_NUMBER, nullable=False),
        sa.Column("held", WHOLE_NUMBER, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("level_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("environment_id", "customer", "feature", "user", "window", name="pk_usage_counters"),
        postgresql_with=ROOM_IN_PAGES,
    )
    op.create_index(
        "ix_usage_counters_ends_at", "usage_counters", ["environment_id", "customer", "feature", "user", "ends_at"]
    )


def _create_reservations() -> None:
    op.create_table(
        "usage_reservations",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=True),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("units", WHOLE_NUMBER, nullable=False),
        sa.Column("base_units", WHOLE_NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("properties", DOCUMENT, nullable=True),
        sa.Column("receipt", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("settled", WHOLE_NUMBER, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("environment_id", "customer", "key", name="pk_usage_reservations"),
    )
    op.create_index(
        "ix_usage_reservations_open",
        "usage_reservations",
        ["environment_id", "customer", "feature", "expires_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_usage_reservations_due",
        "usage_reservations",
        ["expires_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_crossings() -> None:
    op.create_table(
        "usage_crossings",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("window", sa.String(length=255), nullable=False),
        sa.Column("percent", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("limit", WHOLE_NUMBER, nullable=False),
        sa.Column("used", WHOLE_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "environment_id", "customer", "feature", "user", "window", "percent", name="pk_usage_crossings"
        ),
    )
    op.create_index(
        "ix_usage_crossings_unannounced",
        "usage_crossings",
        ["environment_id", "customer"],
        sqlite_where=sa.text("NOT announced"),
        postgresql_where=sa.text("NOT announced"),
    )


def _create_days() -> None:
    op.create_table(
        "usage_days",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("units", WHOLE_NUMBER, nullable=False),
        sa.Column("uses", WHOLE_NUMBER, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("environment_id", "customer", "feature", "user", "day", name="pk_usage_days"),
        postgresql_with=ROOM_IN_PAGES,
    )


# The advisory locks of the terms, by name; `plumbing.postgresql.lock_terms` takes the same ones.
LOCK_TERMS = """
CREATE FUNCTION usage_lock_terms(of_environment bigint, of_customer text, is_alone boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    customer_lock bigint := hashtextextended('liftgate customer ' || of_environment || ' ' || of_customer, 0);
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('liftgate catalogue ' || of_environment, 0));
    IF is_alone THEN
        PERFORM pg_advisory_xact_lock(customer_lock);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(customer_lock);
    END IF;
END $$
"""

# What a key has been used for: null when for nothing yet. An entry and a reservation share the customer's keys.
KNOWN = """
CREATE FUNCTION usage_known(
    of_environment bigint, of_customer text, asked_key text, of_operation text, of_digest bytea
) RETURNS jsonb LANGUAGE plpgsql SET enable_sort = off AS $$
DECLARE
    entry record;
    held record;
BEGIN
    IF of_operation <> 'reserve' THEN
        -- The next key at or after the asked one: without sorting, only the primary key can answer that. A plan that
        -- was made when the table was empty would take another index for as good, and read all of the customer's past.
        SELECT key, operation, digest, refused, at, receipt INTO entry FROM usage_events
        WHERE environment_id = of_environment AND customer = of_customer AND key >= asked_key ORDER BY key LIMIT 1;
        IF FOUND AND entry.key = asked_key THEN
            IF entry.operation = of_operation AND entry.digest = of_digest THEN
                RETURN jsonb_build_object(
                    'outcome', 'replayed', 'granted', NOT entry.refused, 'at', entry.at, 'receipt', entry.receipt);
            END IF;
            RETURN jsonb_build_object('outcome', 'conflict', 'operation', entry.operation, 'receipt', entry.receipt);
        END IF;
    END IF;
    SELECT state, digest, created_at, expires_at, receipt INTO held FROM usage_reservations
    WHERE environment_id = of_environment AND customer = of_customer AND key = asked_key;
    IF FOUND THEN
        IF of_operation = 'reserve' AND held.digest = of_digest THEN
            RETURN jsonb_build_object(
                'outcome', 'replayed', 'granted', held.state <> 'refused', 'at', held.created_at,
                'expires_at', held.expires_at, 'receipt', held.receipt);
        END IF;
        RETURN jsonb_build_object('outcome', 'conflict', 'operation', 'reserve', 'receipt', held.receipt);
    END IF;
    IF of_operation = 'reserve' THEN
        SELECT key, operation, receipt INTO entry FROM usage_events
        WHERE environment_id = of_environment AND customer = of_customer AND key >= asked_key ORDER BY key LIMIT 1;
        IF FOUND AND entry.key = asked_key THEN
            RETURN jsonb_build_object('outcome', 'conflict', 'operation', entry.operation, 'receipt', entry.receipt);
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

# The units that the best alternative still admits up to its limits (bound 1) or ceilings (2); null for any number.
ROOM = """
CREATE FUNCTION usage_room(alternatives jsonb, stands bigint[], bound integer) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most bigint := 0;
    least bigint;
    alternative jsonb;
    row_of jsonb;
    allowed bigint;
BEGIN
    FOR a IN 0 .. jsonb_array_length(alternatives) - 1 LOOP
        alternative := alternatives -> a;
        least := NULL;
        FOR w IN 0 .. jsonb_array_length(alternative) - 1 LOOP
            row_of := alternative -> w;
            allowed := (row_of ->> bound)::bigint;
            IF allowed IS NOT NULL THEN
                least := LEAST(least, allowed - stands[(row_of ->> 0)::integer + 1]);
            END IF;
        END LOOP;
        IF least IS NULL THEN
            RETURN NULL;
        END IF;
        most := GREATEST(most, least);
    END LOOP;
    RETURN most;
END $$
"""

# Units by bucket, null when refused: `engine.allocation.allocate`.
ALLOCATE = """
CREATE FUNCTION usage_allocate(buckets jsonb, stands bigint[], units bigint, is_forced boolean) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    taken bigint[] := array_fill(0::bigint, ARRAY[jsonb_array_length(buckets)]);
    rest bigint := units;
    fits bigint;
    more bigint;
BEGIN
    FOR bound IN 1 .. 2 LOOP
        FOR b IN 1 .. cardinality(taken) LOOP
            EXIT WHEN rest = 0;
            fits := usage_room(buckets -> (b - 1) -> 3, stands, bound);
            more := CASE WHEN fits IS NULL THEN rest ELSE LEAST(rest, GREATEST(0, fits - taken[b])) END;
            taken[b] := taken[b] + more;
            rest := rest - more;
        END LOOP;
    END LOOP;
    IF rest = 0 THEN
        RETURN taken;
    ELSIF NOT is_forced THEN
        RETURN NULL;
    END IF;
    FOR b IN 1 .. cardinality(taken) LOOP
        IF buckets -> (b - 1) ->> 0 = 'base' THEN
            taken[b] := taken[b] + rest;
            RETURN taken;
        END IF;
    END LOOP;
    taken[1] := taken[1] + rest;
    RETURN taken;
END $$
"""

# Whether a unit of the bucket counts into the window.
COUNTS_INTO = """
CREATE FUNCTION usage_counts_into(bucket jsonb, place integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR a IN 0 .. jsonb_array_length(bucket -> 3) - 1 LOOP
        FOR w IN 0 .. jsonb_array_length(bucket -> 3 -> a) - 1 LOOP
            IF (bucket -> 3 -> a -> w ->> 0)::integer = place THEN
                RETURN true;
            END IF;
        END LOOP;
    END LOOP;
    RETURN false;
END $$
"""

# Makes a counter from the ledger, or from nothing where it is not kept by it; gives what it stands at.
OPEN_COUNTER = """
CREATE FUNCTION usage_open_counter(
    of_environment bigint, of_customer text, of_feature text, of_user text, of_window text,
    since timestamptz, until timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sum_used bigint := 0;
    sum_held bigint := 0;
BEGIN
    IF of_window NOT LIKE 'bucket:%' AND of_window NOT LIKE 'trial:%' THEN
        SELECT COALESCE(sum(base_quantity), 0) INTO sum_used FROM usage_events
        WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature
            AND at >= since AND at < until AND (of_user = '' OR "user" = of_user);
        SELECT COALESCE(sum(base_units), 0) INTO sum_held FROM usage_reservations
        WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature AND state = 'open'
            AND created_at >= since AND created_at < until AND (of_user = '' OR "user" = of_user);
    END IF;
    INSERT INTO usage_counters (environment_id, customer, feature, "user", "window", used, held, starts_at, ends_at)
    VALUES (of_environment, of_customer, of_feature, of_user, of_window, sum_used, sum_held, since, until);
    RETURN sum_used + sum_held;
END $$
"""

# Writes down a threshold and says whether it fired for the first time; the limit itself is announced anew each time.
CROSS = """
CREATE FUNCTION usage_cross(
    of_environment bigint, of_customer text, of_feature text, of_user text, of_window text,
    of_percent bigint, of_limit bigint, stands bigint, of_at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_crossings (
        environment_id, customer, feature, "user", "window", percent, "limit", used, at, announced)
    VALUES (of_environment, of_customer, of_feature, of_user, of_window, of_percent, of_limit, stands, of_at, false)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN true;
    END IF;
    UPDATE usage_crossings SET announced = false
    WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature
        AND "user" = of_user AND "window" = of_window AND percent = of_percent AND percent = 100;
    RETURN false;
END $$
"""

# Counts what was used on its day.
COUNT_DAY = """
CREATE FUNCTION usage_count_day(
    of_environment bigint, of_customer text, of_feature text, of_user text, of_at timestamptz,
    more_units bigint, more_uses bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_days AS days (environment_id, customer, feature, "user", day, units, uses, last_at)
    VALUES (of_environment, of_customer, of_feature, of_user, (of_at AT TIME ZONE 'UTC')::date,
        more_units, more_uses, of_at)
    ON CONFLICT (environment_id, customer, feature, "user", day) DO UPDATE SET
        units = days.units + EXCLUDED.units, uses = days.uses + EXCLUDED.uses,
        last_at = CASE WHEN EXCLUDED.uses > 0 THEN GREATEST(days.last_at, EXCLUDED.last_at) ELSE days.last_at END;
END $$
"""

# Counts units, or holds them when it is told until when: `posting_steps.post`.
POST = """
CREATE FUNCTION usage_post(
    of_environment bigint, of_customer text, asked_key text, of_operation text, of_gate text, of_feature text,
    of_user text, units bigint, is_forced boolean, of_at timestamptz, of_received_at timestamptz,
    of_digest bytea, of_properties jsonb, allowance jsonb, remembered jsonb,
    of_catalogue bigint, of_access bigint, of_version bigint, until timestamptz, is_alone boolean
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    terms record;
    counter record;
    buckets jsonb := COALESCE(allowance -> 'buckets', '[]');
    windows jsonb := COALESCE(allowance -> 'windows', '[]');
    names text[] := '{}';
    name text;
    stands_of bigint[] := '{}';
    place integer;
    now_open jsonb;
    mark jsonb;
    stands bigint[] := '{}';
    after bigint[] := '{}';
    taken bigint[];
    base bigint := 0;
    more bigint;
    parts jsonb := '[]';
    crossed jsonb := '[]';
    to_announce boolean := false;
    is_granted boolean;
    has_own boolean := false;
BEGIN
    PERFORM usage_lock_terms(of_environment, of_customer, is_alone);

    answer := usage_known(
        of_environment, of_customer, asked_key, CASE WHEN until IS NULL THEN of_operation ELSE 'reserve' END,
        of_digest);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;

    SELECT catalogue_number, access_number, COALESCE((
            SELECT version FROM customers WHERE environment_id = of_environment AND id = of_customer
        ), 0) AS version
    INTO terms FROM change_counters WHERE environment_id = of_environment;
    IF NOT FOUND OR terms.catalogue_number <> of_catalogue OR terms.version <> of_version
        OR terms.access_number <> of_access THEN
        RETURN '{"outcome": "stale"}';
    END IF;

    PERFORM FROM usage_reservations
    WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature
        AND state = 'open' AND expires_at <= of_received_at LIMIT 1;
    IF FOUND THEN
        RETURN '{"outcome": "expired"}';
    END IF;

    FOR counter IN
        SELECT "user" AS owner, "window" AS name, used + held AS stands FROM usage_counters
        WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature
            AND "user" IN ('', of_user) AND starts_at <= of_at AND ends_at > of_at
        ORDER BY "user", "window" FOR UPDATE
    LOOP
        names := names || (counter.owner || ' ' || counter.name);
        stands_of := stands_of || counter.stands;
    END LOOP;
    FOR i IN 0 .. jsonb_array_length(windows) - 1 LOOP
        now_open := windows -> i;
        name := now_open ->> 0;
        has_own := has_own OR name LIKE 'bucket:%' OR name LIKE 'trial:%';
        place := array_position(names, COALESCE(now_open ->> 1, '') || ' ' || name);
        IF place IS NOT NULL THEN
            stands := stands || stands_of[place];
        ELSIF is_alone THEN
            stands := stands || usage_open_counter(
                of_environment, of_customer, of_feature, COALESCE(now_open ->> 1, ''), name,
                COALESCE((now_open ->> 2)::timestamptz, '0001-01-01 00:00:00+00'),
                COALESCE((now_open ->> 3)::timestamptz, '9999-12-31 00:00:00+00'));
        ELSE
            RETURN '{"outcome": "alone"}';
        END IF;
    END LOOP;

    IF allowance IS NULL THEN
        base := units;
        parts := jsonb_build_array(jsonb_build_array('base', units));
        is_granted := true;
    ELSE
        taken := usage_allocate(buckets, stands, units, is_forced);
        is_granted := taken IS NOT NULL;
        IF is_granted THEN
            FOR b IN 1 .. cardinality(taken) LOOP
                IF taken[b] <> 0 THEN
                    name := buckets -> (b - 1) ->> 0;
                    parts := parts || jsonb_build_array(jsonb_build_array(name, taken[b]));
                    IF name = 'base' THEN
                        base := taken[b];
                    END IF;
                END IF;
            END LOOP;
        END IF;
    END IF;

    after := stands;
    IF is_granted THEN
        FOR i IN 1 .. cardinality(stands) LOOP
            IF has_own THEN
                more := 0;
                FOR b IN 1 .. cardinality(taken) LOOP
                    IF taken[b] <> 0 AND usage_counts_into(buckets -> (b - 1), i - 1) THEN
                        more := more + taken[b];
                    END IF;
                END LOOP;
            ELSE
                more := base;
            END IF;
            after[i] := stands[i] + more;
        END LOOP;
    END IF;

    remembered := remembered || jsonb_build_object('parts', parts, 'counters', to_jsonb(after), 'allowance', allowance);
    IF until IS NULL THEN
        INSERT INTO usage_events (
            environment_id, customer, key, operation, gate, feature, "user", quantity, base_quantity, uses,
            at, received_at, refused, digest, properties, receipt)
        VALUES (
            of_environment, of_customer, asked_key, of_operation, of_gate, of_feature, of_user,
            CASE WHEN is_granted THEN units ELSE 0 END, base, CASE WHEN is_granted THEN 1 ELSE 0 END,
            of_at, of_received_at, NOT is_granted, of_digest, of_properties, remembered)
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO usage_reservations (
            environment_id, customer, key, gate, feature, "user", units, base_units, digest, properties, receipt,
            created_at, expires_at, state)
        VALUES (
            of_environment, of_customer, asked_key, of_gate, of_feature, of_user,
            CASE WHEN is_granted THEN units ELSE 0 END, base, of_digest, of_properties, remembered,
            of_at, until, CASE WHEN is_granted THEN 'open' ELSE 'refused' END)
        ON CONFLICT DO NOTHING;
    END IF;
    IF NOT FOUND THEN
        -- The same key came at the same time and was first; nothing has been counted here.
        RETURN usage_known(
            of_environment, of_customer, asked_key, CASE WHEN until IS NULL THEN of_operation ELSE 'reserve' END,
            of_digest);
    END IF;

    IF is_granted THEN
        IF base <> 0 THEN
            UPDATE usage_counters SET
                used = used + CASE WHEN until IS NULL THEN base ELSE 0 END,
                held = held + CASE WHEN until IS NULL THEN 0 ELSE base END
            WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature
                AND "user" IN ('', of_user) AND starts_at <= of_at AND ends_at > of_at
                AND "window" NOT LIKE 'bucket:%' AND "window" NOT LIKE 'trial:%';
        END IF;
        FOR i IN 1 .. cardinality(stands) LOOP
            more := after[i] - stands[i];
            CONTINUE WHEN more = 0;
            now_open := windows -> (i - 1);
            name := now_open ->> 0;
            IF has_own AND (name LIKE 'bucket:%' OR name LIKE 'trial:%') THEN
                UPDATE usage_counters SET
                    used = used + CASE WHEN until IS NULL THEN more ELSE 0 END,
                    held = held + CASE WHEN until IS NULL THEN 0 ELSE more END
                WHERE environment_id = of_environment AND customer = of_customer AND feature = of_feature
                    AND "user" = COALESCE(now_open ->> 1, '') AND "window" = name;
            END IF;
            FOR m IN 0 .. jsonb_array_length(now_open -> 7) - 1 LOOP
                mark := now_open -> 7 -> m;
                CONTINUE WHEN NOT (stands[i] < (mark ->> 1)::bigint AND (mark ->> 1)::bigint <= after[i]);
                IF usage_cross(
                    of_environment, of_customer, of_feature, COALESCE(now_open ->> 1, ''), name,
                    (mark ->> 0)::bigint, (now_open ->> 4)::bigint, after[i], of_received_at) THEN
                    crossed := crossed || jsonb_build_array(jsonb_build_array(i - 1, mark -> 0));
                    to_announce := true;
                ELSIF mark ->> 0 = '100' THEN
                    to_announce := true;
                END IF;
            END LOOP;
        END LOOP;
        IF until IS NULL THEN
            PERFORM usage_count_day(of_environment, of_customer, of_feature, of_user, of_at, units, 1);
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'outcome', 'posted', 'granted', is_granted, 'parts', parts, 'counters', to_jsonb(after),
        'crossed', crossed, 'to_announce', to_announce);
END $$
"""

# Commits so many units of a reservation, or releases it when it is told no number: `posting_steps.settle`.
SETTLE = """
CREATE FUNCTION usage_settle(
    of_environment bigint, of_customer text, asked_key text, actual bigint, of_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    held_row usage_reservations;
    entry record;
    allowance jsonb;
    windows jsonb;
    now_open jsonb;
    part jsonb;
    outcome text := 'settled';
    rest bigint;
    used_of bigint;
    base_used bigint := 0;
    parts jsonb := '[]';
    held_parts jsonb;
    counter record;
    names text[] := '{}';
    stands_of bigint[] := '{}';
    place integer;
    stands bigint[] := '{}';
    after bigint[] := '{}';
    more_used bigint;
    less_held bigint;
    used_more bigint[] := '{}';
    held_less bigint[] := '{}';
    receipt_now jsonb;
    to_announce boolean := false;
BEGIN
    PERFORM usage_lock_terms(of_environment, of_customer, false);
    SELECT * INTO held_row FROM usage_reservations
    WHERE environment_id = of_environment AND customer = of_customer AND key = asked_key FOR UPDATE;
    IF NOT FOUND OR held_row.state = 'refused' THEN
        RETURN '{"outcome": "unknown"}';
    END IF;
    IF held_row.state = 'committed' AND actual = held_row.settled THEN
        SELECT at, receipt INTO entry FROM usage_events
        WHERE environment_id = of_environment AND customer = of_customer AND key = asked_key;
        RETURN jsonb_build_object('outcome', 'replayed', 'granted', true, 'at', entry.at, 'receipt', entry.receipt);
    ELSIF held_row.state = 'released' AND actual IS NULL THEN
        RETURN jsonb_build_object(
            'outcome', 'replayed', 'granted', true, 'at', held_row.created_at,
            'receipt', held_row.receipt || jsonb_build_object(
                'parts', '[]'::jsonb, 'counters', held_row.receipt -> 'ended'));
    ELSIF held_row.state <> 'open' THEN
        RETURN jsonb_build_object('outcome', held_row.state);
    END IF;
    IF of_at >= held_row.expires_at THEN
        outcome := 'expired';
        actual := NULL;
    ELSIF actual > held_row.units THEN
        RETURN '{"outcome": "beyond"}';
    END IF;

    allowance := held_row.receipt -> 'allowance';
    windows := COALESCE(NULLIF(allowance, 'null') -> 'windows', '[]');
    held_parts := held_row.receipt -> 'parts';
    FOR counter IN
        SELECT "user" AS owner, "window" AS name, used + held AS stands FROM usage_counters
        WHERE environment_id = of_environment AND customer = of_customer AND feature = held_row.feature
            AND "user" IN ('', held_row."user") AND starts_at <= held_row.created_at AND ends_at > held_row.created_at
        ORDER BY "user", "window" FOR UPDATE
    LOOP
        names := names || (counter.owner || ' ' || counter.name);
        stands_of := stands_of || counter.stands;
    END LOOP;

    rest := COALESCE(actual, 0);
    FOR p IN 0 .. jsonb_array_length(held_parts) - 1 LOOP
        part := held_parts -> p;
        used_of := LEAST(rest, (part ->> 1)::bigint);
        rest := rest - used_of;
        IF used_of > 0 THEN
            parts := parts || jsonb_build_array(jsonb_build_array(part ->> 0, used_of));
            IF part ->> 0 = 'base' THEN
                base_used := used_of;
            END IF;
        END IF;
        held_parts := jsonb_set(held_parts, ARRAY[p::text, '2'], to_jsonb(used_of));
    END LOOP;

    FOR i IN 0 .. jsonb_array_length(windows) - 1 LOOP
        now_open := windows -> i;
        place := array_position(names, COALESCE(now_open ->> 1, '') || ' ' || (now_open ->> 0));
        more_used := 0;
        less_held := 0;
        FOR p IN 0 .. jsonb_array_length(held_parts) - 1 LOOP
            part := held_parts -> p;
            FOR b IN 0 .. jsonb_array_length(allowance -> 'buckets') - 1 LOOP
                IF allowance -> 'buckets' -> b ->> 0 = part ->> 0
                    AND usage_counts_into(allowance -> 'buckets' -> b, i) THEN
                    less_held := less_held + (part ->> 1)::bigint;
                    more_used := more_used + (part ->> 2)::bigint;
                END IF;
            END LOOP;
        END LOOP;
        stands := stands || COALESCE(stands_of[place], 0);
        after := after || (stands[i + 1] + more_used - less_held);
        used_more := used_more || more_used;
        held_less := held_less || less_held;
    END LOOP;

    receipt_now := held_row.receipt || jsonb_build_object('parts', parts, 'counters', to_jsonb(after));
    IF actual IS NOT NULL THEN
        INSERT INTO usage_events (
            environment_id, customer, key, operation, gate, feature, "user", quantity, base_quantity, uses,
            at, received_at, refused, digest, properties, receipt)
        VALUES (
            of_environment, of_customer, asked_key, 'commit', held_row.gate, held_row.feature, held_row."user",
            actual, base_used, CASE WHEN actual > 0 THEN 1 ELSE 0 END,
            held_row.created_at, of_at, false, held_row.digest, held_row.properties, receipt_now)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            -- Somebody used the key for something else while it was being reserved; nothing has been changed here.
            RETURN jsonb_build_object('outcome', 'conflict');
        END IF;
        IF actual > 0 THEN
            PERFORM usage_count_day(
                of_environment, of_customer, held_row.feature, held_row."user", held_row.created_at, actual, 1);
        END IF;
    END IF;
    UPDATE usage_counters SET used = used + base_used, held = held - held_row.base_units
    WHERE environment_id = of_environment AND customer = of_customer AND feature = held_row.feature
        AND "user" IN ('', held_row."user") AND starts_at <= held_row.created_at AND ends_at > held_row.created_at
        AND "window" NOT LIKE 'bucket:%' AND "window" NOT LIKE 'trial:%';
    FOR i IN 1 .. cardinality(stands) LOOP
        now_open := windows -> (i - 1);
        CONTINUE WHEN held_less[i] = 0 OR now_open ->> 0 NOT LIKE 'bucket:%' AND now_open ->> 0 NOT LIKE 'trial:%';
        UPDATE usage_counters SET used = used + used_more[i], held = held - held_less[i]
        WHERE environment_id = of_environment AND customer = of_customer AND feature = held_row.feature
            AND "user" = COALESCE(now_open ->> 1, '') AND "window" = now_open ->> 0;
    END LOOP;
    UPDATE usage_reservations SET
        state = CASE WHEN outcome = 'expired' THEN 'expired' WHEN actual IS NULL THEN 'released' ELSE 'committed' END,
        settled = COALESCE(actual, 0), settled_at = of_at,
        receipt = held_row.receipt || jsonb_build_object('ended', to_jsonb(after))
    WHERE environment_id = of_environment AND customer = of_customer AND key = asked_key;

    FOR i IN 1 .. cardinality(stands) LOOP
        now_open := windows -> (i - 1);
        IF stands[i] >= (now_open ->> 4)::bigint AND after[i] < (now_open ->> 4)::bigint THEN
            PERFORM usage_cross(
                of_environment, of_customer, held_row.feature, COALESCE(now_open ->> 1, ''), now_open ->> 0,
                100, (now_open ->> 4)::bigint, stands[i], of_at);
            to_announce := true;
        END IF;
    END LOOP;
    RETURN jsonb_build_object(
        'outcome', outcome, 'granted', true, 'at', held_row.created_at, 'receipt', receipt_now,
        'to_announce', to_announce);
END $$
"""

FUNCTIONS = (LOCK_TERMS, KNOWN, ROOM, ALLOCATE, COUNTS_INTO, OPEN_COUNTER, CROSS, COUNT_DAY, POST, SETTLE)
NAMES = (
    "usage_lock_terms",
    "usage_known",
    "usage_room",
    "usage_allocate",
    "usage_counts_into",
    "usage_open_counter",
    "usage_cross",
    "usage_count_day",
    "usage_post",
    "usage_settle",
)
