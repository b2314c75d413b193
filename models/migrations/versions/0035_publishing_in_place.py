"""publishing in place"""

import sqlalchemy as sa
from alembic import op

revision = '0035_publishing_in_place'
down_revision = '0034_charge_retries'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No index looks at the state any more: what is published is written once, and its places in the indexes stay.
    with op.batch_alter_table('bills', schema=None) as batch_op:
        batch_op.drop_index('ix_bills_run')
        batch_op.create_index('ix_bills_run', ['run_id'], unique=False)
        batch_op.drop_index('ix_bills_open')
        batch_op.create_index(
            'ix_bills_open', ['community_id', 'due_on'], unique=False,
            sqlite_where=sa.text('paid <> amount'), postgresql_where=sa.text('paid <> amount'),
        )
    if op.get_bind().dialect.name == 'postgresql':
        # Room for the posted row beside its draft; holds for pages that are written from now on.
        op.execute('ALTER TABLE bills SET (fillfactor = 50)')
