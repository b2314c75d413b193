"""/m/pay: what is open, a choice of it, and WeChat's payment sheet; /m/paid: what came of it, asked of WeChat and never guessed."""

import re
from contextlib import suppress
from dataclasses import replace

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from sqlalchemy.orm import Session

from bot.services import Services
from bot.wechat.pay_terms import PayError
from handlers.papay import offered
from handlers.paying import NOT_SET_UP, look_up, pay_of, place
from handlers.purses import Purse, payable_by, purses_of
from handlers.signed_in import visitor
from handlers.speaker import Person
from models.errors import Refusal
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.money import shown
from models.payments import online
from models.payments.facts import NotReadable
from models.payments.online import Wanted
from models.payments.online_tables import OnlineOrder
from models.payments.order_states import OPEN
from models.payments.owing import owing, wanted_of
from models.payments.queries import receipt_of
from models.payments.tables import Receipt
from models.people.ownership import owner_at

_NUMBER = re.compile(r"[0-9]{1,18}")
UNCLEAR = "金额没看懂，请写成「300」或「165.33」这样。"


def register(app: Flask) -> None:
    app.add_url_rule("/m/pay", view_func=pay_page, methods=["GET"])
    app.add_url_rule("/m/pay", view_func=pay_order, methods=["POST"])
    app.add_url_rule("/m/paid/<number>", view_func=paid_page, methods=["GET"])


def pay_page() -> str:
    services = _services()
    now = services.clock.now()
    with services.database.reading() as session:
        person = _person(session, services)
        purses = payable_by(person)
        if not purses:
            abort(404)
        purse = _meant(purses, request.args.get("home", "")) or purses[0]
        lines = owing(session, purse.home.home_id, purse.payer, now)
        chosen = set(_numbers(request.args.get("bills", ""))) or {one.line.bill.id for one in lines}
        fen = request.args.get("fen", "")
        return render_template(
            "pay.html",
            purse=purse,
            others=[each for each in purses if each is not purse],
            lines=lines,
            chosen=chosen,
            total=sum(one.fen for one in lines if one.line.bill.id in chosen),
            amount=f"{int(fen) // 100}.{int(fen) % 100:02d}" if _NUMBER.fullmatch(fen) else "",
            hold=request.args.get("hold") == "1" and purse.payer is None,
            not_set_up="" if services.pay is not None else NOT_SET_UP,
            training=services.settings.simulator,
            by_itself=purse.payer is None and offered(services.settings),
            shown=shown,
        )


def pay_order() -> Response | tuple[Response, int]:
    """The order is written down, WeChat is asked, and the page gets what opens the sheet; or one sentence why not."""
    services = _services()
    try:
        pay = pay_of(services)
        home_id, wanted = _wanted(services)
        placed = place(services, home_id, wanted)
    except Refusal as refusal:
        return jsonify({"sorry": refusal.message}), 409
    return jsonify({"number": placed.number, "sheet": pay.sheet(placed.token)})


def _wanted(services: Services) -> tuple[int, Wanted]:
    now = services.clock.now()
    with services.database.reading() as session:
        person = _person(session, services)
        purse = _meant(payable_by(person), request.form.get("home", ""))
        if purse is None:
            abort(404)
        wanted = wanted_of(
            session,
            (purse.home.home_id, purse.home.community_id),
            purse.payer,
            chosen=[int(bill) for bill in request.form.getlist("bill") if _NUMBER.fullmatch(bill)],
            fen=_fen(request.form.get("amount", "")),
            hold=request.form.get("hold") == "1",
            now=now,
        )
        return purse.home.home_id, replace(wanted, account=person.account, openid=person.openid, payer=purse.home.name)


def _fen(words: str) -> int | None:
    if not words.strip():
        return None
    try:
        fen = read_amount(words)
    except Unclear:
        raise Refusal(UNCLEAR) from None
    if fen is None or fen <= 0:
        raise Refusal(UNCLEAR)
    return fen


def paid_page(number: str) -> str:
    """WeChat's own page says "ok" too early or not at all: we ask."""
    services = _services()
    with services.database.reading() as session:
        order = _own_order(session, _person(session, services), number)
        waiting = order.state in OPEN
    if waiting and services.pay is not None:
        # Without an answer the page says that it is not known yet, and looks again.
        with suppress(PayError, NotReadable):
            look_up(services, number)
    with services.database.reading() as session:
        order = _own_order(session, _person(session, services), number)
        receipt: Receipt | None = receipt_of(session, order.payment_id) if order.payment_id else None
        return render_template("paid.html", order=order, receipt=receipt, waiting=order.state in OPEN, shown=shown)


def _own_order(session: Session, person: Person, number: str) -> OnlineOrder:
    order = online.find(session, number)
    if order is None:
        abort(404)
    ordered = (order.account, order.openid) == (person.account, person.openid)
    at_home = any(purse.home.home_id == order.home_id and purse.payer is None for purse in purses_of(person))
    # What somebody paid who has sold the home since is no business of whoever lives there now.
    sold = owner_at(session, order.home_id, order.made_at) is not None
    if not (ordered or (at_home and not sold)):
        abort(404)
    return order


def _person(session: Session, services: Services) -> Person:
    person = visitor(session, services.clock.now())
    if person is None:
        abort(404)
    return person


def _meant(purses: list[Purse], home: str) -> Purse | None:
    return next((purse for purse in purses if str(purse.home.home_id) == home), None)


def _numbers(words: str) -> list[int]:
    return [int(part) for part in words.split("-") if _NUMBER.fullmatch(part)]


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
