"""whom the answers kept for repeated requests are about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IS_TOLD = sa.text("customer IS NOT NULL")


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("customer", sa.String(length=128), nullable=True))
    op.add_column("idempotency_keys", sa.Column("user", sa.String(length=128), nullable=True))
    op.create_index(
        "ix_idempotency_keys_customer",
        "idempotency_keys",
        ["environment_id", "customer"],
        sqlite_where=IS_TOLD,
        postgresql_where=IS_TOLD,
    )


def downgrade() -> None:
    op.drop_index("ix_idempotency_keys_customer", "idempotency_keys")
    op.drop_column("idempotency_keys", "user")
    op.drop_column("idempotency_keys", "customer")
