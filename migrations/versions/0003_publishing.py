"""publishing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

KEEP_DRAFTS = """
INSERT INTO draft_revisions (environment_id, revision, base_version, document, is_discarded, saved_by, saved_at)
SELECT environment_id, revision,
       (SELECT COALESCE(MAX(version), 0) FROM catalogue_versions AS v WHERE v.environment_id = d.environment_id),
       document, FALSE, updated_by, updated_at
FROM catalogue_drafts AS d
"""
RESTORE_DRAFTS = """
INSERT INTO catalogue_drafts (environment_id, revision, document, updated_by, updated_at)
SELECT environment_id, revision, document, saved_by, saved_at
FROM draft_revisions AS d
WHERE NOT is_discarded
  AND revision = (SELECT MAX(revision) FROM draft_revisions AS n WHERE n.environment_id = d.environment_id)
"""


def upgrade() -> None:
    op.create_table(
        "draft_revisions",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("revision", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("base_version", WHOLE_NUMBER, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("is_discarded", sa.Boolean(), nullable=False),
        sa.Column("saved_by", sa.String(length=64), nullable=True),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_draft_revisions_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "revision", name="pk_draft_revisions"),
    )
    op.execute(KEEP_DRAFTS)
    op.drop_table("catalogue_drafts")
    op.create_table(
        "plan_successions",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("catalogue_version", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("to_version", WHOLE_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("notice_at", INSTANT, nullable=True),
        sa.Column("incentive", DOCUMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id", "kind", "key", "version"],
            [
                "product_versions.environment_id",
                "product_versions.kind",
                "product_versions.key",
                "product_versions.version",
            ],
            name="fk_plan_successions_environment_id_product_versions",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_plan_successions_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint(
            "environment_id", "kind", "key", "version", "catalogue_version", name="pk_plan_successions"
        ),
    )
    op.create_table(
        "scheduled_publications",
        sa.Column("environment_id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("base_version", WHOLE_NUMBER, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("terms", DOCUMENT, nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("version", WHOLE_NUMBER, nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name="fk_scheduled_publications_environment_id_environments"
        ),
        sa.PrimaryKeyConstraint("environment_id", "id", name="pk_scheduled_publications"),
    )
    op.create_index("ix_scheduled_publications_at", "scheduled_publications", ["state", "at"])
    op.create_index(
        "ix_scheduled_publications_created_at", "scheduled_publications", ["environment_id", "created_at", "id"]
    )


def downgrade() -> None:
    op.drop_table("scheduled_publications")
    op.drop_table("plan_successions")
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
    op.execute(RESTORE_DRAFTS)
    op.drop_table("draft_revisions")
