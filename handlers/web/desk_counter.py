"""/desk/homes/<number>/take: the counter. What to pay is chosen, what it settles is looked at, and it is written once: a second
press, a reload and the way back all find the same payment. Whatever somebody is just paying on the phone is ended first."""

import re
import secrets
from dataclasses import dataclass, replace

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers.money_desk import LARGEST_ID, Office, office
from handlers.paying import JUST_PAID, NOT_SET_UP, end, place
from models.errors import Refusal
from models.estate.ledger_amounts import read_amount
from models.estate.tables import Community, Home
from models.estate.unclear import Unclear
from models.money import shown
from models.payments.account import former_owner
from models.payments.actions import preview
from models.payments.counter import AT_THE_COUNTER, Entered, Entry, enter, entered_with, mark_of
from models.payments.online import OtherOrder, Wanted, find, open_order_of
from models.payments.owing import owing, wanted_of
from models.payments.queries import receipt_of
from models.payments.receipts import CHANNELS, Position, number_of
from models.people.ownership import Ownership
from models.people.queries import residents_of

CODE = "wechat"  # a code on the screen that whoever stands at the counter scans
WAYS = {**{channel: CHANNELS[channel] for channel in AT_THE_COUNTER}, CODE: "微信扫码"}
UNCLEAR = "金额没看懂，请写成「300」或「165.33」这样。"
NO_WAY = "请选怎么收的：现金、刷卡、转账或微信扫码。"
NOT_BY_CODE = "原业主的欠费请用现金、刷卡或转账收。"
OLD_PAGE = "这一页打不开了，什么都没有记。请重新打开收款。"
_TRIES = 3
_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")
_MARK = re.compile(r"[0-9a-f]{32}")


def register(app: Flask) -> None:
    path = f"/desk/homes/<int(max={LARGEST_ID}):home_id>/take"
    app.add_url_rule(path, view_func=desk_counter, methods=["GET"])
    app.add_url_rule(path, view_func=desk_counter_take, methods=["POST"])


@dataclass(frozen=True)
class Sheet:
    """What is written on the counter's screen, as it came: in the address of the page to be checked, in the form that is sent.

    `key` is given to a blank sheet and stays with it: whoever goes back or reloads has the same sheet in hand.
    """

    key: str
    bills: tuple[int, ...]
    amount: str
    channel: str
    reference: str
    payer: str
    former: int | None = None  # the ownership whose debts are paid; None: today's

    @classmethod
    def read(cls) -> "Sheet":
        values = request.values
        key = values.get("key", "")
        return cls(
            key if _KEY.fullmatch(key) else secrets.token_urlsafe(18),
            tuple(int(bill) for bill in values.getlist("bill") if _NUMBER.fullmatch(bill)),
            _line(values.get("amount", "")),
            values.get("channel", ""),
            _line(values.get("reference", "")),
            _line(values.get("payer", "")),
            int(former) if _NUMBER.fullmatch(former := values.get("former", "")) else None,
        )

    def wanted(self, session: Session, home: Home, desk: Office) -> Wanted:
        """Raises Refusal in words the cashier reads."""
        if self.channel not in WAYS:
            raise Refusal(NO_WAY)
        place, fen = (home.id, home.community_id), _fen(self.amount)
        return wanted_of(session, place, None, chosen=self.bills, fen=fen, hold=False, former=self.former, now=desk.now)

    def of(self, session: Session, home: Home) -> Ownership | None:
        """Whose debts these are, if not those of today's owner; of another home's there are none."""
        former = former_owner(session, home.id, self.former) if self.former is not None else None
        if self.former is not None and former is None:
            abort(404)
        return former


def desk_counter(home_id: int) -> str | Response:
    """The sheet to be filled in; with a channel in the address, what it comes to."""
    desk, sheet = office(), Sheet.read()
    if not sheet.channel:
        return _blank(desk, home_id, sheet)
    with desk.services.database.reading() as session:
        home, community = desk.home(session, home_id)
        if (payment := entered_with(session, desk.company_id, sheet.key)) is not None and payment.home_id == home.id:
            return _entered(Entered(payment, receipt_of(session, payment.id), first=False))
        sheet.of(session, home)
        try:
            wanted = sheet.wanted(session, home, desk)
            positions = preview(session, home, wanted.fen, chosen=wanted.chosen, former=sheet.former, now=desk.now)
        except Refusal as refusal:
            said = refusal.message
        else:
            return _to_check(session, home, community, replace(sheet, bills=wanted.chosen), wanted.fen, positions)
    return _blank(desk, home_id, sheet, said)


def _to_check(
    session: Session, home: Home, community: Community, sheet: Sheet, fen: int, positions: list[Position]
) -> str:
    return render_template(
        "desk/counter_check.html",
        home=home,
        name=f"{community.name}{home.label}",
        sheet=sheet,
        fen=fen,
        amount=f"{fen // 100}.{fen % 100:02d}",
        way=WAYS[sheet.channel],
        positions=positions,
        paying=open_order_of(session, home.id),
        seen=mark_of(positions),
        shown=shown,
    )


