"""sign in at desk"""

import sqlalchemy as sa
from alembic import op

revision = "0008_sign_in_at_desk"
down_revision = "0007_what_the_office_follows_up"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('residents', schema=None) as batch_op:
        batch_op.create_index('ix_residents_home', ['home_id'], unique=False)

    op.create_table('desk_logins',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.Column('browser', sa.String(length=64), nullable=False),
    sa.Column('place', sa.String(length=40), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('account', sa.String(length=64), nullable=True),
    sa.Column('openid', sa.String(length=64), nullable=True),
    sa.Column('said_at', sa.DateTime(), nullable=True),
    sa.Column('taken_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_logins')),
    sa.UniqueConstraint('digest', name=op.f('uq_desk_logins_digest'))
    )
    with op.batch_alter_table('desk_logins', schema=None) as batch_op:
        batch_op.create_index('ix_desk_logins_asked', ['asked_at'], unique=False)
        batch_op.create_index('ix_desk_logins_person', ['account', 'openid'], unique=False)

