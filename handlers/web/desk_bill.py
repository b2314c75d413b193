"""/desk/bills/<number>: one bill that may be wrong. It is taken back and billed anew from what has been put right, or
not at all; what either comes to is looked at first."""

from datetime import datetime
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import LARGEST_ID, MANAGERS, Office, office
from models.billing.anew import OwnPrice
from models.billing.explain import equation
from models.billing.queries import document_of
from models.billing.tables import Bill, FeeItem, Tariff
from models.billing.tariff_sheet import HOW_PRICE, price_in
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.money import Rounding, shown
from models.payments.rebilling import Outlook, Rebilled, Wish, after_all, bill_anew, outlook, take_back

REASONS = ("面积或楼层登记错了", "收费标准或单价错了", "读数抄错了", "不该收这一户", "收重了", "其他")
OTHER_NOW = "这张账单刚刚有变化，和您看到的不一样了。请再核对一遍。"
LONGEST = 60


def register(app: Flask) -> None:
    one = f"/desk/bills/<int(max={LARGEST_ID}):bill_id>"
    app.add_url_rule(one, view_func=desk_bill, methods=["GET"])
    app.add_url_rule(f"{one}/take-back", view_func=desk_bill_take_back, methods=["POST"])
    app.add_url_rule(f"{one}/anew", view_func=desk_bill_anew, methods=["POST"])


def desk_bill(bill_id: int) -> str:
    desk = office(MANAGERS)
    with desk.services.database.reading() as session:
        home, community, bill = _bill(session, desk, bill_id)
        ways, said = _ways(session, bill, desk.now)
        return render_template(
            "desk/bill.html",
            home=home,
            name=f"{community.name}{home.label}",
            bill=bill,
            item=session.get_one(FeeItem, bill.item_id).name,
            gone=bill.state == "reversed",
            for_good=bill.tariff_id is not None or bill.basis.get("formula") == "share",
            told=equation(bill.basis, bill.amount, _rounding(session, bill.tariff_id)),
            document=document_of(session, bill),
            ways=ways,
            said=said,
            news=[
                (one, equation(one.basis, one.fen, _rounding(session, one.tariff_id)))
                for one in (ways["anew"].new if "anew" in ways else ())
            ],
            seen={way: seen_of(found) for way, found in ways.items()},
            price=_line("price"),
            paper=_line("document"),
            reasons=REASONS,
            shown=shown,
        )


def _ways(session: Session, bill: Bill, now: datetime) -> tuple[dict[str, Outlook], dict[str, str]]:
    """What may be done with the bill and what it comes to; and why not, in words."""
    ways: dict[str, Outlook] = {}
    said: dict[str, str] = {}
    for way in ("anew", "drop"):
        try:
            if bill.state != "reversed":
                ways[way] = outlook(session, bill, _wish(way), now=now)
            elif way == "anew":
                ways[way] = after_all(session, bill)
        except Refusal as refusal:
            said[way] = refusal.message
    return ways, said


def desk_bill_take_back(bill_id: int) -> Response:
    desk = office(MANAGERS)
    try:
        with desk.services.database.transaction() as session:
            home, _, bill = _bill(session, desk, bill_id)
            home_id = home.id
            wish = _wish(request.form.get("way", ""))
            _same_as_seen(outlook(session, bill, wish, now=desk.now))
            done = take_back(session, home, bill, wish, by=desk.by, now=desk.now)
            said = _said(session, done)
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_bill", bill_id=bill_id), 303)
    flash(said, "good")
    return redirect(f"{url_for('desk_home', home_id=home_id)}#bills", 303)


def desk_bill_anew(bill_id: int) -> Response:
    """Of a bill that was taken back some time before."""
    desk = office(MANAGERS)
    try:
        with desk.services.database.transaction() as session:
            home, _, bill = _bill(session, desk, bill_id)
            home_id = home.id
            _same_as_seen(after_all(session, bill))
            done = bill_anew(session, home, bill, by=desk.by, now=desk.now)
            said = f"重新出账了：{_now_words(session, done)}"
    except Refusal as refusal:
        flash(refusal.message)
        return redirect(url_for("desk_bill", bill_id=bill_id), 303)
    flash(said, "good")
    return redirect(f"{url_for('desk_home', home_id=home_id)}#bills", 303)


def _said(session: Session, done: Rebilled) -> str:
    was = f"{_called(session, done)} {shown(done.bill.amount)}冲红了。"
    if done.new:
        return f"{was}重新出了一张：{_now_words(session, done)}"
    held = f"已交的{shown(done.held)}转作预存款，要退给业主请说「退款」。" if done.held else ""
    if done.bill.tariff_id is None and done.bill.basis.get("formula") != "share":
        return f"{was}{held}这段时间要是还没有出过账，出账的时候照收费标准算。"
    again = "" if done.bill.tariff_id is None else "要是还得收，打开这张账单点「重新出账」。"
    return f"{was}这段时间不再收，以后出账也不会再算。{held}{again}"


def _now_words(session: Session, done: Rebilled) -> str:
    left = f"还要交{shown(done.open)}" if done.open else "已经交清"
    held = f"，多出的{shown(done.held)}转作预存款" if done.held else ""
    held += f"，其中{shown(done.used)}已经抵了没交的账单" if done.used else ""
    return f"{_called(session, done)} 现在是{shown(done.total)}，{left}{held}。绑定了微信的业主会收到通知。"


def _called(session: Session, done: Rebilled) -> str:
    return f"{session.get_one(FeeItem, done.bill.item_id).name} {done.bill.period}"


def seen_of(found: Outlook) -> str:
    """What somebody looked at when they pressed the button."""
    return f"{found.total}-{found.paid}-{found.held}"


def _same_as_seen(found: Outlook) -> None:
    """What is confirmed is what is done. Raises Refusal."""
    if request.form.get("seen") != seen_of(found):
        raise Refusal(OTHER_NOW)


def _wish(way: str) -> Wish:
    """Raises Refusal for a way there is none of, and for a price that nobody understands or without its paper."""
    if way not in ("anew", "drop"):
        raise Refusal("请选：重新出账，还是不再收。")
    reason = _line("reason")
    words = "，".join(part for part in (reason if reason in REASONS else "", _line("words")) if part)
    price, document = (_line("price"), _line("document")) if way == "anew" else ("", "")
    if not price:
        return Wish(words or REASONS[-1], way == "anew")
    known = price_in(price)
    if known is None or known <= 0:
        raise Refusal(f"单价没看懂，{HOW_PRICE}。")
    if not document:
        raise Refusal("请写明这个单价的依据，比如合同或业主大会决议。")
    return Wish(words or REASONS[1], True, OwnPrice(known, document))


def _line(name: str) -> str:
    return " ".join(request.values.get(name, "").replace("\0", " ").split())[:LONGEST]


def _rounding(session: Session, tariff_id: int | None) -> Rounding:
    tariff: Any = session.get(Tariff, tariff_id) if tariff_id is not None else None
    return Rounding(tariff.rounding) if tariff is not None else Rounding.FEN_HALF_UP


def _bill(session: Session, desk: Office, bill_id: int) -> tuple[Home, Community, Bill]:
    """A bill of a compound of theirs; for everybody else there is none of this number."""
    bill = session.get(Bill, bill_id)
    if bill is None or bill.state == "draft" or bill.reverses is not None:
        abort(404)
    return *desk.home(session, bill.home_id), bill
