"""usage reports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gate_hours",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("times", WHOLE_NUMBER, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_gate_hours_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint(
            "environment_id", "customer", "gate", "hour", "outcome", "reason", name="pk_gate_hours"
        ),
    )
    op.create_index("ix_gate_hours_hour", "gate_hours", ["environment_id", "hour"])
    op.create_table(
        "gate_totals",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("times", WHOLE_NUMBER, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_gate_totals_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "hour", "gate", "outcome", "reason", name="pk_gate_totals"),
    )
    op.create_table(
        "refused_accounts",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("refused_at", INSTANT, nullable=True),
        sa.Column("observed_at", INSTANT, nullable=True),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_refused_accounts_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "gate", "customer", name="pk_refused_accounts"),
    )
    op.create_index(
        "ix_refused_accounts_last_at", "refused_accounts", ["environment_id", "gate", "last_at", "customer"]
    )
    op.create_table(
        "reported_levels",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("used", WHOLE_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_reported_levels_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "customer", "feature", name="pk_reported_levels"),
    )
    op.create_index("ix_reported_levels_used", "reported_levels", ["environment_id", "feature", "used"])
    op.create_table(
        "report_batches",
        sa.Column("environment_id", WHOLE_NUMBER, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_report_batches_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name="pk_report_batches"),
    )
    op.create_index("ix_report_batches_received_at", "report_batches", ["environment_id", "received_at"])


def downgrade() -> None:
    op.drop_table("report_batches")
    op.drop_table("reported_levels")
    op.drop_table("refused_accounts")
    op.drop_table("gate_totals")
    op.drop_table("gate_hours")
