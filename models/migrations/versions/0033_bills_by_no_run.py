"""bills by no run"""

import sqlalchemy as sa
from alembic import op

revision = '0033_bills_by_no_run'
down_revision = '0032_charges_by_home'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('bills', schema=None) as batch_op:
        batch_op.create_index(
            'ix_bills_by_no_run',
            ['community_id', 'item_id'],
            unique=False,
            sqlite_where=sa.text('run_id IS NULL AND tariff_id IS NULL'),
            postgresql_where=sa.text('run_id IS NULL AND tariff_id IS NULL'),
        )
