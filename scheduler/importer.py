"""`python -m scheduler.importer`: reads, writes and takes back what was uploaded, until nothing waits, and ends.

A process of its own: a hundred thousand rows need memory that is given back afterwards, and a minute in which nothing else may
wait. Any number may run; whoever claims an import holds it as long as it gives signs of life.
"""

import gc
import logging
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy.exc import OperationalError

from bot.config import load_settings
from bot.logs import set_up
from bot.services import build_services
from models.db import Database
from models.errors import Refusal
from models.estate.ledger import read_ledger
from models.estate.ledger_rows import Ledger, LedgerKind
from models.estate.tables import Community
from models.imports import actions
from models.imports.plan import planned
from models.imports.queries import imported_before
from models.imports.states import AGREED, UNDOING, WAITING
from models.imports.tables import Import
from models.imports.undo import undo
from models.sheets.files import SheetFile, read_file
from models.sheets.package import Limits
from scheduler.import_kinds import CHANGED, KINDS

log = logging.getLogger(__name__)

FOLDER = "imports"  # below DATA_DIR
_SECONDS_BETWEEN_NEWS = 0.5
_LOST = "上传的文件不见了，请重新上传。"
_STUMBLED = "程序出了问题，什么也没有改。请联系技术支持。"


class Ended(Exception):
    """The process was asked to end, or somebody else holds the import by now."""


class Importer:
    """Works on imports, one after the other. `ending` is asked every few rows."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        folder: Path,
        limits: Limits,
        ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._now = now
        self._folder = folder
        self._limits = limits
        self._ending = ending
        self._worker = f"importer-{uuid4().hex[:12]}"
        self._steps = {WAITING: self._check, AGREED: self._write, UNDOING: self._undo}

    def run_due(self) -> int:
        """Everything that waits; returns how many steps were taken."""
        taken = 0
        while not self._ending() and self._next():
            taken += 1
        return taken

    def _next(self) -> bool:
        with self._database.transaction() as session:
            claimed = actions.claim(session, self._worker, self._now())
        if claimed is None:
            return False
        try:
            self._steps[claimed.state](claimed)
        except Refusal as refusal:
            self._stop(claimed, refusal.message)
        except Ended:
            with self._database.transaction() as session:
                actions.let_go(session, claimed.id, self._worker)
            return False
        except OperationalError:
            log.exception("the database went away during an import; it is tried again", extra={"import": claimed.id})
            return False
        except Exception:
            log.exception("an import stumbled", extra={"import": claimed.id})
            self._stop(claimed, _STUMBLED)
        return True

    def _check(self, claimed: Import) -> None:
        if claimed.kind in KINDS:
            self._check_in_one_piece(claimed)
            return
        ledger = self._read(claimed)
        plan = None
        if not ledger.refusals:
            with self._database.reading() as session:
                plan = planned(session, _kind(claimed), session.get_one(Community, claimed.community_id), ledger)
        with self._database.transaction() as session:
            actions.settle(session, claimed.id, self._worker, name=claimed.name, ledger=ledger, plan=plan)
        if plan is None or plan.refused:
            self._forget_file(claimed)

    def _check_in_one_piece(self, claimed: Import) -> None:
        file = self._open(claimed)
        with self._database.reading() as session:
            found, rows = KINDS[claimed.kind].find(session, claimed, file, self._now())
        with self._database.transaction() as session:
            actions.settle_found(session, claimed.id, self._worker, found=found, rows=rows)
        if found["refused"]:
            self._forget_file(claimed)

    def _write_in_one_piece(self, claimed: Import) -> None:
        file = self._open(claimed)
        with self._database.transaction() as session:
            actions.take(session, claimed, worker=self._worker, now=self._now())
            KINDS[claimed.kind].write(session, claimed, file, self._now())
        self._forget_file(claimed)

    def _write(self, claimed: Import) -> None:
        if claimed.kind in KINDS:
            self._write_in_one_piece(claimed)
            return
        ledger = self._read(claimed)
        if ledger.refusals:
            raise Refusal(CHANGED)
        with self._database.transaction() as session:
            actions.write(session, claimed, ledger, worker=self._worker, now=self._now())
        self._forget_file(claimed)

    def _undo(self, claimed: Import) -> None:
        with self._database.transaction() as session:
            take_back = KINDS[claimed.kind].take_back if claimed.kind in KINDS else undo
            take_back(session, claimed, now=self._now(), by=claimed.undone_by, source=claimed.source)

    def _read(self, claimed: Import) -> Ledger:
        file = self._open(claimed)
        return read_ledger(file.sheets, _kind(claimed), progress=self._telling(claimed, file))

    def _open(self, claimed: Import) -> SheetFile:
        """The very file that was uploaded. Raises Refusal when it is gone, or on the books already."""
        path = self._folder / claimed.file
        if not claimed.file or not path.is_file():
            raise Refusal(_LOST)
        file = read_file(path, self._limits, name=claimed.name)
        if file.sha256 != claimed.sha256:
            raise Refusal(_LOST)
        with self._database.reading() as session:
            if imported_before(session, claimed.community_id, claimed.kind, claimed.sha256):
                raise Refusal(actions.ALREADY)
        return file

    def _telling(self, claimed: Import, file: SheetFile) -> Callable[[str, int], None]:
        told = time.monotonic()

        def tell(sheet: str, rows: int) -> None:
            nonlocal told
            if self._ending():
                raise Ended
            if time.monotonic() - told < _SECONDS_BETWEEN_NEWS:
                return
            told = time.monotonic()
            share = int(file.progress.share * 100)
            with self._database.transaction() as session:
                held = actions.report_progress(
                    session, claimed.id, self._worker, share=share, rows=rows, now=self._now()
                )
            if not held:
                raise Ended

        return tell

    def _stop(self, claimed: Import, trouble: str) -> None:
        with self._database.transaction() as session:
            if claimed.state == UNDOING:
                actions.keep_written(session, claimed.id, self._worker, trouble)
            else:
                actions.give_up(session, claimed.id, self._worker, trouble)
        if claimed.state != UNDOING:
            self._forget_file(claimed)

    def _forget_file(self, claimed: Import) -> None:
        """People's names and phones are kept no longer than somebody works with them."""
        (self._folder / claimed.file).unlink(missing_ok=True)
        with self._database.transaction() as session:
            actions.without_file(session, claimed.id)


def _kind(claimed: Import) -> LedgerKind:
    return "homes" if claimed.kind == "homes" else "residents"


def main() -> None:
    # A long ledger is millions of small things that live until the end: looking through them for rings over and over is
    # what would take the most time.
    gc.set_threshold(200_000, 20, 1_000)
    settings = load_settings()
    set_up(settings.log_level)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: asked.append(number))
    services = build_services(settings)
    folder = settings.data_dir / FOLDER
    importer = Importer(services.database, services.clock.now, folder, Limits.of(settings), lambda: bool(asked))
    steps = importer.run_due()
    services.database.close()
    log.info("importer ended", extra={"steps": steps})


if __name__ == "__main__":
    main()
