"""charges by home"""

from alembic import op

revision = '0032_charges_by_home'
down_revision = '0031_bills_by_month'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('papay_attempts', schema=None) as batch_op:
        batch_op.create_index('ix_papay_attempts_home', ['home_id'], unique=False)
