"""`flask --app wsgi import homes|residents FILE`: a company's own ledger becomes the books, all of it or nothing."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from handlers.commands import (
    import_arrears,
    import_bank_return,
    import_categories,
    import_mandates,
    import_places,
    import_pools,
    import_readings,
    import_settings,
    import_tariffs,
    import_transfers,
)
from models.db import Database
from models.errors import Refusal
from models.estate.communities import community_to_import_into, new_community
from models.estate.ledger import read_ledger
from models.estate.ledger_rows import Ledger, LedgerKind
from models.imports.actions import bring, note_findings, write
from models.imports.findings import RefusedCell, lines_changing, lines_read, refused_cells, refused_people
from models.imports.plan import planned
from models.imports.queries import imported_before
from models.imports.states import AGREED
from models.sheets.files import SheetFile, read_file
from models.sheets.package import Limits

KINDS: dict[str, LedgerKind] = {"homes": "homes", "residents": "residents"}
OF_A_COMPOUND = {
    "bank-return": import_bank_return.run_import,
    "mandates": import_mandates.run_import,
    "places": import_places.run_import,
    "pools": import_pools.run_import,
    "readings": import_readings.run_import,
    "tariffs": import_tariffs.run_import,
    "transfers": import_transfers.run_import,
}


@click.command("import")
@click.argument(
    "kind", type=click.Choice(sorted([*KINDS, "arrears", "categories", *OF_A_COMPOUND, *import_settings.KINDS]))
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--community", "community_name", default="", help="小区名；只有一个小区时可以不写。")
@click.option("--dry-run", is_flag=True, help="只看会改什么，不写入。")
@click.option("--yes", is_flag=True, help="不再询问，直接写入。")
@click.option(
    "--until",
    type=click.Choice(sorted(import_arrears.MEANINGS)),
    default=None,
    help="arrears：台账里「缴至2024.6」的6月交了（included）还是没交（not-included）；不写就问一次。",
)
@with_appcontext
def import_command(kind: str, file: Path, community_name: str, dry_run: bool, yes: bool, until: str | None) -> None:
    """把台账导入系统（.xlsx 或 .csv）。有一格看不懂就什么也不写入。

    KIND: homes 房产台账（连同业主），residents 住户档案，places 公共部位（名称、别名、楼栋、单元），
    tariffs 收费标准（收费项目、计算方式、单价、几个月一收、先付后付、适用、起算日、依据），
    pools 公摊费用（月份、费用、金额、范围、怎么分、单据；不分的金额、不分的原因、楼层系数），
    readings 抄表记录（房号、抄表日期、上期读数、本期读数、备注；有表号、倍率、表类型也认），
    mandates 银行代扣协议（房号、户名、账号、协议号、开始日期、结束日期），
    bank-return 银行代扣的回盘文件（银行给的原样文件，不要用表格软件另存），
    transfers 银行流水（交易日期、收入金额、流水号、对方户名、附言），放进待认领清单，
    arrears 收费台账（月份列写√、金额或日期，或者「缴至」），把期初欠费按月登记，
    categories 报修类别，calendar 工作日历，sla 时限，duty 值班表（后四种先用 export 导出来改）。
    """
    services: Services = current_app.extensions["services"]
    try:
        if kind == "categories":
            import_categories.run_import(services.database, file, now=services.clock.now(), dry_run=dry_run, agreed=yes)
            return
        if kind == "arrears":
            import_arrears.run_import(
                services.database, file, community_name=community_name.strip(), now=services.clock.now(),
                dry_run=dry_run, agreed=yes, until=until or "", limits=Limits.of(services.settings),
            )  # fmt: skip
            return
        if kind in OF_A_COMPOUND:
            OF_A_COMPOUND[kind](
                services.database,
                file,
                community_name=community_name.strip(),
                now=services.clock.now(),
                dry_run=dry_run,
                agreed=yes,
            )
            return
        if kind in import_settings.KINDS:
            now = services.clock.now()
            import_settings.run_import(services.database, kind, file, now=now, dry_run=dry_run, agreed=yes)
            return
        run_import(
            services.database,
            KINDS[kind],
            file,
            community_name=community_name.strip(),
            now=services.clock.now(),
            dry_run=dry_run,
            agreed=yes,
            limits=Limits.of(services.settings),
        )
    except Refusal as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)


def run_import(
    database: Database,
    kind: LedgerKind,
    path: Path,
    *,
    community_name: str,
    now: datetime,
    dry_run: bool,
    agreed: bool,
    limits: Limits | None = None,
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    click.echo(f"正在打开「{path.name}」…", err=True)
    file = read_file(path, limits)
    ledger = read_ledger(file.sheets, kind, progress=_Telling(file))
    with database.reading() as session:
        community = community_to_import_into(session, community_name, may_be_new=kind == "homes")
        before = imported_before(session, community.id, kind, file.sha256) if community else None
        if before:
            click.echo(f"这个文件 {before.written_at:%Y-%m-%d %H:%M} 已经导入过，什么也没有改。")
            return
        _say([*lines_read(file.name, ledger), *(f"提醒：{warning}" for warning in ledger.warnings)])
        _stop_at(refused_cells(ledger))
        plan = planned(session, kind, community, ledger)
    _stop_at(refused_people(plan.people))
    _say([f"将新建小区「{community_name}」。"] if community is None else [])
    _say(lines_changing(plan))
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if plan.changes_nothing:
        click.echo("和系统里的一样，没有要改的。")
        return
    if not agreed and not click.confirm("写入吗？"):
        raise Refusal("没有写入。")
    del plan  # it is made anew as the books are then, and two of them are too much of a long ledger
    click.echo("正在写入…", err=True)
    number = _write(database, kind, file, ledger, community_name, now)
    click.echo(f"已写入。24 小时内可以撤销：undo-import {number}")


def _write(
    database: Database, kind: LedgerKind, file: SheetFile, ledger: Ledger, community_name: str, now: datetime
) -> int:
    """Everything in one transaction; the file is claimed first, so that of two at once the second changes nothing."""
    with database.transaction() as session:
        community = community_to_import_into(session, community_name, may_be_new=kind == "homes")
        community = community or new_community(session, community_name, now=now)
        brought = bring(
            session,
            community,
            kind=kind,
            name=file.name,
            sha256=file.sha256,
            file="",
            state=AGREED,
            by="command",
            by_name="",
            source="command",
            now=now,
        )
        plan = write(session, brought, ledger, now=now)
        note_findings(session, brought.id, file.name, ledger, plan)
        return brought.id


class _Telling:
    """Progress on stderr: each sheet as it begins, and every tenth of the file."""

    def __init__(self, file: SheetFile) -> None:
        self._file = file
        self._sheet = ""
        self._tenths = 0

    def __call__(self, sheet: str, rows: int) -> None:
        if sheet != self._sheet:
            self._sheet = sheet
            click.echo(f"正在读「{sheet}」…", err=True)
        tenths = int(self._file.progress.share * 10)
        if tenths > self._tenths and rows:
            self._tenths = tenths
            click.echo(f"  已读 {tenths}0%（{rows} 条）", err=True)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _stop_at(refused: Iterable[RefusedCell]) -> None:
    """Every refused cell is named: whoever mends the ledger must not have to come back for the next fifty."""
    count = 0
    for count, cell in enumerate(refused, start=1):  # noqa: B007 (the last is how many there were)
        click.echo(f"看不懂：{cell.line}")
    if count:
        raise Refusal(f"有 {count} 处要先改好，什么也没有写入。")
