"""grandfathering"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("grants", sa.Column("given_for", sa.String(length=96), nullable=True))
    op.create_table(
        "succession_runs",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("to_version", WHOLE_NUMBER, nullable=False),
        sa.Column("moved", WHOLE_NUMBER, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_succession_runs_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "kind", "key", "version", name="pk_succession_runs"),
    )


def downgrade() -> None:
    op.drop_table("succession_runs")
    with op.batch_alter_table("grants") as grants:
        grants.drop_column("given_for")
