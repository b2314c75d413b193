"""working days and clocks"""

import sqlalchemy as sa
from alembic import op

revision = "0006_working_days_and_clocks"
down_revision = "0005_remember_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('quiet_hours',
    sa.Column('account', sa.String(length=64), nullable=False),
    sa.Column('begins', sa.Integer(), nullable=False),
    sa.Column('ends', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('account', name=op.f('pk_quiet_hours'))
    )
    op.create_table('duty_shifts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('begins_at', sa.DateTime(), nullable=False),
    sa.Column('ends_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_duty_shifts_community_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_duty_shifts_company_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_duty_shifts_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_shifts'))
    )
    with op.batch_alter_table('duty_shifts', schema=None) as batch_op:
        batch_op.create_index('ix_duty_shifts_company', ['company_id', 'ends_at'], unique=False)

    op.create_table('storm_modes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('begins_at', sa.DateTime(), nullable=False),
    sa.Column('ends_at', sa.DateTime(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_storm_modes_community_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_storm_modes_company_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_storm_modes_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_storm_modes'))
    )
    with op.batch_alter_table('storm_modes', schema=None) as batch_op:
        batch_op.create_index('ix_storm_modes_company', ['company_id', 'ends_at'], unique=False)

    op.create_table('working_days',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('weekday', sa.Integer(), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('hours', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('note', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_working_days_community_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_working_days_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_working_days'))
    )
    with op.batch_alter_table('working_days', schema=None) as batch_op:
        batch_op.create_index('ix_working_days_company', ['company_id', 'day'], unique=False)

    op.create_table('order_alarms',
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('turn', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('step', sa.String(length=24), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['work_orders.id'], name=op.f('fk_order_alarms_order_id')),
    sa.PrimaryKeyConstraint('order_id', 'turn', 'step', name=op.f('pk_order_alarms'))
    )
    op.create_table('order_clocks',
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('moved_at', sa.DateTime(), nullable=False),
    sa.Column('priority', sa.String(length=2), nullable=False),
    sa.Column('response_due', sa.DateTime(), nullable=False),
    sa.Column('arrive_due', sa.DateTime(), nullable=True),
    sa.Column('finish_due', sa.DateTime(), nullable=False),
    sa.Column('next_look_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['work_orders.id'], name=op.f('fk_order_clocks_order_id')),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_order_clocks'))
    )
    with op.batch_alter_table('order_clocks', schema=None) as batch_op:
        batch_op.create_index('ix_order_clocks_next_look_at', ['next_look_at'], unique=False)

    with op.batch_alter_table('outbox', schema=None) as batch_op:
        # What waits from before may wait for the morning, too.
        batch_op.add_column(sa.Column('wakes', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.alter_column('wakes', server_default=None)

    with op.batch_alter_table('work_orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('appointment_ends', sa.DateTime(), nullable=True))
