"""sealed accounts"""

import sqlalchemy as sa
from alembic import context, op

revision = '0029_sealed_accounts'
down_revision = '0028_papay'
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == 'sqlite':
        # What was in plain is overwritten in the file, not only marked as free.
        connection.exec_driver_sql('PRAGMA secure_delete = ON')
    with op.batch_alter_table('mandates', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tail', sa.String(length=4), nullable=True))
        batch_op.alter_column('account',
               existing_type=sa.VARCHAR(length=32),
               type_=sa.String(length=200),
               existing_nullable=False)
    mandates = sa.table('mandates', sa.column('id'), sa.column('account'), sa.column('tail'))
    seal = context.config.attributes.get('seal')
    for number, account in connection.execute(sa.select(mandates.c.id, mandates.c.account)).all():
        if seal is None:
            raise RuntimeError('the account numbers of this database need a key to be sealed with')
        connection.execute(
            sa.update(mandates).where(mandates.c.id == number).values(account=seal(account), tail=account[-4:])
        )
    with op.batch_alter_table('mandates', schema=None) as batch_op:
        batch_op.alter_column('tail', existing_type=sa.String(length=4), nullable=False)
