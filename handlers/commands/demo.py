"""`demo`: a company to try things out on."""

import time
from datetime import datetime
from random import Random

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.commands.cast import COMPANY, account_of
from handlers.commands.demo_estate import add_company, add_households, add_staff, never_close
from handlers.commands.demo_fees import MONTHS, add_fees
from handlers.commands.demo_orders import add_history
from handlers.commands.demo_places import add_demo_places
from models import job_runs
from models.audit.log import record, seal
from models.db import SHANGHAI
from models.estate.tables import Company, CompanySetting, OfficialAccount
from models.workorders.price_settings import add_prices
from models.workorders.price_sheet import PriceRow
from models.workorders.prices import DEMO

SEED = 2026
_MORNING_TASKS = ("remind_before_due", "tell_about_money")


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Only when the database holds no company at all.")
@with_appcontext
def demo(if_empty: bool) -> None:
    """Load the demo company: six compounds, 1,200 homes, 14 staff, a year of repairs. Once; the second time changes nothing."""
    click.echo(load_once(current_app.extensions["services"], if_empty=if_empty))


def load_once(services: Services, *, if_empty: bool) -> str:
    """Load the demo unless there is a reason against it; returns what was done, in one line. Raises ClickException."""
    account = account_of(services.settings)
    begun = time.monotonic()
    with services.database.transaction() as session:
        reason = _reason_against(session, account, if_empty)
        if reason:
            return reason
        said = load(session, services, account)
        never_close(session, session.get_one(OfficialAccount, account).company_id, account)
        _say_nothing_of_today(session, services.clock.now())
    with services.database.transaction() as session:
        seal(session)
    return f"{said} ({time.monotonic() - begun:.1f} s)"


def _say_nothing_of_today(session: Session, now: datetime) -> None:
    """Whoever tries it out should hear what they do themselves, and not this morning's reminders and figures besides."""
    today = f"{now.astimezone(SHANGHAI):%Y-%m-%d}"
    for task in _MORNING_TASKS:
        job_runs.skip(session, task, today, now, "the demo was loaded on this day")


def load(session: Session, services: Services, account: str, *, months_of_fees: int = MONTHS) -> str:
    """Everything in one transaction; returns what was loaded, in one line. Same seed, same rows."""
    rng, now = Random(SEED), services.clock.now().replace(microsecond=0)
    company_id = add_company(session, account, now)
    households = add_households(session, rng, company_id=company_id, account=account, now=now)
    communities = {household.address[0]: household.community_id for household in households.values()}
    places = add_demo_places(session, communities, now)
    staff = add_staff(session, company_id=company_id, account=account, communities=communities, now=now)
    orders = add_history(
        session, rng, company_id=company_id, households=households, staff=staff, account=account, now=now
    )
    bills = add_fees(
        session, Random(SEED), company_id=company_id, households=households, now=now, months=months_of_fees
    )
    add_prices(
        session, company_id, [PriceRow(price, "有偿服务价目公示", True) for price in DEMO], by="command", now=now
    )
    record(
        session,
        at=now,
        actor="command",
        action="demo.load",
        subject=f"company:{company_id}",
        source="command",
        company_id=company_id,
        details={"homes": len(households), "places": places, "staff": len(staff), "orders": orders, "bills": bills},
    )
    return f"{COMPANY}: {len(communities)} compounds, {len(households)} homes, {len(staff)} staff, {orders} orders, {bills} bills"


def _reason_against(session: Session, account: str, if_empty: bool) -> str:
    """Why nothing is to be done, or ""; raises ClickException when it cannot be done."""
    if session.scalar(sa.select(CompanySetting.company_id).where(CompanySetting.name == "demo").limit(1)):
        return "the demo company is there already; nothing was changed"
    if if_empty and session.scalar(sa.select(Company.id).limit(1)):
        return "the database is in use; the demo was not loaded"
    if session.get(OfficialAccount, account) is not None:
        raise click.ClickException(f"WECHAT_ACCOUNT {account} belongs to another company already")
    return ""
