"""Sheets that are read in one piece, each kind by its own rule: what is found in one, how it is written, how it is taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.billing import arrears, reading_import, tariff_import
from models.billing.arrears_sheet import ArrearsSheet, read_arrears
from models.billing.reading_sheet import read_readings
from models.billing.tariff_sheet import read_tariffs
from models.errors import Refusal
from models.estate.tables import Community
from models.imports.actions import audit_import
from models.imports.states import READINGS
from models.imports.tables import Import
from models.imports.undo import undo
from models.sheets.files import SheetFile

CHANGED = "文件和刚才看到的不一样了，什么也没有写入。请重新上传。"
UNTIL = {"included": True, "not-included": False}

Found = tuple[dict[str, Any], int]  # what is kept with the import, and how many lines were read


@dataclass(frozen=True)
class Kind:
    find: Callable[[Session, Import, SheetFile, datetime], Found]
    write: Callable[[Session, Import, SheetFile, datetime], None]
    take_back: Callable[..., None] = undo


def _find_readings(session: Session, brought: Import, file: SheetFile, now: datetime) -> Found:
    sheet = read_readings(file.sheets)
    plan = reading_import.plan_readings(session, brought.community_id, sheet.rows, now=now)
    return reading_import.findings_of(brought.name, sheet, plan), len(sheet.rows)


def _write_readings(session: Session, brought: Import, file: SheetFile, now: datetime) -> None:
    sheet = read_readings(file.sheets)
    reading_import.import_readings(
        session, _community(session, brought), sheet.rows, now=now, by=brought.by, source=brought.source
    )


def _arrears(brought: Import, file: SheetFile) -> ArrearsSheet:
    """As the file was read when it was looked at: the answer about 缴至 was given with it."""
    return read_arrears(file.sheets, until_included=UNTIL.get(brought.found.get("until", "")))


def _find_arrears(session: Session, brought: Import, file: SheetFile, now: datetime) -> Found:
    sheet = _arrears(brought, file)
    wrong = sheet.refusals or sheet.asks_until
    plan = None if wrong else arrears.plan_arrears(session, _community(session, brought), sheet.rows)
    found = {**arrears.findings_of(brought.name, sheet, plan), "until": brought.found.get("until", "")}
    return found, len(sheet.rows)


def _write_arrears(session: Session, brought: Import, file: SheetFile, now: datetime) -> None:
    sheet = _arrears(brought, file)
    if sheet.refusals or sheet.asks_until:
        raise Refusal(CHANGED)
    arrears.post_arrears(session, _community(session, brought), brought, sheet.rows, now=now)
    audit_import(session, brought, "import_arrears", by=brought.by, source=brought.source, now=now)


def _find_tariffs(session: Session, brought: Import, file: SheetFile, now: datetime) -> Found:
    sheet = read_tariffs(file.sheets)
    new = tariff_import.new_rows(session, brought.community_id, sheet.rows)
    refused = tariff_import.clashes(session, brought.community_id, new)
    return tariff_import.findings_of(brought.name, sheet, new, refused), len(sheet.rows)


def _write_tariffs(session: Session, brought: Import, file: SheetFile, now: datetime) -> None:
    sheet = read_tariffs(file.sheets)
    if sheet.refusals:
        raise Refusal(CHANGED)
    new = tariff_import.new_rows(session, brought.community_id, sheet.rows)
    tariff_import.write_tariffs(session, _community(session, brought), new, by=brought.by, now=now, brought=brought)
    audit_import(session, brought, "import_tariffs", by=brought.by, source=brought.source, now=now)


def _community(session: Session, brought: Import) -> Community:
    return session.get_one(Community, brought.community_id)


KINDS = {
    READINGS: Kind(_find_readings, _write_readings),
    arrears.KIND: Kind(_find_arrears, _write_arrears, arrears.undo_arrears),
    tariff_import.KIND: Kind(_find_tariffs, _write_tariffs, tariff_import.undo_tariffs),
}
