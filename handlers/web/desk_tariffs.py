"""/desk/tariffs: what a compound charges with every price and its document, what its contract says of paying, and the steps of
reminding; each in words, changed where it may be, and with who changed what."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import LARGEST_ID, MANAGERS, Office, number_asked, office
from handlers.tariff_words import lines_of, per_words
from models.audit.log import entries_about
from models.audit.tables import AuditEntry
from models.billing.tables import Tariff
from models.billing.tariff_import import price_shown
from models.billing.tariff_pages import Told, drafts_from, tariffs_told
from models.billing.tariff_sheet import HOW_PRICE, price_in
from models.billing.tariffs import FUNDS, change_price
from models.db import SHANGHAI
from models.dunning.actions import set_rules
from models.dunning.queries import rules_of
from models.errors import Refusal
from models.estate.ledger_amounts import read_amount
from models.estate.tables import Community
from models.estate.unclear import Unclear
from models.money import shown
from models.payments.terms import change_terms, terms_of
from models.people.queries import names_in_log

CHANGES = 20
MOST_DAYS = 365
ACTIONS = {
    "tariff.agree": "加了收费标准",
    "tariff.price": "改了单价",
    "terms.change": "改了收费约定",
    "dunning.rules": "改了催缴的步骤",
}
DETAILS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "price": ("单价", lambda value: price_shown(int(value))),
    "from": ("从", lambda value: f"{value}起"),
    "prepay_months": ("预存", lambda value: f"最多{value}个月" if value else "不限"),
    "refund_free": ("一个人能退", lambda value: shown(int(value))),
    "waive_free": ("一个人能减免", lambda value: shown(int(value))),
    "principal_first": ("先抵", lambda value: "本金" if value else "违约金"),
    "days": ("天数", lambda value: "、".join(str(value[number]) for number in sorted(value))),
    "threshold": ("转律师的欠款", lambda value: shown(int(value))),
    "days_to_pay": ("催款函给", lambda value: f"{value}天"),
}


def register(app: Flask) -> None:
    one = f"<int(max={LARGEST_ID}):community_id>"
    app.add_url_rule("/desk/tariffs", view_func=desk_tariffs, methods=["GET"])
    app.add_url_rule(
        f"/desk/tariffs/price/<int(max={LARGEST_ID}):tariff_id>", view_func=desk_price_change, methods=["POST"]
    )
    app.add_url_rule(f"/desk/tariffs/terms/{one}", view_func=desk_terms_change, methods=["POST"])
    app.add_url_rule("/desk/tariffs/dunning", view_func=desk_dunning_change, methods=["POST"])


def desk_tariffs() -> str:
    desk = office(MANAGERS)
    with desk.services.database.reading() as session:
        theirs = desk.compounds(session)
        asked = number_asked("compound")
        community = theirs.get(asked or 0) or next(iter(theirs.values()), None)
        if community is None:
            abort(404)
        told = tariffs_told(session, community.id)
        return render_template(
            "desk/tariffs.html",
            compounds=theirs,
            community=community,
            told=[(one, lines_of(one.tariff, one.item.code), per_words(one.tariff, one.item.code)) for one in told],
            funds=FUNDS,
            price_shown=price_shown,
            terms=terms_of(session, community.id),
            rules=rules_of(session, desk.company_id),
            whole_company=desk.person.community_ids is None,
            changes=_changes(session, desk, community, told),
            today=desk.now.date(),
            yuan=lambda fen: f"{fen // 100}.{fen % 100:02d}",
            shown=shown,
        )


def desk_price_change(tariff_id: int) -> Response:
    desk = office(MANAGERS)
    community_id = None
    with _said("新单价记好了。") as said, desk.services.database.transaction() as session:
        tariff = session.get(Tariff, tariff_id)
        community = session.get(Community, tariff.community_id) if tariff is not None else None
        if tariff is None or community is None or not desk.looks_after(community):
            abort(404)
        community_id = community.id
        price = price_in(_line("price"))
        if price is None:
            raise Refusal(f"单价没看懂，{HOW_PRICE}。")
        if tariff.tiers:
            raise Refusal("阶梯价要改，请用表格导入新的收费标准。")
        day = _day("from")
        change_price(session, tariff, price=price, valid_from=day, document=_line("document"), by=desk.by, now=desk.now)
        drafts = drafts_from(session, community.id, f"{day:%Y-%m}")
        if drafts:
            said.append(f"{'、'.join(drafts)} 的账单已经算好还没有发布，请到「出账」点重新算。")
    return redirect(url_for("desk_tariffs", compound=community_id), 303)


def desk_terms_change(community_id: int) -> Response:
    desk = office(MANAGERS)
    with _said("收费约定改好了。"), desk.services.database.transaction() as session:
        community = session.get(Community, community_id)
        if community is None or not desk.looks_after(community):
            abort(404)
        wanted: dict[str, Any] = {
            "prepay_months": _whole("prepay_months", "预存的月数"),
            "refund_free": _fen("refund_free"),
            "waive_free": _fen("waive_free"),
            "principal_first": request.form.get("principal_first") == "1",
        }
        before = terms_of(session, community.id)
        values = {name: value for name, value in wanted.items() if getattr(before, name) != value}
        if not values:
            raise Refusal("和原来的一样，没有改。")
        change_terms(session, community, by=desk.by, source="web", now=desk.now, **values)
    return redirect(url_for("desk_tariffs", compound=community_id), 303)


def desk_dunning_change() -> Response:
    """The whole company's: only who looks after all of it changes them."""
    desk = office(MANAGERS)
    if desk.person.community_ids is not None:
        abort(404)
    with _said("催缴的步骤改好了，从下一次提醒起算。"), desk.services.database.transaction() as session:
        before = rules_of(session, desk.company_id)
        days = {str(step.number): _whole(f"days{step.number}", step.name) for step in before.steps}
        days["0"] = -days["0"]  # so many days before the due day
        changes: dict[str, Any] = {
            "days": days,
            "threshold": _fen("threshold"),
            "days_to_pay": _whole("days_to_pay", "催款函给的天数"),
        }
        same = {
            "days": {str(step.number): step.days for step in before.steps},
            "threshold": before.threshold,
            "days_to_pay": before.days_to_pay,
        }
        values = {name: value for name, value in changes.items() if same[name] != value}
        if not values:
            raise Refusal("和原来的一样，没有改。")
        set_rules(session, desk.company_id, values, by=desk.by, source="web", now=desk.now)
    return redirect(url_for("desk_tariffs"), 303)


