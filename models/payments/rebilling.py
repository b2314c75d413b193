"""冲红: a wrong bill is taken back and, in the same step or later, billed anew from what has been put right meanwhile; or it is not
owed at all and stays so. What had been paid settles the new bill, and what is left of it is held for the home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.anew import Anew, OwnPrice, worked_out_anew
from models.billing.closed_months import dated
from models.billing.ledger import Account, Side, post
from models.billing.meter_tables import BilledUse
from models.billing.metered_run import use_row
from models.billing.publish import reverse, same_period
from models.billing.tables import Bill, FeeItem
from models.billing.waiver_tables import Waiver
from models.errors import Refusal
from models.estate.actions import wait_for_other_ledgers
from models.estate.tables import Community, Home
from models.messaging import outbox
from models.money import shown
from models.payments import purses, waivers
from models.payments.giving_back import use_held
from models.payments.handover_bills import month_end, refuse_invoiced, take_off
from models.payments.issuing import who_hears
from models.payments.rebilling_rules import refuse_alone, refuse_anew, refuse_others_money, refuse_taking_back
from models.payments.settling import settle
from models.payments.tables import Purse, Settlement

NOTHING_DUE = "按现在登记的，这段时间不用交。"
SAME = "按现在登记的重新算，和这张账单一样。请先把错的地方改好（面积、楼层、读数、收费标准），再来重新出账。"


@dataclass(frozen=True)
class Wish:
    """Why a bill is wrong, and whether it is billed `anew`; at a price of its `own` where a wrong one is registered."""

    reason: str
    anew: bool
    own: OwnPrice | None = None


@dataclass(frozen=True)
class Outlook:
    """What it would come to: the `new` bills; `paid` fen that came in for the wrong one, with its late fees (`late` fen).

    `waived` fen of the wrong bill are waived of the new ones before anything paid goes to them; `alone` fen are taken off by the
    word of one person.
    """

    new: Sequence[Anew]
    paid: int = 0
    late: int = 0
    waived: int = 0
    alone: int = 0

    @property
    def total(self) -> int:
        return sum(one.fen for one in self.new)

    @property
    def held(self) -> int:
        """What of the payment is left over."""
        return max(0, self.paid - max(0, self.total - self.waived))


@dataclass(frozen=True)
class Rebilled:
    """What was done. `held`: fen that were left over; `used`: what of them has paid other bills of the home at once; `open`: what
    the new bills still ask for."""

    bill: Bill
    new: Sequence[Bill]
    held: int = 0
    used: int = 0

    @property
    def total(self) -> int:
        return sum(bill.amount for bill in self.new)

    @property
    def open(self) -> int:
        return sum(bill.amount - bill.paid for bill in self.new)


def outlook(session: Session, bill: Bill, wish: Wish, *, now: datetime) -> Outlook:
    """What it would come to; changes nothing. Raises Refusal for what cannot be taken back, or not be billed anew."""
    item = session.get_one(FeeItem, bill.item_id)
    refuse_taking_back(session, bill, item)
    new = _new_bills(session, bill, wish) if wish.anew else []
    late = _late_fees(session, bill)
    for fee in late:
        refuse_invoiced(session, fee, "这张账单的违约金", "冲红")
    waived = {one.id: sum(fen for _, fen in waivers.of_bill(session, one)) for one in (bill, *late)}
    paid = sum(one.paid - waived[one.id] for one in (bill, *late))
    found = Outlook(new, paid, sum(fee.amount for fee in late), waived[bill.id])
    if not wish.anew or wish.own:
        found = replace(found, alone=refuse_alone(session, bill, item, found.total, now=now))
    refuse_others_money(session, bill, found.held)
    return found


def _new_bills(session: Session, bill: Bill, wish: Wish) -> Sequence[Anew]:
    refuse_anew(session, bill)
    new = worked_out_anew(session, bill, wish.own, without=bill.id)
    if not new:
        raise Refusal(f"{NOTHING_DUE}请选「不再收」。")
    if [one.basis for one in new] == [bill.basis]:
        raise Refusal(SAME)
    return new


def take_back(session: Session, home: Home, bill: Bill, wish: Wish, *, by: str, now: datetime) -> Rebilled:
    """Do it, all or nothing. Raises Refusal as `outlook` does, AlreadyDone when somebody was first."""
    purse = _locked(session, home, bill)
    found = outlook(session, bill, wish, now=now)
    at, given = dated(session, bill.community_id, now), waivers.of_bill(session, bill)
    freed: list[tuple[Bill, int | None, int]] = []
    for wrong in (bill, *_late_fees(session, bill)):
        waivers.take_back(session, wrong, by=by, now=at)
        freed += [(wrong, payment, fen) for payment, fen in take_off(session, wrong, now=at)]
        reverse(session, wrong, reason=wish.reason, by=by, now=at)
    if not wish.anew:
        _stays_counted(session, bill)
    new = _post_each(session, bill, found.new, by=by, now=at)
    for waiver, fen in given:
        _waive_again(session, waiver, fen, new, by=by, now=at)
    held = _pay_again(session, bill, freed, new, purse, by=by, now=at)
    return _done(session, home, Rebilled(bill, new, held), wish.reason, found.alone, by=by, now=now)


def after_all(session: Session, bill: Bill) -> Outlook:
    """What the days of a bill that was taken back come to; changes nothing. Raises Refusal when they are not to be billed."""
    if bill.state != "reversed" or bill.reverses is not None or bill.amount <= 0:
        raise Refusal("这张账单没有冲红，不用重新出账。")
    refuse_anew(session, bill)
    new = worked_out_anew(session, bill, without=_against(session, bill))
    if not new:
        raise Refusal(NOTHING_DUE)
    return Outlook(new)


def bill_anew(session: Session, home: Home, bill: Bill, *, by: str, now: datetime) -> Rebilled:
    """The days of a bill that was taken back before are billed after all, once. Raises Refusal, AlreadyDone."""
    _locked(session, home, bill)
    found = after_all(session, bill)
    session.execute(sa.delete(BilledUse).where(BilledUse.bill_id == _against(session, bill)))
    at = dated(session, bill.community_id, now)
    new = _post_each(session, bill, found.new, by=by, now=at)
    return _done(session, home, Rebilled(bill, new), by=by, now=now)


# --- the steps --------------------------------------------------------------------------------------------------------


def _locked(session: Session, home: Home, bill: Bill) -> Purse:
    """Ledgers and drafts first, then the home's money, and then the bill as it is by now: whoever comes second sees the first."""
    wait_for_other_ledgers(session, home.community_id)
    purse = purses.lock(session, home.id)
    session.refresh(bill)
    return purse


