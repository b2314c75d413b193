"""`import bank-return FILE`: the bank's answer to a list of direct debit, shown first, then taken as a whole, and once."""

from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.bank_answers import told_of
from handlers.bank_profiles import profile_of
from handlers.commands.import_categories import only_company
from models.db import Database
from models.debit.bank_files import LARGEST_FILE, FileUnreadable, read_return
from models.debit.batches import banks_of
from models.debit.profiles import BankProfile
from models.debit.returns import SameFile, look, take_return
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.estate.tables import Community
from models.money import shown


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written. The same file again says so and is no mistake."""
    services: Services = current_app.extensions["services"]
    content = _content(path)
    try:
        with database.reading() as session:
            compounds = _compounds(session, community_name)
            profile = _profile(content, banks_of(session, compounds))
            found = look(session, content, profile, services.vault, compounds)
        missed = "、".join(f"{reason}{homes}户" for reason, homes in found.refused.most_common())
        click.echo(
            f"读了「{path.name}」：{profile.name}，批次{found.number}，扣到 {found.paid} 户 {shown(found.fen)}。"
        )
        click.echo(f"没扣到 {sum(found.refused.values())} 户{f'：{missed}' if missed else ''}。")
        if dry_run:
            click.echo("只是试看，什么也没有写入。")
            return
        if not agreed and not click.confirm("入账吗？"):
            raise Refusal("没有写入。")
        with database.transaction() as session:
            outcome = take_return(session, content, profile, services.vault, compounds, by="command", now=now)
    except SameFile as before:
        click.echo(before.message)
        return
    for words, _ in told_of(outcome):
        click.echo(words)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise Refusal(f"找不到文件「{path.name}」。")
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError:
        raise Refusal(f"打不开文件「{path.name}」，请看看有没有权限。") from None


def _compounds(session: Session, name: str) -> list[int]:
    """The one that was named, else all of the only company."""
    if not name:
        company = only_company(session)
        return list(session.scalars(sa.select(Community.id).where(Community.company_id == company)))
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise NotFound(f"系统里没有小区「{name}」，请先导入它的房产台账。")
    return [community.id]


def _profile(content: bytes, banks: list[str]) -> BankProfile:
    """That of the banks lists went to which can read the file. Raises Refusal with what is wrong with it."""
    wrong = []
    for profile in map(profile_of, banks):
        try:
            read_return(profile, content)
        except FileUnreadable as problem:
            wrong.append(f"{profile.name}：{problem}" if len(banks) > 1 else str(problem))
        else:
            return profile
    raise Refusal(f"{'；'.join(wrong)}，什么也没有入账。" if wrong else "还没有送过代扣名单，没有回盘可以入账。")
