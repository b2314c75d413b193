"""/desk/homes: a home found in any spelling, and everything of its money on one page: bills with their equations, payments,
receipts, what is held, what was agreed and each demand with its proof."""

from typing import Any

from flask import Flask, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import LARGEST_ID, MANAGERS, Office, number_asked, office, words_asked
from handlers.which_home import SHOWN as AT_ONCE
from models.billing.explain import equation
from models.billing.queries import BillLine, account_lines, documents_of, months_billed
from models.db import SHANGHAI
from models.dunning.account import plans_of, stops_of
from models.dunning.evidence import proofs_of
from models.dunning.steps import DEFAULT, STOPS
from models.estate.queries import communities_named, find_homes, said_homes
from models.estate.tables import Community, Home
from models.money import Rounding, shown
from models.payments.account import ALL, formers_owing, held_before, payments_before
from models.payments.online import open_order_of
from models.payments.owing import owing
from models.payments.purses import held_of
from models.payments.receipts import CHANNELS, number_of
from models.people.names import masked_phone, plain_name
from models.people.queries import homes_of_name, residents_of

MONTHS, PAYMENTS, ENTRIES, DEMANDS = 3, 8, 8, 10  # of one page
FOUND = 30
RELATIONS = {"owner": "业主", "family": "家人", "tenant": "租户"}
PURSE = {"paid_in": "存入", "used": "抵账单", "refunded": "退回", "moved": "转走", "corrected": "更正"}
WAYS = {"chat": "微信", "letter": "催款函", "file": "律师材料", "call": "电话", "visit": "上门"}
PLANS = {"active": "进行中", "kept": "已交清", "broken": "没按时交", "ended": "已结束"}


def register(app: Flask) -> None:
    app.add_url_rule("/desk/homes", view_func=desk_homes, methods=["GET"])
    app.add_url_rule(f"/desk/homes/<int(max={LARGEST_ID}):home_id>", view_func=desk_home, methods=["GET"])


def desk_homes() -> str | Response:
    """One home that can be meant is opened at once."""
    desk, text = office(), words_asked("text")
    with desk.services.database.reading() as session:
        theirs = desk.compounds(session)
        found = _found(session, desk, theirs, text) if text else []
    if len(found) == 1:
        return redirect(url_for("desk_home", home_id=found[0].id), 303)
    homes = [(home.id, f"{theirs[home.community_id].name}{home.label}") for home in found]
    return render_template("desk/homes.html", text=text, homes=homes[:FOUND], more=len(homes) > FOUND)


def _found(session: Session, desk: Office, theirs: dict[int, Community], text: str) -> list[Home]:
    """By its address in any spelling, in the compound that is named or in all of theirs; else by the name of who lives there."""
    named = communities_named(text, list(theirs.values()))
    within = [community.id for community in named] or list(theirs)
    found: dict[int, Home] = {}
    for words in said_homes(text, bare_room=True)[:AT_ONCE]:
        found |= {home.id: home for home in find_homes(session, words, community_ids=within, limit=FOUND + 1)}
    if not found:
        homes = homes_of_name(
            session, plain_name(text), company_id=desk.company_id, community_ids=within, limit=FOUND + 1
        )
        found = {home.id: home for home in homes}
    return list(found.values())


def desk_home(home_id: int) -> str:
    desk = office()
    today = desk.now.date()
    with desk.services.database.reading() as session:
        home, community = desk.home(session, home_id)
        owed = owing(session, home.id, None, desk.now)
        people = residents_of(session, home.id)
        return render_template(
            "desk/home.html",
            home=home,
            name=f"{community.name}{home.label}",
            people=[(RELATIONS.get(tie, tie), who.name, masked_phone(who.phone)) for who, tie in people],
            owed=owed,
            total=sum(one.fen for one in owed),
            formers=formers_owing(session, home.id),
            held=held_of(session, [home.id]).get(home.id, 0),
            paying=open_order_of(session, home.id),
            stops=[(STOPS.get(stop.why, stop.why), stop) for stop in stops_of(session, home.id, today)],
            plans=plans_of(session, home.id),
            plan_names=PLANS,
            steps={step.number: step.name for step in DEFAULT},
            ways=WAYS,
            today=today,
            **_months(session, home.id),
            **_payments(session, home.id),
            **_purse(session, home.id),
            **_demands(session, home.id),
            channels=CHANNELS,
            corrects=desk.may(MANAGERS),
            purse_words=PURSE,
            number_of=number_of,
            local=lambda moment: moment.astimezone(SHANGHAI),
            shown=shown,
        )


def _months(session: Session, home_id: int) -> dict[str, Any]:
    """Some months with their bills; `older`: the month before which the next page goes on."""
    periods = months_billed(session, home_id, before=words_asked("months", 7) or "9999-99", limit=MONTHS + 1)
    lines = account_lines(session, home_id, periods[:MONTHS]) if periods else []
    papers = documents_of(session, lines)
    months = [(period, [_told(line, papers) for line in lines if line.bill.period == period]) for period in periods]
    return {"months": months[:MONTHS], "older": periods[MONTHS - 1] if len(periods) > MONTHS else None}


def _told(line: BillLine, papers: dict[int, str]) -> dict[str, Any]:
    bill = line.bill
    return {
        "line": line,
        "bill": bill,
        "gone": bill.state == "reversed",
        "equation": equation(bill.basis, bill.amount, Rounding(line.rounding)),
        "document": papers[bill.id],
    }


def _payments(session: Session, home_id: int) -> dict[str, Any]:
    found = payments_before(session, home_id, before=number_asked("payments") or ALL, limit=PAYMENTS + 1)
    more = found[PAYMENTS - 1][0].id if len(found) > PAYMENTS else None
    return {"payments": found[:PAYMENTS], "older_payments": more}


def _purse(session: Session, home_id: int) -> dict[str, Any]:
    found = held_before(session, home_id, before=number_asked("held") or ALL, limit=ENTRIES + 1)
    return {"entries": found[:ENTRIES], "older_entries": found[ENTRIES - 1].id if len(found) > ENTRIES else None}


def _demands(session: Session, home_id: int) -> dict[str, Any]:
    found = proofs_of(session, [home_id], before=number_asked("demands"), limit=DEMANDS + 1)
    more = found[DEMANDS - 1].demand.id if len(found) > DEMANDS else None
    return {"proofs": found[:DEMANDS], "older_demands": more}
