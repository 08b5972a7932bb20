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
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    known jsonb;
    known_keys bigint[];
    found_ones jsonb;
    reached jsonb;
    mark record;
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
    SELECT jsonb_agg(each.said), array_agg(each.place) INTO known, known_keys FROM (
        SELECT told.place, jsonb_build_object(
            'place', told.place - 1, 'operation', entry.operation, 'is_same', entry.digest = told.digest,
            'granted', NOT entry.refused, 'feature', entry.feature, 'user', entry."user", 'quantity', entry.quantity,
            'gate', entry.gate, 'properties', entry.properties, 'at', entry.at, 'receipt', entry.receipt) AS said
        FROM unnest(key_customers, of_keys, of_digests) WITH ORDINALITY AS told (customer, key, digest, place)
        JOIN usage_events AS entry ON entry.environment_id = of_environment
            AND entry.customer = told.customer AND entry.key = told.key
        UNION ALL
        SELECT told.place, jsonb_build_object(
            'place', told.place - 1, 'operation', 'reserve', 'is_same', false, 'granted', false,
            'feature', held.feature, 'user', held."user", 'quantity', held.units, 'gate', held.gate,
            'properties', held.properties, 'at', held.created_at, 'receipt', held.receipt)
        FROM unnest(key_customers, of_keys) WITH ORDINALITY AS told (customer, key, place)
        JOIN usage_reservations AS held ON held.environment_id = of_environment
            AND held.customer = told.customer AND held.key = told.key
        WHERE NOT EXISTS (
            SELECT FROM usage_events AS entry WHERE entry.environment_id = of_environment
                AND entry.customer = told.customer AND entry.key = told.key)
    ) AS each;
    IF known_keys IS NOT NULL THEN
        SELECT array_agg(key), array_agg(customer), array_agg(feature), array_agg(owner), array_agg(quantity),
            array_agg(instant), array_agg(gate), array_agg(digest), array_agg(properties)
        INTO of_keys, key_customers, of_features, of_users, of_quantities,
            of_instants, of_gates, of_digests, of_properties
        FROM unnest(
            of_keys, key_customers, of_features, of_users, of_quantities,
            of_instants, of_gates, of_digests, of_properties
        ) WITH ORDINALITY AS told (key, customer, feature, owner, quantity, instant, gate, digest, properties, place)
        WHERE place <> ALL (known_keys);
        IF of_keys IS NULL THEN
            RETURN jsonb_build_object('outcome', 'posted', 'known', known);
        END IF;
    END IF;

    SELECT jsonb_agg(told.customer) INTO found_ones
    FROM unnest(of_customers, of_catalogues, of_accesses, of_versions) AS told (customer, catalogue, access, version)
    LEFT JOIN customers ON customers.environment_id = of_environment AND customers.id = told.customer
    LEFT JOIN change_counters AS marks ON marks.environment_id = of_environment
    WHERE marks.catalogue_number IS DISTINCT FROM told.catalogue OR COALESCE(customers.version, 0) <> told.version
        OR marks.access_number <> told.access;
    IF found_ones IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'stale', 'customers', found_ones);
    END IF;

    SELECT jsonb_agg(DISTINCT jsonb_build_array(told.customer, told.feature)) INTO found_ones
    FROM (SELECT DISTINCT customer, feature FROM unnest(key_customers, of_features) AS each (customer, feature)) AS told
    JOIN usage_reservations AS held ON held.environment_id = of_environment AND held.customer = told.customer
        AND held.feature = told.feature AND held.state = 'open' AND held.expires_at <= of_received_at;
    IF found_ones IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'expired', 'features', found_ones);
    END IF;

    -- The counters, in the order in which everybody locks them.
    PERFORM FROM (
        SELECT customer, feature, owner, min(instant) AS first_at, max(instant) AS last_at
        FROM unnest(key_customers, of_features, of_users, of_instants) AS told (customer, feature, used_by, instant)
        CROSS JOIN LATERAL unnest(CASE WHEN used_by = '' THEN ARRAY[''] ELSE ARRAY['', used_by] END) AS owners (owner)
        GROUP BY customer, feature, owner
    ) AS span
    JOIN usage_counters AS kept ON kept.environment_id = of_environment AND kept.customer = span.customer
        AND kept.feature = span.feature AND kept."user" = span.owner
        AND kept.ends_at > span.first_at AND kept.starts_at <= span.last_at
    ORDER BY kept.customer, kept.feature, kept."user", kept."window" FOR UPDATE OF kept;

    FOR mark IN
        SELECT told.*, are_alone[array_position(of_customers, told.customer)] AS is_alone
        FROM unnest(window_customers, window_features, window_users, window_names, window_starts, window_ends)
            AS told (customer, feature, owner, name, since, until)
        LEFT JOIN usage_counters AS kept ON kept.environment_id = of_environment AND kept.customer = told.customer
            AND kept.feature = told.feature AND kept."user" = told.owner AND kept."window" = told.name
        WHERE kept.customer IS NULL
    LOOP
        IF mark.is_alone THEN
            PERFORM usage_open_counter(
                of_environment, mark.customer, mark.feature, mark.owner, mark.name, mark.since, mark.until);
        ELSE
            announced := announced || to_jsonb(mark.customer);
        END IF;
    END LOOP;
    IF announced <> '[]' THEN
        RETURN jsonb_build_object('outcome', 'alone', 'customers', announced);
    END IF;

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
        -- One of the keys came at the same time and was first: nothing of this batch may stay.
        RAISE EXCEPTION 'a key was counted meanwhile' USING ERRCODE = '40001';
    END IF;

    WITH spans AS MATERIALIZED (
        SELECT customer, feature, owner, min(instant) AS first_at, max(instant) AS last_at, sum(quantity) AS total
        FROM unnest(key_customers, of_features, of_users, of_instants, of_quantities)
            AS told (customer, feature, used_by, instant, quantity)
        CROSS JOIN LATERAL unnest(CASE WHEN used_by = '' THEN ARRAY[''] ELSE ARRAY['', used_by] END) AS owners (owner)
        GROUP BY customer, feature, owner
    ), more AS MATERIALIZED (
        SELECT kept.customer, kept.feature, kept."user", kept."window", CASE
            WHEN kept.starts_at <= span.first_at AND kept.ends_at > span.last_at THEN span.total
            ELSE (
                SELECT COALESCE(sum(quantity), 0)
                FROM unnest(key_customers, of_features, of_users, of_instants, of_quantities)
                    AS told (customer, feature, used_by, instant, quantity)
                WHERE told.customer = span.customer AND told.feature = span.feature
                    AND (span.owner = '' OR told.used_by = span.owner)
                    AND told.instant >= kept.starts_at AND told.instant < kept.ends_at)
            END AS units
        FROM spans AS span
        JOIN usage_counters AS kept ON kept.environment_id = of_environment AND kept.customer = span.customer
            AND kept.feature = span.feature AND kept."user" = span.owner
            AND kept.ends_at > span.first_at AND kept.starts_at <= span.last_at
        WHERE kept."window" NOT LIKE 'bucket:%' AND kept."window" NOT LIKE 'trial:%'
    ), moved AS (
        UPDATE usage_counters AS kept SET used = kept.used + more.units FROM more
        WHERE kept.environment_id = of_environment AND kept.customer = more.customer
            AND kept.feature = more.feature AND kept."user" = more."user" AND kept."window" = more."window"
            AND more.units <> 0
        RETURNING kept.customer, kept.feature, kept."user", kept."window", kept.used + kept.held AS stands, more.units
    )
    SELECT jsonb_agg(jsonb_build_array(
        moved.customer, moved.feature, moved."user", moved."window", marked.percent, marked.most, moved.stands)
        ORDER BY moved.customer, moved.feature, moved."user", moved."window", marked.percent)
    INTO reached
    FROM unnest(mark_windows, mark_percents, mark_units, mark_limits) AS marked (place, percent, units, most)
    JOIN moved ON moved.customer = window_customers[marked.place] AND moved.feature = window_features[marked.place]
        AND moved."user" = window_users[marked.place] AND moved."window" = window_names[marked.place]
    WHERE moved.stands - moved.units < marked.units AND marked.units <= moved.stands;

    FOR mark IN SELECT value AS said FROM jsonb_array_elements(COALESCE(reached, '[]')) LOOP
        IF usage_cross(
            of_environment, mark.said ->> 0, mark.said ->> 1, mark.said ->> 2, mark.said ->> 3,
            (mark.said ->> 4)::bigint, (mark.said ->> 5)::bigint, (mark.said ->> 6)::bigint, of_received_at) THEN
            crossed := crossed || jsonb_build_array(mark.said);
            announced := announced || (mark.said -> 0);
        ELSIF mark.said ->> 4 = '100' THEN
            announced := announced || (mark.said -> 0);
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