def _late_fees(session: Session, bill: Bill) -> Sequence[Bill]:
    """They were counted from what was never owed."""
    late = sa.select(Bill).where(Bill.late_for == bill.id, Bill.state == "posted", Bill.amount > 0)
    return session.scalars(late.order_by(Bill.id)).all()


def _against(session: Session, bill: Bill) -> int:
    """The row that took it back."""
    return session.scalars(sa.select(Bill.id).where(Bill.reverses == bill.id)).one()


def _stays_counted(session: Session, bill: Bill) -> None:
    """What is not to be billed is not billed with the next reading either: the row that took it back has counted it."""
    against = _against(session, bill)
    for use in session.scalars(sa.select(BilledUse).where(BilledUse.bill_id == bill.id)).all():
        kept = {"since": use.since, "upto": use.upto, "upto_on": use.upto_on, "used": use.used}
        session.add(BilledUse(bill_id=against, meter_id=use.meter_id, **kept))
    session.flush()


def _post_each(session: Session, bill: Bill, new: Sequence[Anew], *, by: str, now: datetime) -> list[Bill]:
    return [_post(session, bill, one, by=by, now=now) for one in new]


def _post(session: Session, bill: Bill, one: Anew, *, by: str, now: datetime) -> Bill:
    """In the place of the wrong one, and not late on the day it is made."""
    made = Bill(
        community_id=bill.community_id, home_id=bill.home_id, item_id=bill.item_id, tariff_id=one.tariff_id, run_id=None,
        period=bill.period, start=one.start, end=one.end, amount=one.fen, paid=0, state="posted",
        due_on=max(bill.due_on, month_end(now.date())), former_id=bill.former_id, basis=dict(one.basis),
    )  # fmt: skip
    last = session.scalar(sa.select(sa.func.max(Bill.seq)).where(*same_period(made)))
    made.seq = 0 if last is None else last + 1
    session.add(made)
    session.flush()
    if one.uses:
        session.execute(sa.insert(BilledUse), [use_row(made.id, meter, use) for meter, use in one.uses])
    fund = cast(Account, session.get_one(FeeItem, bill.item_id).fund)
    sides = [Side("receivable", one.fen, bill.item_id), Side(fund, -one.fen, bill.item_id)]
    post(session, community_id=bill.community_id, what="bill", document=f"bill:{made.id}", sides=sides, by=by, now=now)
    return made


