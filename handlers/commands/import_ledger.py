"""`flask --app wsgi import homes|residents FILE`: a company's own ledger becomes the books, all of it or nothing."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.commands import import_categories, import_settings
from handlers.commands.sheets import LedgerFile, read_file
from models.db import Database
from models.errors import Refusal
from models.estate.actions import HomesPlan, claim_file, import_homes, imported_before, key_of, plan_homes
from models.estate.communities import community_to_import_into, new_community
from models.estate.ledger import read_ledger
from models.estate.ledger_rows import Ledger, LedgerKind
from models.estate.tables import Community
from models.people.actions_import import import_residents, plan_residents
from models.people.ledger_ties import RELATION_WORDS, TiesPlan

KINDS: dict[str, LedgerKind] = {"homes": "homes", "residents": "residents"}
# What the columns are called when a clerk is told about one.
COLUMN_WORDS = {
    "building": "楼栋",
    "entrance": "单元",
    "room": "房号",
    "floor": "楼层",
    "area": "面积",
    "owner": "业主",
    "name": "姓名",
    "phone": "电话",
    "relation": "与业主关系",
    "tenant": "租户",
    "tenant_phone": "租户电话",
    "handed_over": "交房日期",
    "moved_in": "入住日期",
    "header": "表头",
}
_SHOWN = 50  # of a long list; the rest is counted


@dataclass(frozen=True)
class Plan:
    """What an import would do to the books: homes (only from a ledger of homes), then the people in them."""

    homes: HomesPlan | None
    people: TiesPlan

    @property
    def changes_nothing(self) -> bool:
        homes = self.homes
        return not (
            (homes and (homes.new or homes.changes))
            or self.people.new_ties
            or self.people.new_phones
            or self.people.new_relations
        )


@click.command("import")
@click.argument("kind", type=click.Choice(sorted([*KINDS, "categories", *import_settings.KINDS])))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--community", "community_name", default="", help="小区名；只有一个小区时可以不写。")
@click.option("--dry-run", is_flag=True, help="只看会改什么，不写入。")
@click.option("--yes", is_flag=True, help="不再询问，直接写入。")
@with_appcontext
def import_command(kind: str, file: Path, community_name: str, dry_run: bool, yes: bool) -> None:
    """把台账导入系统（.xlsx 或 .csv）。有一格看不懂就什么也不写入。

    KIND: homes 房产台账（连同业主），residents 住户档案，categories 报修类别，calendar 工作日历，
    sla 时限，duty 值班表（后四种先用 export 导出来改）。
    """
    services: Services = current_app.extensions["services"]
    try:
        if kind == "categories":
            import_categories.run_import(services.database, file, now=services.clock.now(), dry_run=dry_run, agreed=yes)
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
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    click.echo(f"正在打开「{path.name}」…", err=True)
    file = read_file(path)
    ledger = read_ledger(file.sheets, kind, progress=lambda sheet: click.echo(f"正在读「{sheet}」…", err=True))
    with database.reading() as session:
        community = community_to_import_into(session, community_name, may_be_new=kind == "homes")
        before = imported_before(session, community.id, kind, file.sha256) if community else None
        if before:
            click.echo(f"这个文件 {before.imported_at:%Y-%m-%d %H:%M} 已经导入过，什么也没有改。")
            return
        _say_what_was_read(file, ledger)
        _stop_at_refusals(_refused_cells(ledger))
        plan = _planned(session, kind, community, ledger)
    _stop_at_refusals(_refused_people(plan.people))
    _say_what_will_change(plan, community_name if community is None else "")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not plan.changes_nothing and not click.confirm("写入吗？"):
        raise Refusal("没有写入。")
    _write(database, kind, file, ledger, community_name, now)
    click.echo("已写入。" if not plan.changes_nothing else "和系统里的一样，没有要改的。")


def _planned(session: Session, kind: LedgerKind, community: Community | None, ledger: Ledger) -> Plan:
    # A community that is still to be made has no homes on the books; 0 is nobody's number.
    community = community or Community(id=0, company_id=0)
    homes = plan_homes(session, community.id, ledger.homes) if kind == "homes" else None
    coming = frozenset(key_of(row) for row in ledger.homes)
    return Plan(homes, plan_residents(session, community, ledger.residents, homes_to_come=coming))


def _write(
    database: Database, kind: LedgerKind, file: LedgerFile, ledger: Ledger, community_name: str, now: datetime
) -> None:
    """Everything in one transaction; the file is claimed first, so that of two at once the second changes nothing."""
    with database.transaction() as session:
        community = community_to_import_into(session, community_name, may_be_new=kind == "homes")
        community = community or new_community(session, community_name, now=now)
        summary = {"homes": len(ledger.homes), "residents": len(ledger.residents)}
        claim_file(session, community, kind=kind, sha256=file.sha256, name=file.name, summary=summary, now=now)
        if kind == "homes":
            import_homes(session, community, ledger.homes, now=now, by="command", source="command")
        import_residents(session, community, ledger.residents, now=now, by="command", source="command")


# ------------------------------------------------------------------------------------------------------------------ what is said


def _say_what_was_read(file: LedgerFile, ledger: Ledger) -> None:
    homes = f"{len(ledger.homes)} 户，" if ledger.homes else ""
    click.echo(f"读了「{file.name}」：{len(file.sheets)} 张表，{homes}{len(ledger.residents)} 位住户。")
    agreeing = sum(check.written == check.counted for check in ledger.totals_checked)
    if ledger.totals_checked:
        click.echo(f"合计行核对：{len(ledger.totals_checked)} 处，{agreeing} 处相符。")
    for warning in ledger.warnings:
        click.echo(f"提醒：{warning}")


def _refused_cells(ledger: Ledger) -> list[str]:
    return [
        f"{refusal.where} {COLUMN_WORDS.get(refusal.column, refusal.column)}"
        f"{f'「{refusal.value}」' if refusal.value else ''}：{refusal.reason}"
        for refusal in ledger.refusals
    ]


def _refused_people(plan: TiesPlan) -> list[str]:
    unknown = [f"{row.cell} {row.name}：系统里没有 {row.address.label} 这一户" for row in plan.unknown_homes]
    return unknown + [f"{row.cell} {row.name}：同一个人写了两种电话或身份，请核对" for row in plan.contradictions]


def _stop_at_refusals(lines: list[str]) -> None:
    """Every refused cell is named: whoever mends the ledger must not have to come back for the next fifty."""
    for line in lines:
        click.echo(f"看不懂：{line}")
    if lines:
        raise Refusal(f"有 {len(lines)} 处要先改好，什么也没有写入。")


def _say_what_will_change(plan: Plan, new_name: str) -> None:
    if new_name:
        click.echo(f"将新建小区「{new_name}」。")
    if plan.homes:
        homes = plan.homes
        click.echo(f"房屋：新增 {len(homes.new)} 户，修改 {len(homes.changes)} 户，不变 {homes.unchanged} 户。")
        _say_list([f"{change.label}：{change.says}" for change in homes.changes])
    people = plan.people
    click.echo(f"住户：新增 {_counted(people)}，不变 {people.unchanged} 位。")
    _say_list(people.changes)


def _counted(people: TiesPlan) -> str:
    relations = [row.relation for row, _, _ in people.new_ties]
    said = [f"{word} {relations.count(name)} 位" for name, word in RELATION_WORDS.items() if name in relations]
    return "、".join(said) or "0 位"


def _say_list(lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > _SHOWN:
        click.echo(f"  …… 还有 {len(lines) - _SHOWN} 处")
