"""Loaded by Alembic with the connection it is to work on."""

from typing import Any, Literal

from alembic import context

import models.tables
from models.db import Moment


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """A migration must not change when our own types do, so it names the plain type."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.tables.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    render_item=render_item,
    compare_type=True,
)
context.run_migrations()
