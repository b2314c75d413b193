"""Meters, readings, tiered tariffs, and shares of common costs."""

import sqlalchemy as sa
from alembic import op

revision = "0012_meters_and_shares"
down_revision = "0011_bills_by_no_tariff"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('meters',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('home_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('building', sa.String(length=16), nullable=False),
    sa.Column('entrance', sa.String(length=16), nullable=False),
    sa.Column('room', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=16), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('ratio', sa.String(length=16), nullable=False),
    sa.Column('digits', sa.Integer(), nullable=True),
    sa.Column('start', sa.BigInteger(), nullable=True),
    sa.Column('start_on', sa.Date(), nullable=True),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('tag', sa.String(length=8), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_meters_community_id')),
    sa.ForeignKeyConstraint(['home_id'], ['homes.id'], name=op.f('fk_meters_home_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meters')),
    sa.UniqueConstraint('code', name=op.f('uq_meters_code')),
    sa.UniqueConstraint('community_id', 'kind', 'building', 'entrance', 'room', 'name', name=op.f('uq_meters_community_id_kind_building_entrance_room_name')),
    sa.UniqueConstraint('tag', name=op.f('uq_meters_tag'))
    )
    with op.batch_alter_table('meters', schema=None) as batch_op:
        batch_op.create_index('ix_meters_home', ['home_id', 'kind'], unique=False)

    op.create_table('pools',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('excluded', sa.BigInteger(), nullable=False),
    sa.Column('excluded_why', sa.String(length=100), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('base', sa.String(length=12), nullable=False),
    sa.Column('area_part', sa.Integer(), nullable=False),
    sa.Column('building', sa.String(length=16), nullable=False),
    sa.Column('entrance', sa.String(length=16), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_pools_community_id')),
    sa.ForeignKeyConstraint(['item_id'], ['fee_items.id'], name=op.f('fk_pools_item_id')),
    sa.ForeignKeyConstraint(['run_id'], ['billing_runs.id'], name=op.f('fk_pools_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pools')),
    sa.UniqueConstraint('code', name=op.f('uq_pools_code'))
    )
    with op.batch_alter_table('pools', schema=None) as batch_op:
        batch_op.create_index('uq_pools_live', ['community_id', 'period', 'name', 'building', 'entrance'], unique=True, sqlite_where=sa.text("state <> 'dropped'"), postgresql_where=sa.text("state <> 'dropped'"))

    op.create_table('billed_uses',
    sa.Column('bill_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.Column('upto', sa.BigInteger(), nullable=False),
    sa.Column('upto_on', sa.Date(), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['bill_id'], ['bills.id'], name=op.f('fk_billed_uses_bill_id')),
    sa.ForeignKeyConstraint(['meter_id'], ['meters.id'], name=op.f('fk_billed_uses_meter_id')),
    sa.PrimaryKeyConstraint('bill_id', 'meter_id', name=op.f('pk_billed_uses'))
    )
    with op.batch_alter_table('billed_uses', schema=None) as batch_op:
        batch_op.create_index('ix_billed_uses_meter', ['meter_id', 'upto_on'], unique=False)

    op.create_table('pool_shares',
    sa.Column('pool_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('home_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('weight', sa.String(length=80), nullable=False),
    sa.Column('exact', sa.String(length=80), nullable=False),
    sa.Column('fen', sa.Integer(), nullable=False),
    sa.Column('extra', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['home_id'], ['homes.id'], name=op.f('fk_pool_shares_home_id')),
    sa.ForeignKeyConstraint(['pool_id'], ['pools.id'], name=op.f('fk_pool_shares_pool_id')),
    sa.PrimaryKeyConstraint('pool_id', 'home_id', name=op.f('pk_pool_shares'))
    )
    with op.batch_alter_table('pool_shares', schema=None) as batch_op:
        batch_op.create_index('ix_pool_shares_home', ['home_id'], unique=False)

    op.create_table('readings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('rolled', sa.Boolean(), nullable=False),
    sa.Column('old_end', sa.BigInteger(), nullable=True),
    sa.Column('new_start', sa.BigInteger(), nullable=True),
    sa.Column('estimated', sa.Boolean(), nullable=False),
    sa.Column('void', sa.Boolean(), nullable=False),
    sa.Column('photo', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=8), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['meter_id'], ['meters.id'], name=op.f('fk_readings_meter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_readings')),
    sa.UniqueConstraint('meter_id', 'on', 'seq', name=op.f('uq_readings_meter_id_on_seq'))
    )
    with op.batch_alter_table('tariffs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tiers', sa.JSON(), nullable=False, server_default=sa.text("'{}'")))