def _blank(desk: Office, home_id: int, sheet: Sheet, said: str = "") -> str:
    with desk.services.database.reading() as session:
        home, community = desk.home(session, home_id)
        people = residents_of(session, home.id)
        former = sheet.of(session, home)
        owed = owing(session, home.id, None, desk.now, former=sheet.former)
        by_code = desk.services.pay is not None and former is None
        whose = former.name if former is not None else people[0][0].name if people else ""
        ticked = set(sheet.bills) if said else {one.line.bill.id for one in owed}
        return render_template(
            "desk/counter.html",
            home=home,
            name=f"{community.name}{home.label}",
            owed=owed,
            ticked=ticked,
            total=sum(one.fen for one in owed if one.line.bill.id in ticked),
            sheet=replace(sheet, payer=sheet.payer or whose),
            former=former,
            ways=WAYS if by_code else {name: WAYS[name] for name in AT_THE_COUNTER},
            paying=open_order_of(session, home.id),
            today=desk.now.date(),
            said=said,
            shown=shown,
        )


def desk_counter_take(home_id: int) -> Response:
    desk, sheet = office(), Sheet.read()
    try:
        if sheet.channel == CODE:
            return _show_code(desk, home_id, sheet)
        return _entered(_enter(desk, home_id, sheet))
    except Refusal as refusal:
        flash(refusal.message)
    # Back to the sheet as it was filled in: nothing is typed twice, and a reload sends nothing.
    return redirect(
        url_for(
            "desk_counter",
            home_id=home_id,
            key=sheet.key,
            bill=sheet.bills,
            amount=sheet.amount,
            channel=sheet.channel,
            reference=sheet.reference,
            payer=sheet.payer,
            former=sheet.former,
        ),
        303,
    )


def _entered(entered: Entered) -> Response:
    receipt = entered.receipt
    if receipt is None:
        flash("这笔刚才已经记过了，收据后来作废了。")
        return redirect(url_for("desk_home", home_id=entered.payment.home_id), 303)
    if not entered.first:
        flash(f"这笔刚才已经记过了，收据 {number_of(receipt)}，没有再记一次。")
        return redirect(url_for("desk_receipt", number=receipt.number), 303)
    more = f"多出的{shown(entered.prepaid)}存作预存款，下次出账自动抵扣。" if entered.prepaid else ""
    flash(f"记好了：{shown(entered.payment.fen)}，收据 {number_of(receipt)}。{more}", "good")
    return redirect(url_for("desk_receipt", number=receipt.number, print=1), 303)


def _enter(desk: Office, home_id: int, sheet: Sheet) -> Entered:
    """Write it down; what is just being paid on a phone is ended first, and has won if it was faster."""
    seen, fen = request.form.get("seen", ""), _fen(sheet.amount)
    if request.form.get("key") != sheet.key or not _MARK.fullmatch(seen) or fen is None:
        raise Refusal(OLD_PAGE)
    entry = Entry(sheet.key, fen, sheet.channel, sheet.reference, sheet.payer, sheet.bills, seen, sheet.former)
    for _ in range(_TRIES):
        try:
            with desk.services.database.transaction() as session:
                home, _community = desk.home(session, home_id)
                sheet.of(session, home)
                return enter(session, home, entry, by=desk.by, now=desk.now)
        except OtherOrder as other:
            _end(desk, other.number)
    raise Refusal("这户一直有人在用微信付，什么都没有记。请过半分钟再按一次。")


def _end(desk: Office, number: str) -> None:
    """Raises Refusal, with the truth of it, unless that order can never be paid any more."""
    with desk.services.database.reading() as session:
        order = find(session, number)
        fen = order.fen if order is not None else 0
    state = end(desk.services, number)
    if state == "paid":
        raise Refusal(f"这户刚刚在微信上付好了{shown(fen)}，已经入账，这次没有记。还要再收，请核对下面还差多少。")
    if state != "closed":
        raise Refusal("那笔微信付款还没有关掉，什么都没有记。请过半分钟再按一次。")


def _show_code(desk: Office, home_id: int, sheet: Sheet) -> Response:
    if desk.services.pay is None:
        raise Refusal(NOT_SET_UP)
    if sheet.former is not None:
        raise Refusal(NOT_BY_CODE)
    with desk.services.database.reading() as session:
        home, _ = desk.home(session, home_id)
        wanted = sheet.wanted(session, home, desk)
    wanted = replace(wanted, way="native", account=desk.person.account, payer=sheet.payer)
    try:
        placed = place(desk.services, home_id, wanted)
    except Refusal as refusal:
        # Those words are the payer's; at the counter somebody else reads them.
        if refusal.message == JUST_PAID:
            raise Refusal("这户刚刚在微信上付好了一笔，已经入账。请核对还差多少。") from None
        raise
    return redirect(url_for("desk_code", number=placed.number), 303)


def _fen(words: str) -> int | None:
    if not words:
        return None
    try:
        fen = read_amount(words)
    except Unclear:
        raise Refusal(UNCLEAR) from None
    if fen is None or fen <= 0:
        raise Refusal(UNCLEAR)
    return fen


def _line(words: str) -> str:
    return " ".join(words.replace("\0", " ").split())[:40]
