"""`invite`: the first manager of a company cannot be invited by anybody in the chat."""

import sys

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from models.estate.tables import Company
from models.people.staffing import ROLES, invite


@click.command("invite")
@click.argument("name")
@click.option("--role", type=click.Choice(sorted(ROLES)), default="manager", show_default=True)
@click.option("--company", "company_name", default="", help="Name of the company; not needed when there is only one.")
@click.option("--phone", default="", help="The phone residents and colleagues may call.")
@with_appcontext
def invite_command(name: str, role: str, company_name: str, phone: str) -> None:
    """Print a code with which NAME joins the company: 「加入 CODE」 said to the official account, once, within seven days."""
    services: Services = current_app.extensions["services"]
    with services.database.transaction() as session:
        companies = session.scalars(sa.select(Company).order_by(Company.id)).all()
        meant = [company for company in companies if company_name in ("", company.name)]
        if len(meant) != 1:
            names = "、".join(company.name for company in companies) or "none yet"
            sys.exit(f"invite: name one company with --company (there are: {names})")
        code = invite(
            session,
            company_id=meant[0].id,
            name=name,
            role=role,
            phone=phone,
            made_by="command",
            source="command",
            pepper=services.settings.secret_key,
            now=services.clock.now(),
        )
    click.echo(f"{name}（{ROLES[role]}，{meant[0].name}）：加入 {code}")