def _changes(session: Session, desk: Office, community: Community, told: list[Told]) -> list[tuple[Any, str, str, str]]:
    """(when, who, what, how) of the last changes."""
    subjects = [f"tariff:{one.tariff.id}" for one in told]
    subjects += [f"community:{community.id}", f"company:{desk.company_id}"]
    names = {f"tariff:{one.tariff.id}": one.item.name for one in told}
    entries = entries_about(session, subjects, ACTIONS, limit=CHANGES)
    people = names_in_log(session, [entry.actor for entry in entries])
    return [
        (
            entry.at.astimezone(SHANGHAI),
            people.get(entry.actor, "命令行" if entry.actor == "command" else "系统"),
            f"{names.get(entry.subject, '')}{ACTIONS[entry.action]}",
            _details(entry),
        )
        for entry in entries
    ]


def _details(entry: AuditEntry) -> str:
    parts = [f"{DETAILS[name][0]}{DETAILS[name][1](value)}" for name, value in entry.details.items() if name in DETAILS]
    return "，".join(parts)


@contextmanager
def _said(done: str) -> Iterator[list[str]]:
    """What is refused, or that it was done and whatever else there is to say, stands on the page that follows."""
    more: list[str] = []
    try:
        yield more
    except Refusal as refusal:
        flash(refusal.message)
    else:
        flash("".join([done, *more]), "good")


def _line(name: str) -> str:
    return " ".join(request.form.get(name, "").replace("\0", " ").split())[:200]


def _whole(name: str, words: str) -> int:
    said = _line(name)
    if not (said.isascii() and said.isdigit() and int(said[:6]) <= MOST_DAYS):
        raise Refusal(f"{words}请写0到{MOST_DAYS}的整数。")
    return int(said)


def _fen(name: str) -> int:
    try:
        fen = read_amount(_line(name))
    except Unclear:
        fen = None
    if fen is None or fen < 0:
        raise Refusal("金额没看懂，请写成「200」或「165.33」这样。")
    return fen


def _day(name: str) -> date:
    try:
        return date.fromisoformat(_line(name))
    except ValueError:
        raise Refusal("日期请写成 2026-04-01 这样。") from None
