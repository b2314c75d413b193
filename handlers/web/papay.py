"""/m/papay: what 微信自动扣款 is, agreeing to it at WeChat, and how it stands; only where it is switched on."""

from contextlib import suppress

from flask import Flask, abort, current_app, render_template, request
from sqlalchemy.orm import Session

from bot.services import Services
from bot.wechat.pay_terms import PayError
from handlers.papay import offered, signing_page
from handlers.purses import Purse, payable_by
from handlers.signed_in import visitor
from handlers.speaker import Person
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.papay import contracts
from models.papay.facts import read_contract
from models.papay.tables import PapayContract
from models.payments.facts import NotReadable


def register(app: Flask) -> None:
    app.add_url_rule("/m/papay", view_func=papay_page, methods=["GET"])
    app.add_url_rule("/m/papay", view_func=papay_ask, methods=["POST"])


def papay_page() -> str:
    services = _services()
    person, purse = _whose(services, request.args.get("home", ""))
    _look(services, person, purse)
    return _page(services, person, purse)


def papay_ask() -> str | tuple[str, int]:
    """The contract is written down before WeChat hears of it; the page then has the way there."""
    services = _services()
    person, purse = _whose(services, request.form.get("home", ""))
    try:
        with services.database.transaction() as session:
            home = session.get_one(Home, purse.home.home_id)
            company = session.get_one(Community, home.community_id).company_id
            who = (person.account, person.openid)
            contracts.ask(session, home, company, who, services.settings.papay.plan_id, now=services.clock.now())
    except Refusal as refusal:
        return _page(services, person, purse, refusal.message), 409
    return _page(services, person, purse)


def _page(services: Services, person: Person, purse: Purse, sorry: str = "") -> str:
    with services.database.reading() as session:
        signed = contracts.signed_of(session, [purse.home.home_id]).get(purse.home.home_id)
        mine = _mine(session, person, purse)
        asked = mine if signed is None and mine is not None and mine.state == "asked" else None
        return render_template(
            "papay.html",
            purse=purse,
            sorry=sorry,
            signed=signed,
            by_me=signed is not None and signed.openid == person.openid,
            days=services.settings.papay.notice_days,
            again_after=services.settings.papay.retry_days if services.settings.papay.tries > 1 else 0,
            page=signing_page(services, asked, purse.name) if asked is not None else "",
        )


def _look(services: Services, person: Person, purse: Purse) -> None:
    """Back from WeChat: it is asked, because its notice may be late or lost."""
    with services.database.reading() as session:
        mine = _mine(session, person, purse)
    entrust = services.papay
    if mine is None or mine.state != "asked" or entrust is None:
        return
    with suppress(PayError, NotReadable):
        told = entrust.look_up_contract(mine.code)
        if told is not None:
            with services.database.transaction() as session:
                contracts.take_news(session, read_contract(told), now=services.clock.now())


def _mine(session: Session, person: Person, purse: Purse) -> PapayContract | None:
    return contracts.newest_of(session, purse.home.home_id, (person.account, person.openid))


def _whose(services: Services, home: str) -> tuple[Person, Purse]:
    """The visitor and the home: an owner or family, never a tenant. Nothing exists for anybody else, or while it is switched off."""
    if not offered(services.settings):
        abort(404)
    with services.database.reading() as session:
        person = visitor(session, services.clock.now())
        purses = [one for one in payable_by(person) if one.payer is None] if person is not None else []
    meant = next((one for one in purses if str(one.home.home_id) == home), purses[0] if purses and not home else None)
    if person is None or meant is None:
        abort(404)
    return person, meant


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
