"""reports and queries of usage

On PostgreSQL a batch of what was recorded is one call, too. It means what `usage/batches_sqlite.py` does a statement at
a time, and takes the locks in the order of migration 0007, those of several customers in the order of their ids.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEVELS = sa.text("\"window\" = 'never' AND \"user\" = ''")


def upgrade() -> None:
    op.create_index("ix_usage_days_day", "usage_days", ["environment_id", "customer", "feature", "day"])
    op.create_index(
        "ix_usage_counters_level",
        "usage_counters",
        ["environment_id", "feature", "customer"],
        sqlite_where=LEVELS,
        postgresql_where=LEVELS,
    )
    op.create_table(
        "usage_compactions",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("done_until", INSTANT, nullable=False),
        sa.Column("running_until", INSTANT, nullable=False),
        sa.Column("reached", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_usage_compactions_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", name="pk_usage_compactions"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(RECORD_BATCH.replace(":", r"\:")))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION usage_record_batch")
    op.drop_table("usage_compactions")
    op.drop_index("ix_usage_counters_level", "usage_counters")
    op.drop_index("ix_usage_days_day", "usage_days")


# Entries come in the order of customers and keys, each key once; windows are those that the base of their allowances
# counts into, and marks their thresholds. Nothing else of an allowance matters to what is counted whatever it says.
#
# A plan is kept for as long as a session lasts, and may have been made when the tables were empty. So no join is left
# to its choice: tables are looked up by a key for each row (LATERAL), the next key at or after the wanted one where
# another index would seem as good (without sorting, only one gives the next), and arrays are joined by hashes. What is
# discouraged so seems dear to the planner, and would be compiled each time but for `jit = off`.
RECORD_BATCH = r"""
CREATE FUNCTION usage_record_batch(
    of_environment bigint, of_received_at timestamptz,
    of_customers text[], of_catalogues bigint[], of_accesses bigint[], of_versions bigint[], are_alone boolean[],
    of_keys text[], key_customers text[], of_features text[], of_users text[], of_quantities bigint[],
    of_instants timestamptz[], of_gates text[], of_digests bytea[], of_properties jsonb[],
    window_customers text[], window_features text[], window_users text[], window_names text[],
    window_starts timestamptz[], window_ends timestamptz[],
    mark_windows integer[], mark_percents bigint[], mark_units bigint[], mark_limits bigint[]
) RETURNS jsonb LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off
SET enable_sort = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
    known jsonb;
    known_places bigint[];
    found_ones jsonb;
    alone jsonb;
    has_missing boolean;
    counter_customers text[];
    counter_features text[];
    counter_users text[];
    counter_windows text[];
    counter_starts timestamptz[];
    counter_ends timestamptz[];
    counter_stands bigint[];
    counter_units bigint[];
    reached jsonb;
    it record;
    crossed jsonb := '[]';
    announced jsonb := '[]';
    counted bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('liftgate catalogue ' || of_environment, 0));
    PERFORM CASE WHEN each.is_alone THEN pg_advisory_xact_lock(each.name)
        ELSE pg_advisory_xact_lock_shared(each.name) END
    FROM (
        SELECT hashtextextended('liftgate customer ' || of_environment || ' ' || customer, 0) AS name, is_alone
        FROM unnest(of_customers, are_alone) WITH ORDINALITY AS told (customer, is_alone, place)
        ORDER BY place OFFSET 0
    ) AS each;

    -- What is known is answered from what it was, whatever has changed since.
    SELECT jsonb_agg(each.said), array_agg(each.place) INTO known, known_places FROM (
        SELECT told.place, jsonb_build_object(
            'place', told.place - 1, 'operation', entry.operation, 'is_same', entry.digest = told.digest,
            'granted', NOT entry.refused, 'feature', entry.feature, 'user', entry."user", 'quantity', entry.quantity,
            'gate', entry.gate, 'properties', entry.properties, 'at', entry.at, 'receipt', entry.receipt) AS said
        FROM unnest(key_customers, of_keys, of_digests) WITH ORDINALITY AS told (customer, key, digest, place)
        CROSS JOIN LATERAL (
            SELECT * FROM usage_events
            WHERE environment_id = of_environment AND customer = told.customer AND key >= told.key
            ORDER BY key LIMIT 1
        ) AS entry
        WHERE entry.key = told.key
        UNION ALL
        SELECT told.place, jsonb_build_object(
            'place', told.place - 1, 'operation', 'reserve', 'is_same', false, 'granted', false,
            'feature', held.feature, 'user', held."user", 'quantity', held.units, 'gate', held.gate,
            'properties', held.properties, 'at', held.created_at, 'receipt', held.receipt)
        FROM unnest(key_customers, of_keys) WITH ORDINALITY AS told (customer, key, place)
        CROSS JOIN LATERAL (
            SELECT * FROM usage_reservations
            WHERE environment_id = of_environment AND customer = told.customer AND key >= told.key
            ORDER BY key LIMIT 1
        ) AS held
        WHERE held.key = told.key AND held.state <> 'committed'
    ) AS each;
    IF known_places IS NOT NULL THEN
        SELECT array_agg(key), array_agg(customer), array_agg(feature), array_agg(owner), array_agg(quantity),
            array_agg(instant), array_agg(gate), array_agg(digest), array_agg(properties)
        INTO of_keys, key_customers, of_features, of_users, of_quantities,
            of_instants, of_gates, of_digests, of_properties
        FROM unnest(
            of_keys, key_customers, of_features, of_users, of_quantities,
            of_instants, of_gates, of_digests, of_properties
        ) WITH ORDINALITY AS told (key, customer, feature, owner, quantity, instant, gate, digest, properties, place)
        WHERE place <> ALL (known_places);
        IF of_keys IS NULL THEN
            RETURN jsonb_build_object('outcome', 'posted', 'known', known);
        END IF;
    END IF;

    SELECT catalogue_number, access_number INTO it FROM change_counters WHERE environment_id = of_environment;
    SELECT jsonb_agg(told.customer) INTO found_ones
    FROM unnest(of_customers, of_catalogues, of_accesses, of_versions) AS told (customer, catalogue, access, version)
    LEFT JOIN LATERAL (
        SELECT id, version FROM customers WHERE environment_id = of_environment AND id >= told.customer
        ORDER BY id LIMIT 1
    ) AS next ON true
    WHERE it.catalogue_number IS DISTINCT FROM told.catalogue OR it.access_number <> told.access
        OR CASE WHEN next.id = told.customer THEN next.version ELSE 0 END <> told.version;
    IF found_ones IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'stale', 'customers', found_ones);
    END IF;

    SELECT jsonb_agg(jsonb_build_array(told.customer, told.feature)) INTO found_ones
    FROM (SELECT DISTINCT customer, feature FROM unnest(key_customers, of_features) AS each (customer, feature)) AS told
    CROSS JOIN LATERAL (
        SELECT FROM usage_reservations
        WHERE environment_id = of_environment AND customer = told.customer AND feature = told.feature
            AND state = 'open' AND expires_at <= of_received_at
        ORDER BY expires_at LIMIT 1
    ) AS held;
    IF found_ones IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'expired', 'features', found_ones);
    END IF;

    -- The counters that the entries lie within, in the order in which everybody locks them, and what comes to each.
    LOOP
        SELECT array_agg(span.customer), array_agg(span.feature), array_agg(span.owner), array_agg(kept.name),
            array_agg(kept.starts_at), array_agg(kept.ends_at), array_agg(kept.stands), array_agg(CASE
                WHEN kept.name LIKE 'bucket:%' OR kept.name LIKE 'trial:%' THEN 0
                WHEN kept.starts_at <= span.first_at AND kept.ends_at > span.last_at THEN span.total
                ELSE (
                    SELECT COALESCE(sum(quantity), 0)
                    FROM unnest(key_customers, of_features, of_users, of_instants, of_quantities)
                        AS told (customer, feature, used_by, instant, quantity)
                    WHERE told.customer = span.customer AND told.feature = span.feature
                        AND (span.owner = '' OR told.used_by = span.owner)
                        AND told.instant >= kept.starts_at AND told.instant < kept.ends_at)
                END)
        INTO counter_customers, counter_features, counter_users, counter_windows,
            counter_starts, counter_ends, counter_stands, counter_units
        FROM (
            SELECT customer, feature, owner, min(instant) AS first_at, max(instant) AS last_at, sum(quantity) AS total
            FROM unnest(key_customers, of_features, of_users, of_instants, of_quantities)
                AS told (customer, feature, used_by, instant, quantity)
            CROSS JOIN LATERAL unnest(
                CASE WHEN used_by = '' THEN ARRAY[''] ELSE ARRAY['', used_by] END) AS owners (owner)
            GROUP BY customer, feature, owner
            ORDER BY customer COLLATE "C", feature COLLATE "C", owner COLLATE "C"
        ) AS span
        CROSS JOIN LATERAL (
            SELECT "window" AS name, starts_at, ends_at, used + held AS stands FROM usage_counters
            WHERE environment_id = of_environment AND customer = span.customer AND feature = span.feature
                AND "user" = span.owner AND ends_at > span.first_at AND starts_at <= span.last_at
            ORDER BY "window" FOR UPDATE
        ) AS kept;

        has_missing := false;
        FOR it IN
            SELECT told.*, are_alone[array_position(of_customers, told.customer)] AS is_alone
            FROM unnest(window_customers, window_features, window_users, window_names, window_starts, window_ends)
                AS told (customer, feature, owner, name, since, until)
            LEFT JOIN unnest(counter_customers, counter_features, counter_users, counter_windows)
                AS kept (customer, feature, owner, name)
                ON kept.customer = told.customer AND kept.feature = told.feature
                AND kept.owner = told.owner AND kept.name = told.name
            WHERE kept.name IS NULL AND EXISTS (
                SELECT FROM unnest(key_customers, of_features, of_users, of_instants)
                    AS entry (customer, feature, used_by, instant)
                WHERE entry.customer = told.customer AND entry.feature = told.feature
                    AND (told.owner = '' OR entry.used_by = told.owner)
                    AND entry.instant >= told.since AND entry.instant < told.until)
        LOOP
            has_missing := true;
            IF it.is_alone THEN
                PERFORM usage_open_counter(
                    of_environment, it.customer, it.feature, it.owner, it.name, it.since, it.until);
            ELSE
                alone := COALESCE(alone, '[]') || to_jsonb(it.customer);
            END IF;
        END LOOP;
        IF alone IS NOT NULL THEN
            RETURN jsonb_build_object('outcome', 'alone', 'customers', alone);
        END IF;
        EXIT WHEN NOT has_missing;
    END LOOP;

    INSERT INTO usage_events (
        environment_id, customer, key, operation, gate, feature, "user", quantity, base_quantity, uses,
        at, received_at, refused, digest, properties, receipt)
    SELECT of_environment, customer, key, 'record', gate, feature, owner, quantity, quantity, 1,
        instant, of_received_at, false, digest, properties, jsonb_build_object(
            'parts', jsonb_build_array(jsonb_build_array('base', quantity)), 'counters', '[]'::jsonb, 'allowance', NULL)
    FROM unnest(
        of_keys, key_customers, of_features, of_users, of_quantities, of_instants, of_gates, of_digests, of_properties
    ) AS told (key, customer, feature, owner, quantity, instant, gate, digest, properties)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted <> cardinality(of_keys) THEN
        -- One of the keys came at the same time and was first: nothing of this batch may stay, and it is done again.
        RAISE EXCEPTION 'a key was counted meanwhile' USING ERRCODE = '40001';
    END IF;

    -- They are all there, and locked; this finds each by its key whatever the planner believes.
    INSERT INTO usage_counters AS kept (
        environment_id, customer, feature, "user", "window", used, held, starts_at, ends_at)
    SELECT of_environment, customer, feature, owner, name, units, 0, since, until
    FROM unnest(counter_customers, counter_features, counter_users, counter_windows,
        counter_units, counter_starts, counter_ends) AS told (customer, feature, owner, name, units, since, until)
    WHERE units <> 0
    ON CONFLICT (environment_id, customer, feature, "user", "window") DO UPDATE SET used = kept.used + EXCLUDED.used;

    IF cardinality(mark_windows) > 0 THEN
        SELECT jsonb_agg(jsonb_build_array(
            kept.customer, kept.feature, kept.owner, kept.name, marked.percent, marked.most, kept.stands + kept.units)
            ORDER BY kept.customer, kept.feature, kept.owner, kept.name, marked.percent)
        INTO reached
        FROM unnest(mark_windows, mark_percents, mark_units, mark_limits) AS marked (place, percent, units, most)
        JOIN unnest(counter_customers, counter_features, counter_users, counter_windows,
            counter_stands, counter_units) AS kept (customer, feature, owner, name, stands, units)
            ON kept.customer = window_customers[marked.place] AND kept.feature = window_features[marked.place]
            AND kept.owner = window_users[marked.place] AND kept.name = window_names[marked.place]
        WHERE kept.stands < marked.units AND marked.units <= kept.stands + kept.units;
    END IF;
    FOR it IN SELECT value AS said FROM jsonb_array_elements(COALESCE(reached, '[]')) LOOP
        IF usage_cross(
            of_environment, it.said ->> 0, it.said ->> 1, it.said ->> 2, it.said ->> 3,
            (it.said ->> 4)::bigint, (it.said ->> 5)::bigint, (it.said ->> 6)::bigint, of_received_at) THEN
            crossed := crossed || jsonb_build_array(it.said);
            announced := announced || (it.said -> 0);
        ELSIF it.said ->> 4 = '100' THEN
            announced := announced || (it.said -> 0);
        END IF;
    END LOOP;

    INSERT INTO usage_days AS days (environment_id, customer, feature, "user", day, units, uses, last_at)
    SELECT of_environment, customer, feature, owner, (instant AT TIME ZONE 'UTC')::date,
        sum(quantity), count(*), max(instant)
    FROM unnest(key_customers, of_features, of_users, of_instants, of_quantities)
        AS told (customer, feature, owner, instant, quantity)
    GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
    ON CONFLICT (environment_id, customer, feature, "user", day) DO UPDATE SET
        units = days.units + EXCLUDED.units, uses = days.uses + EXCLUDED.uses,
        last_at = GREATEST(days.last_at, EXCLUDED.last_at);

    RETURN jsonb_build_object('outcome', 'posted', 'known', known, 'crossed', crossed, 'announced', announced);
END $$
"""