def _waive_again(session: Session, waiver: Waiver, fen: int, new: Sequence[Bill], *, by: str, now: datetime) -> None:
    for made in new:
        part = min(fen, made.amount - made.paid)
        if part:
            waivers.grant_again(session, waiver, made, part, by=by, now=now)
        fen -= part


def _pay_again(
    session: Session,
    bill: Bill,
    freed: Sequence[tuple[Bill, int | None, int]],
    new: Sequence[Bill],
    purse: Purse,
    *,
    by: str,
    now: datetime,
) -> int:
    """Each payment goes to the new bills, and what is left of it is held; returns the fen that are."""
    sides, held = [Side("receivable", fen, wrong.item_id) for wrong, _, fen in freed], 0
    for _, payment, fen in freed:
        left = fen
        for made in new:
            part = min(left, made.amount - made.paid)
            if part:
                settle(session, made, part, payment, now=now)
                sides.append(Side("receivable", -part, made.item_id))
            left -= part
        if left:
            purses.change(session, purse, left, "corrected", payment_id=payment, bill_id=bill.id, now=now)
        held += left
    if freed:
        last = session.scalar(sa.select(sa.func.max(Settlement.id)).where(Settlement.bill_id == bill.id))
        document = f"bill:{bill.id}:{last}"
        sides.append(Side("prepayment", -held))
        post(session, community_id=bill.community_id, what="rebilled", document=document, sides=sides, by=by, now=now)
    return held


def _done(
    session: Session, home: Home, done: Rebilled, reason: str = "", alone: int = 0, *, by: str, now: datetime
) -> Rebilled:
    bill = done.bill
    if done.new and bill.former_id is None:
        used = use_held(session, home.id, now=now)
        done = replace(done, used=min(used, done.held))
    session.expire_all()
    details = {
        "bill": bill.id, "fen": bill.amount, "new": done.total, "held": done.held, "reason": reason, "alone": alone,
    }  # fmt: skip
    record(
        session, at=now, actor=by, action="bill.anew" if done.new else "bill.drop", subject=f"home:{home.id}",
        source="web", company_id=session.get_one(Community, home.community_id).company_id, details=details,
    )  # fmt: skip
    if bill.former_id is None:
        _tell(session, home, done, now=now)
    return done


def _tell(session: Session, home: Home, done: Rebilled, *, now: datetime) -> None:
    """Whoever has seen the wrong bill hears what became of it."""
    bill = done.bill
    data = {
        "item": session.get_one(FeeItem, bill.item_id).name, "period": bill.period, "was": shown(bill.amount),
        "now": shown(done.total) if done.new else "", "left": shown(done.open) if done.open else "",
        "held": shown(done.held) if done.held else "", "used": shown(done.used) if done.used else "",
    }  # fmt: skip
    key = f"rebilled:{bill.id}:{max((made.id for made in done.new), default=0)}"
    for account, openid, where in who_hears(session, [home.id]).get(home.id, ()):
        outbox.put(
            session, account=account, openid=openid, kind="bill_corrected", data={**data, "home": where},
            dedupe_key=key, now=now,
        )  # fmt: skip
