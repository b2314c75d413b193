"""keep photos"""

import sqlalchemy as sa
from alembic import op

revision = "0002_keep_photos"
down_revision = "0001_begin"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('media',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account', sa.String(length=64), nullable=False),
    sa.Column('openid', sa.String(length=64), nullable=True),
    sa.Column('media_id', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attached', sa.Boolean(), nullable=False),
    sa.Column('received_at', sa.DateTime(), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=True),
    sa.Column('content_type', sa.String(length=32), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('kept_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_media_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media')),
    sa.UniqueConstraint('account', 'media_id', name=op.f('uq_media_account_media_id')),
    sa.UniqueConstraint('name', name=op.f('uq_media_name'))
    )
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.create_index('ix_media_due', ['state', 'due_at'], unique=False)
        batch_op.create_index('ix_media_loose', ['attached', 'received_at'], unique=False)
        batch_op.create_index('ix_media_old', ['state', 'received_at'], unique=False)
        batch_op.create_index('ix_media_sender', ['account', 'openid', 'state'], unique=False)

    with op.batch_alter_table('order_attachments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('medium_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index('ix_order_attachments_medium', ['medium_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_order_attachments_medium_id'), 'media', ['medium_id'], ['id'])

