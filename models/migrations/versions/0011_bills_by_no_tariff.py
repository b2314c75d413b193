"""Bills by no tariff."""

import sqlalchemy as sa
from alembic import op

revision = "0011_bills_by_no_tariff"
down_revision = "0010_publishing_in_steps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bills", schema=None) as batch_op:
        batch_op.alter_column("tariff_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
