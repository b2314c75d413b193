"""bills by month"""

import sqlalchemy as sa
from alembic import op

revision = '0031_bills_by_month'
down_revision = '0030_unclaimed_money'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('bills', schema=None) as batch_op:
        # What a compound was billed for a month: rates and the month's sums ask for it.
        batch_op.create_index('ix_bills_period', ['community_id', 'period'], unique=False)
        # Hardly a bill is a late fee: the others need not be looked up by it.
        batch_op.drop_index('ix_bills_late_for')
        batch_op.create_index(
            'ix_bills_late_for', ['late_for'], unique=False,
            sqlite_where=sa.text('late_for IS NOT NULL'), postgresql_where=sa.text('late_for IS NOT NULL'),
        )
