"""uses of features, and erasure"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")

# What a change of the log must be to be let through: it takes what was written away, puts the pseudonym of a running
# erasure where a name stood, and leaves everything else.
IS_ERASURE = """
    NEW.environment_id = OLD.environment_id AND NEW.number = OLD.number AND NEW.at = OLD.at
    AND NEW.actor_kind = OLD.actor_kind AND NEW.action = OLD.action
    AND NEW."before" IS NULL AND NEW."after" IS NULL
    AND EXISTS (
        SELECT 1 FROM erasures
        WHERE erasures.environment_id = OLD.environment_id AND erasures.state = 'running'
        AND (NEW.subject = OLD.subject OR NEW.subject = 'customer:' || erasures.pseudonym)
        AND (NEW.actor_id = OLD.actor_id OR OLD.actor_kind = 'end_user' AND NEW.actor_id LIKE '%erased!_%' ESCAPE '!')
        AND (
            NEW.actor_name = OLD.actor_name
            OR OLD.actor_kind = 'end_user' AND NEW.actor_name LIKE 'erased!_%' ESCAPE '!'
        )
    )
"""
ALLOW_ON_SQLITE = [
    "DROP TRIGGER audit_entries_refuse_update",
    f"""
    CREATE TRIGGER audit_entries_refuse_update BEFORE UPDATE ON audit_entries WHEN NOT ({IS_ERASURE})
    BEGIN SELECT RAISE(ABORT, 'the audit log cannot be changed'); END
    """,
]
REFUSE_ON_SQLITE = [
    "DROP TRIGGER audit_entries_refuse_update",
    """
    CREATE TRIGGER audit_entries_refuse_update BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'the audit log cannot be changed'); END
    """,
]
ALLOW_ON_POSTGRESQL = [
    "DROP TRIGGER audit_entries_refuse_change ON audit_entries",
    """
    CREATE TRIGGER audit_entries_refuse_change BEFORE DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION liftgate_refuse_audit_change()
    """,
    f"""
    CREATE FUNCTION liftgate_allow_audit_erasure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF {IS_ERASURE} THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the audit log cannot be changed';
    END $$
    """,
    """
    CREATE TRIGGER audit_entries_refuse_update BEFORE UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION liftgate_allow_audit_erasure()
    """,
]
REFUSE_ON_POSTGRESQL = [
    "DROP TRIGGER audit_entries_refuse_update ON audit_entries",
    "DROP FUNCTION liftgate_allow_audit_erasure()",
    "DROP TRIGGER audit_entries_refuse_change ON audit_entries",
    """
    CREATE TRIGGER audit_entries_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION liftgate_refuse_audit_change()
    """,
]


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=True),
        sa.Column("user", sa.String(length=128), nullable=True),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("position", WHOLE_NUMBER, nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("requested_by", sa.String(length=300), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_erasures_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_digest", "erasures", ["environment_id", "digest", "requested_at"])
    op.create_index("ix_erasures_state", "erasures", ["state", "requested_at"])
    _carry_out(ALLOW_ON_SQLITE, ALLOW_ON_POSTGRESQL)


def downgrade() -> None:
    _carry_out(REFUSE_ON_SQLITE, REFUSE_ON_POSTGRESQL)
    op.drop_table("erasures")


def _carry_out(on_sqlite: list[str], on_postgresql: list[str]) -> None:
    for statement in on_sqlite if op.get_bind().dialect.name == "sqlite" else on_postgresql:
        op.execute(statement)
