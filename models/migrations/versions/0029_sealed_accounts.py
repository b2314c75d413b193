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
    # Columns are added and dropped, and the table is not copied: lines of debit lists point to its rows.
    op.add_column('mandates', sa.Column('tail', sa.String(length=4), nullable=False, server_default=''))
    op.add_column('mandates', sa.Column('sealed', sa.String(length=200), nullable=False, server_default=''))
    mandates = sa.table(
        'mandates', sa.column('id'), sa.column('account'), sa.column('sealed'), sa.column('tail')
    )
    seal = context.config.attributes.get('seal')
    for number, account in connection.execute(sa.select(mandates.c.id, mandates.c.account)).all():
        if seal is None:
            raise RuntimeError('the account numbers of this database need a key to be sealed with')
        connection.execute(
            sa.update(mandates).where(mandates.c.id == number).values(sealed=seal(account), tail=account[-4:])
        )
    op.drop_column('mandates', 'account')
