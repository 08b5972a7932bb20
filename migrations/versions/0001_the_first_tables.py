"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "environments",
        sa.Column("id", WHOLE_NUMBER, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("allowed_origins", DOCUMENT, nullable=False),
        sa.Column("self_confirm", sa.Boolean(), nullable=False),
        sa.Column("default_language", sa.String(length=35), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_environments"),
        sa.UniqueConstraint("key", name="uq_environments_key"),
    )
    op.create_table(
        "api_keys",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_api_keys_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name="pk_api_keys"),
        sa.UniqueConstraint("id", name="uq_api_keys_id"),
        sa.UniqueConstraint("sha256", name="uq_api_keys_sha256"),
    )
    op.create_table(
        "catalogue_drafts",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_catalogue_drafts_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", name="pk_catalogue_drafts"),
    )
    op.create_table(
        "catalogue_versions",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("version", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("plan_versions", sa.Text(), nullable=False),
        sa.Column("addon_versions", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=True),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_catalogue_versions_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "version", name="pk_catalogue_versions"),
    )
    op.create_table(
        "change_counters",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("catalogue_number", WHOLE_NUMBER, nullable=False),
        sa.Column("access_number", WHOLE_NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_change_counters_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", name="pk_change_counters"),
    )
    op.create_table(
        "changes",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("number", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["environment_id"], ["environments.id"], name="fk_changes_environment_id_environments"),
        sa.PrimaryKeyConstraint("environment_id", "number", name="pk_changes"),
    )
    op.create_table(
        "customers",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("search_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("search_name", sa.String(length=600), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("attributes", DOCUMENT, nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.Column("billing_anchor", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=True),
        sa.Column("next_change_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_customers_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name="pk_customers"),
    )
    op.create_index("ix_customers_next_change_at", "customers", ["next_change_at"])
    op.create_index("ix_customers_search_id", "customers", ["environment_id", "search_id"])
    op.create_index("ix_customers_search_name", "customers", ["environment_id", "search_name"])
    op.create_table(
        "idempotency_keys",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("principal", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_idempotency_keys_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "principal", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_table(
        "addon_phases",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("addon", sa.String(length=64), nullable=False),
        sa.Column("addon_version", WHOLE_NUMBER, nullable=False),
        sa.Column("interval", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", WHOLE_NUMBER, nullable=False),
        sa.Column("unit_amount", WHOLE_NUMBER, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("ends_with_plan", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer"],
            ["customers.environment_id", "customers.id"],
            name="fk_addon_phases_environment_id_customers",
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer", "id", name="pk_addon_phases"),
    )
    op.create_table(
        "customer_users",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("buyer", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer"],
            ["customers.environment_id", "customers.id"],
            name="fk_customer_users_environment_id_customers",
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer", "id", name="pk_customer_users"),
    )
    op.create_table(
        "grants",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("feature", sa.String(length=64), nullable=True),
        sa.Column("plan", sa.String(length=64), nullable=True),
        sa.Column("plan_version", WHOLE_NUMBER, nullable=True),
        sa.Column("entitlement", DOCUMENT, nullable=True),
        sa.Column("max_uses", WHOLE_NUMBER, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer"],
            ["customers.environment_id", "customers.id"],
            name="fk_grants_environment_id_customers",
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer", "id", name="pk_grants"),
    )
    op.create_table(
        "mrr_changes",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("sequence", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("mrr_before", WHOLE_NUMBER, nullable=False),
        sa.Column("mrr_after", WHOLE_NUMBER, nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("offer_key", sa.String(length=64), nullable=True),
        sa.Column("impression_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer"],
            ["customers.environment_id", "customers.id"],
            name="fk_mrr_changes_environment_id_customers",
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer", "sequence", name="pk_mrr_changes"),
    )
    op.create_index("ix_mrr_changes_at", "mrr_changes", ["environment_id", "at", "customer", "sequence"])
    op.create_table(
        "orders",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.Column("interval", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", WHOLE_NUMBER, nullable=False),
        sa.Column("unit_amount", WHOLE_NUMBER, nullable=False),
        sa.Column("price_per", sa.String(length=8), nullable=False),
        sa.Column("amount", WHOLE_NUMBER, nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=True),
        sa.Column("impression_id", sa.String(length=64), nullable=True),
        sa.Column("requested_by", sa.String(length=8), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("customer_version", WHOLE_NUMBER, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer"],
            ["customers.environment_id", "customers.id"],
            name="fk_orders_environment_id_customers",
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name="pk_orders"),
    )
    op.create_index("ix_orders_created_at", "orders", ["environment_id", "created_at", "id"])
    op.create_index("ix_orders_customer", "orders", ["environment_id", "customer", "status"])
    op.create_index("ix_orders_expires_at", "orders", ["status", "expires_at"])
    op.create_index("ix_orders_status", "orders", ["environment_id", "status", "created_at", "id"])
    op.create_table(
        "plan_phases",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("plan_version", WHOLE_NUMBER, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("interval", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", WHOLE_NUMBER, nullable=False),
        sa.Column("unit_amount", WHOLE_NUMBER, nullable=False),
        sa.Column("price_per", sa.String(length=8), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id", "customer"],
            ["customers.environment_id", "customers.id"],
            name="fk_plan_phases_environment_id_customers",
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer", "id", name="pk_plan_phases"),
    )
    op.create_table(
        "product_versions",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("catalogue_version", WHOLE_NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id", "catalogue_version"],
            ["catalogue_versions.environment_id", "catalogue_versions.version"],
            name="fk_product_versions_environment_id_catalogue_versions",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_product_versions_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "kind", "key", "version", name="pk_product_versions"),
    )


def downgrade() -> None:
    op.drop_table("product_versions")
    op.drop_table("plan_phases")
    op.drop_table("orders")
    op.drop_table("mrr_changes")
    op.drop_table("grants")
    op.drop_table("customer_users")
    op.drop_table("addon_phases")
    op.drop_table("idempotency_keys")
    op.drop_table("customers")
    op.drop_table("changes")
    op.drop_table("change_counters")
    op.drop_table("catalogue_versions")
    op.drop_table("catalogue_drafts")
    op.drop_table("api_keys")
    op.drop_table("environments")
