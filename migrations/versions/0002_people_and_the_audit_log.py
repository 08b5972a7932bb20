"""people and the audit log"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

# An entry that could be edited would prove nothing; the application's own role is refused too.
SEAL_ON_SQLITE = [
    f"""
    CREATE TRIGGER audit_entries_refuse_{event} BEFORE {event} ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'the audit log cannot be changed'); END
    """
    for event in ("update", "delete")
]
SEAL_ON_POSTGRESQL = [
    """
    CREATE FUNCTION liftgate_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log cannot be changed'; END $$
    """,
    """
    CREATE TRIGGER audit_entries_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION liftgate_refuse_audit_change()
    """,
]


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=300), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("after", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("environment_id", "number", name="pk_audit_entries"),
    )
    for name, column in (("action", "action"), ("actor", "actor_id"), ("subject", "subject")):
        op.create_index(f"ix_audit_entries_{name}", "audit_entries", ["environment_id", column, "number"])
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SEAL_ON_SQLITE if on_sqlite else SEAL_ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION liftgate_refuse_audit_change()")
