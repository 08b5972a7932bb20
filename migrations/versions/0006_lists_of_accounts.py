"""lists of accounts by plan and by status"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_plan_phases_plan", "plan_phases", ["environment_id", "plan", "customer"])
    op.create_index("ix_plan_phases_status", "plan_phases", ["environment_id", "status", "customer"])


def downgrade() -> None:
    op.drop_index("ix_plan_phases_status", "plan_phases")
    op.drop_index("ix_plan_phases_plan", "plan_phases")
