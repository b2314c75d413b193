"""`flask --app wsgi demand-letters --community NAME --output FILE`: the letters that are due, on paper, with their slips."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from handlers.demand_letter import letters_of
from models.dunning.actions import refuse_threats
from models.dunning.letters import Letter, issue, letter_of, ready, undelivered
from models.dunning.queries import late_homes, rules_of
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.money import shown


@click.command("demand-letters")
@click.option("--community", "community_name", default="", help="小区名；只有一个小区时可以不写。")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="写到哪个PDF文件。")
@click.option("--pay-to", default="", help="付款方式，比如「工行 安居物业 6222…」。")
@click.option("--yes", is_flag=True, help="不再询问，直接出函。")
@with_appcontext
def demand_letters_command(community_name: str, output: Path, pay_to: str, yes: bool) -> None:
    """给提醒过两次、过期30天还没交的住户出催款函（PDF，带送达回执），没登记送达的一起再打一份。"""
    services: Services = current_app.extensions["services"]
    try:
        count = run(services, community_name.strip(), output, pay_to=pay_to, agreed=yes)
    except Refusal as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)
    click.echo(f"写好了 {count} 封：{output}")


def run(services: Services, name: str, output: Path, *, pay_to: str, agreed: bool) -> int:
    """Returns how many letters are in the file. Raises Refusal, and then nothing was issued."""
    refuse_threats(pay_to)
    now = services.clock.now()
    with services.database.transaction() as session:
        community = community_to_import_into(session, name, may_be_new=False)
        if community is None:
            raise Refusal("没有这个小区，请先导入房产台账。")
        late = ready(late_homes(session, [community.id], rules_of(session, community.company_id), now))
        for one in late:
            click.echo(f"  {one.home.label} {shown(one.fen)}")
        if late and not agreed and not click.confirm(f"给这 {len(late)} 户出催款函吗？"):
            raise Refusal("没有出函。")
        issue(session, late, by="command", now=now)
        letters: list[Letter] = []
        for demand in undelivered(session, [community.id]):
            try:
                letters.append(letter_of(session, demand, now, pay_to=pay_to))
            except NotFound:
                continue  # paid meanwhile
        if not letters:
            raise Refusal("没有要出的催款函。")
        output.write_bytes(letters_of(letters))
    return len(letters)
