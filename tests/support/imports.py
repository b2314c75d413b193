"""Ledgers that are brought and taken in, for tests."""

import csv
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa

from handlers.commands.import_ledger import run_import
from models.db import Database
from models.estate.tables import Community, Company
from models.imports.actions import bring
from models.imports.states import WAITING
from models.imports.tables import Import
from models.sheets.files import read_file
from models.sheets.package import Limits
from scheduler.importer import Importer
from tests.support.ledgers import COMMON, truth


def open_company(database: Database, now: datetime, *names: str) -> int:
    """A company with these compounds and nothing in them; the number of the first compound."""
    with database.transaction() as session:
        company = Company(name="安居物业", created_at=now)
        session.add(company)
        session.flush()
        compounds = [Community(company_id=company.id, name=name, created_at=now) for name in names or ("望春苑",)]
        session.add_all(compounds)
        session.flush()
        return compounds[0].id


def ledger_file(folder: Path, *rows: list[Any], name: str = "台账.xlsx", title: str = "1栋") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    book.save(folder / name)
    return folder / name


def mend(folder: Path) -> Path:
    """The common ledger after a clerk has mended its five bad cells."""
    homes = truth(COMMON)["homes"]
    book = openpyxl.load_workbook(COMMON)
    page = book["1栋"]
    page["E7"] = homes["1-1-202"]["area"] / 100
    page["F9"] = homes["1-1-302"]["phone"]
    page["C11"].value, page["C11"].number_format = "402", "General"
    page["E13"] = homes["1-1-502"]["area"] / 100
    page["D15"] = homes["1-1-602"]["owner"]
    path = folder / "改好的台账.xlsx"
    book.save(path)
    return path


def take_in(database: Database, path: Path, now: datetime, *, kind: Any = "homes", name: str = "望春苑") -> int:
    """As the command does; the number of the import."""
    run_import(database, kind, path, community_name=name, now=now, dry_run=False, agreed=True)
    with database.reading() as session:
        return session.scalars(sa.select(sa.func.max(Import.id))).one()


def upload(database: Database, folder: Path, path: Path, now: datetime, *, kind: str = "homes") -> int:
    """As the page does; the number of the import."""
    folder.mkdir(exist_ok=True)
    shutil.copy(path, folder / path.name)
    with database.transaction() as session:
        community = session.scalars(sa.select(Community).order_by(Community.id)).first()
        assert community is not None
        brought = bring(
            session, community, kind=kind, name=path.name, sha256=_sha256(path), file=path.name, state=WAITING,
            by="staff:1", by_name="赵经理", source="web", now=now,
        )  # fmt: skip
        return brought.id


def importer(database: Database, folder: Path, now: datetime, **more: Any) -> Importer:
    return Importer(database, lambda: now, folder, Limits(), **more)


def the_import(database: Database, number: int) -> Import:
    with database.reading() as session:
        return session.get_one(Import, number)


def _sha256(path: Path) -> str:
    return read_file(path).sha256


DAY = timedelta(days=1)


def long_ledger(path: Path, rows: int) -> Path:
    """A ledger of that many homes with eight columns, each with an owner and a phone of its own."""
    head = ["序号", "楼栋", "单元", "房号", "建筑面积(㎡)", "业主姓名", "联系电话", "备注"]
    if path.suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows([head, *_homes(rows)])
        return path
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("全部")
    page.append(head)
    for row in _homes(rows):
        page.append(row)
    book.save(path)
    return path


def _homes(rows: int) -> Iterator[list[Any]]:
    """240 homes a building, 60 an entrance, 4 a storey."""
    for number in range(rows):
        building, rest = divmod(number, 240)
        entrance, door = divmod(rest, 60)
        name = (
            "赵钱孙李周吴郑王"[number % 8] + "伟芳娜敏静丽强磊"[number // 8 % 8] + "军洋勇艳杰娟涛明"[number // 64 % 8]
        )
        room = f"{door // 4 + 1}{door % 4 + 1:02d}"
        area = round(60 + number * 7919 % 8000 / 100, 2)
        yield [
            number + 1,
            f"{building + 1}栋",
            f"{entrance + 1}单元",
            room,
            area,
            name,
            f"139{20_000_000 + number}",
            "",
        ]
