"""The demo company for what people may do wrong. On SQLite: these promises are the program's and not the database's. And a till
for what goes wrong with money, on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.db import Database
from tests.support.demo import MORNING
from tests.support.till import Till
from tests.support.world import World, open_world


def _copy(template: Path, folder: Path) -> Database:
    path = folder / "demo.db"
    path.write_bytes(template.read_bytes())
    return Database(f"sqlite:///{path}")


@pytest.fixture
def world(demo_on_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    database = _copy(demo_on_sqlite, tmp_path)
    yield open_world(database, tmp_path, MORNING)
    database.close()


@pytest.fixture(scope="module")
def shared_world(demo_on_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all the cases of a file; a case leaves nothing behind that another one could trip over."""
    folder = tmp_path_factory.mktemp("world")
    database = _copy(demo_on_sqlite, folder)
    yield open_world(database, folder, MORNING)
    database.close()


@pytest.fixture
def till(database: Database, tmp_path: Path) -> Till:
    """A company that takes money, on SQLite and on PostgreSQL: what two do at the same moment is the database's business."""
    return Till(open_world(database, tmp_path, MORNING))
