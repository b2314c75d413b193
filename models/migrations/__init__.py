"""How an older database becomes the newest: Alembic, numbered, one line."""
