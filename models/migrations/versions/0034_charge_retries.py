"""charge retries"""

import sqlalchemy as sa
from alembic import op

revision = '0034_charge_retries'
down_revision = '0033_bills_by_no_run'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('papay_attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('run', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('retry_of', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_papay_attempts_retry_of'), 'papay_attempts', ['retry_of'], ['id'])
        batch_op.create_index('uq_papay_attempts_retry_of', ['retry_of'], unique=True)
