"""How an older database becomes the newest: Alembic, numbered, one line.

`HEAD` names the newest version, so that two branches that both add one meet in a merge conflict and not in production.
Alembic itself is only loaded when there is something to do: a program that starts every day should not wait for it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
HEAD = FOLDER / "HEAD"
_LOCK = 0x6C696E6C69  # any number nobody else uses for a PostgreSQL advisory lock
_PATIENCE_MS = 60_000
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))


def newest() -> str:
    """The version every database should have."""
    return HEAD.read_text().strip()


def versions() -> frozenset[str]:
    """Every version there has been."""
    return frozenset(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def version_of(engine: sa.Engine) -> str | None:
    """Which version a database has; None for an empty one."""
    if not sa.inspect(engine).has_table(_VERSION.name):
        return None
    with engine.connect() as connection:
        return connection.scalar(sa.select(_VERSION.c.version_num))


def upgrade(engine: sa.Engine, to: str = "head", *, seal: Callable[[str], str] | None = None) -> None:
    """Bring a database to a version, all or nothing. Of several that start at once one works and the others wait for it.

    `seal` is what an older database's account numbers are sealed with; one that has none does without.

    Raises OperationalError when somebody else holds a table for longer than models.engines.LOCK_WAIT_MS: try again.
    """
    from alembic import command  # noqa: PLC0415 (see above)

    # SQLite has one lock for everything, so there the wait for another migration is the wait for whoever writes.
    with engine.execution_options(patience_ms=_PATIENCE_MS).begin() as connection:
        if engine.dialect.name == "postgresql":
            # Waiting for another migration may take as long as that takes; only waiting for tables is limited.
            limit = connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            connection.execute(sa.select(sa.func.set_config("lock_timeout", limit, True)))
        config = _config(connection)
        config.attributes["seal"] = seal
        command.upgrade(config, to)


def write_next(title: str) -> Path:
    """Write the migration from the newest version to what the tables say now; returns its file, to be read and mended by hand."""
    from alembic import command  # noqa: PLC0415 (see above)

    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        config = _config(connection)
        command.upgrade(config, "head")
        number = len(versions()) + 1
        name = f"{number:04}_{'_'.join(title.lower().split())}"
        command.revision(config, title, autogenerate=True, rev_id=name)
    HEAD.write_text(name + "\n")
    return FOLDER / "versions" / f"{name}.py"


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 (see above)

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config
