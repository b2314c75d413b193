"""remember imports"""

import sqlalchemy as sa
from alembic import op

revision = "0005_remember_imports"
down_revision = "0004_add_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('imports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('file', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('by_name', sa.String(length=32), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('written_at', sa.DateTime(), nullable=True),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.Column('undone_by', sa.String(length=64), nullable=False),
    sa.Column('worker', sa.String(length=32), nullable=False),
    sa.Column('held_until', sa.DateTime(), nullable=True),
    sa.Column('share', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('found', sa.JSON(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_imports_community_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_imports_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.create_index('ix_imports_company', ['company_id', 'id'], unique=False)
        batch_op.create_index('ix_imports_to_be_done', ['id'], unique=False, sqlite_where=sa.text("state IN ('waiting', 'agreed', 'undoing')"), postgresql_where=sa.text("state IN ('waiting', 'agreed', 'undoing')"))
        batch_op.create_index('uq_imports_on_the_books', ['community_id', 'kind', 'sha256'], unique=True, sqlite_where=sa.text("state IN ('done', 'undoing')"), postgresql_where=sa.text("state IN ('done', 'undoing')"))

    op.create_table('import_changes',
    sa.Column('import_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('table_name', sa.String(length=16), nullable=False),
    sa.Column('row_id', sa.BigInteger(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_import_changes_import_id')),
    sa.PrimaryKeyConstraint('import_id', 'table_name', 'row_id', name=op.f('pk_import_changes'))
    )
    with op.batch_alter_table('import_changes', schema=None) as batch_op:
        batch_op.create_index('ix_import_changes_row', ['table_name', 'row_id'], unique=False)

    # What was taken in before is remembered too; nobody can undo it, because what it added was not marked.
    op.execute(
        "INSERT INTO imports (company_id, community_id, kind, name, sha256, file, state, \"by\", by_name, created_at, written_at,"
        " undone_by, source, worker, share, rows, found, trouble)"
        " SELECT company_id, community_id, kind, name, sha256, '', 'done', 'command', '', imported_at, imported_at,"
        " '', 'command', '', 100, 0, '{}', '' FROM imported_files ORDER BY id"
    )
    op.drop_table('imported_files')
    with op.batch_alter_table('bind_codes', schema=None) as batch_op:
        batch_op.create_index('ix_bind_codes_for_person', ['person_id'], unique=False)
        batch_op.create_index('ix_bind_codes_home', ['home_id'], unique=False)

    with op.batch_alter_table('bind_requests', schema=None) as batch_op:
        batch_op.create_index('ix_bind_requests_home', ['home_id'], unique=False)

    with op.batch_alter_table('bindings', schema=None) as batch_op:
        batch_op.create_index('ix_bindings_person', ['person_id'], unique=False)

    with op.batch_alter_table('homes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('import_id', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.add_column(sa.Column('import_id', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('residents', schema=None) as batch_op:
        batch_op.add_column(sa.Column('import_id', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('work_orders', schema=None) as batch_op:
        batch_op.create_index('ix_work_orders_reporter_person', ['reporter_id'], unique=False)

