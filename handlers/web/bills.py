"""/m/bill/<period>: a month's bill like a slip of paper, with the same true equations that 「为什么」 tells."""

from typing import Any

from flask import Flask, abort, current_app, render_template
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.purses import Purse, purses_of
from handlers.signed_in import visitor
from handlers.speaker import Person
from models.billing.explain import equation
from models.billing.months import month_meant
from models.billing.queries import bills_of, document_of
from models.money import Rounding, shown


def register(app: Flask) -> None:
    app.add_url_rule("/m/bill/<period>", view_func=bill_page, methods=["GET"])


def bill_page(period: str) -> str:
    services: Services = current_app.extensions["services"]
    month = month_meant(period, services.clock.now().date())
    if month != period:
        abort(404)
    with services.database.reading() as session:
        person = _person(session, services)
        slips = [slip for purse in purses_of(person) if (slip := _slip(session, purse, period))]
        if not slips:
            abort(404)
        return render_template("bill.html", period=period, slips=slips, shown=shown)


def _slip(session: Session, purse: Purse, period: str) -> dict[str, Any] | None:
    lines = bills_of(session, [purse.home.home_id], period, payer=purse.payer)
    if not lines:
        return None
    return {
        "home": purse.home,
        "name": purse.name,
        "lines": [
            {
                "line": line,
                "equation": equation(line.bill.basis, line.bill.amount, Rounding(line.rounding)),
                "document": document_of(session, line.bill),
            }
            for line in lines
        ],
        "total": sum(line.bill.amount for line in lines),
        "left": sum(line.open for line in lines),
        "bills": "-".join(str(line.bill.id) for line in lines if line.open > 0),
    }


def _person(session: Session, services: Services) -> Person:
    person = visitor(session, services.clock.now())
    if person is None:
        abort(404)
    return person
