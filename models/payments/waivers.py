"""减免: something is taken off what a home owes, as a line of its own, so that the bill stays what it was (domain rules 1.7).

A waiver is a posted bill over less than nothing that settles part of another one: what is due for a period, open of it and in the
ledger is less by it everywhere, and nothing looks as if it had been paid.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.closed_months import dated
from models.billing.ledger import Side, post
from models.billing.publish import same_period
from models.billing.queries import BillLine, open_bills_of
from models.billing.tables import Bill, FeeItem
from models.billing.waiver_tables import Waiver, WaiverLine
from models.billing.waiving import OF_OURS, REASONS, needs_another, spread
from models.db import SHANGHAI
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.messaging import outbox
from models.money import shown
from models.payments import purses
from models.payments.issuing import who_hears
from models.payments.late_fees import accrued, bill_late_fee
from models.payments.settling import settle
from models.payments.tables import Settlement
from models.payments.taken_off import taken_off_alone
from models.payments.terms import terms_of
from models.people.ownership import owner_at
from models.people.queries import managers_of

LATE_FEE = "违约金"
_REPAIRS = "SPECIAL"  # what a repair costs is waived with its order: 免收


@dataclass(frozen=True)
class Wish:
    """`fen` to be taken off; of one item only, if `item` names it. `words`: what was said besides."""

    fen: int
    reason: str
    words: str = ""
    item: str = ""


@dataclass(frozen=True)
class Part:
    """What comes off one debt. `runs_up`: a late fee that is on no bill yet."""

    line: BillLine
    fen: int
    runs_up: bool = False

    @property
    def words(self) -> str:
        name = f"{self.line.item}{LATE_FEE}" if self.runs_up else self.line.item
        return f"{name} {self.line.bill.period} 减{shown(self.fen)}"


def preview(session: Session, home: Home, wish: Wish, *, now: datetime) -> list[Part]:
    """What would come off which bill. Raises Refusal for more than is owed of what may be waived."""
    debts = _debts(session, home, wish.item, now)
    try:
        parts = spread(wish.fen, [fen for _, fen, _ in debts])
    except ValueError:
        raise Refusal(_too_much(wish, sum(fen for _, fen, _ in debts))) from None
    return [Part(line, part, late) for (line, _, late), part in zip(debts, parts, strict=True) if part]


def ask(session: Session, home: Home, wish: Wish, *, by: str, now: datetime) -> Waiver:
    """Write a waiver down; it is done at once if one person may decide it. Raises Refusal as `preview` does."""
    purses.lock(session, home.id)
    preview(session, home, wish, now=now)
    community = session.get_one(Community, home.community_id)
    free = terms_of(session, community.id).waive_free
    waiver = Waiver(
        company_id=community.company_id, community_id=community.id, home_id=home.id, fen=wish.fen, item=wish.item,
        reason=wish.reason, words=wish.words[:100], needs_another=needs_another(wish.fen, taken_off_alone(session, home.id, now), free),
        state="wanted", by=by, made_at=now,
    )  # fmt: skip
    session.add(waiver)
    session.flush()
    if waiver.needs_another:
        _tell_managers(session, waiver, home, community, now)
    else:
        _do(session, waiver, home, by=by, now=now)
    return waiver


def agree(session: Session, waiver: Waiver, *, by: str, now: datetime) -> None:
    """Raises Refusal for whoever asked for it, when less is owed meanwhile or by somebody else; AlreadyDone the second time."""
    if by == waiver.by:
        raise Refusal("这笔减免是您自己提的，要另一位经理同意。")
    home = session.get_one(Home, waiver.home_id)
    purses.lock(session, home.id)
    if waiver.state == "wanted" and owner_at(session, home.id, waiver.made_at) is not None:
        raise Refusal(f"这一户后来过户了，这笔减免是给原业主提的。请回复「不同意减免 {waiver.id}」，要减再重新提。")
    _do(session, waiver, home, by=by, now=now)


def refuse(session: Session, waiver: Waiver, *, by: str, now: datetime) -> None:
    """Raises AlreadyDone."""
    _move(session, waiver, "refused", by, now)


def waiver_in_scope(
    session: Session, number: int, company_id: int, *, community_ids: Collection[int] | None
) -> Waiver | None:
    """A waiver of the compounds one may look into (None: the company's)."""
    query = sa.select(Waiver).where(Waiver.id == number, Waiver.company_id == company_id)
    if community_ids is not None:
        query = query.where(Waiver.community_id.in_(community_ids))
    return session.scalars(query).first()


def of_bill(session: Session, bill: Bill) -> list[tuple[Waiver, int]]:
    """What was waived of a bill and holds: the waivers, each with the fen of it that are this bill's."""
    rows = session.execute(
        sa.select(Waiver, WaiverLine.fen)
        .join(Waiver, Waiver.id == WaiverLine.waiver_id)
        .where(WaiverLine.bill_id == bill.id, WaiverLine.live.is_(True))
        .order_by(WaiverLine.line_id)
    )
    return [(waiver, fen) for waiver, fen in rows]


def take_back(session: Session, bill: Bill, *, by: str, now: datetime) -> int:
    """What was waived of a bill is owed again, before the bill itself is taken back; returns the fen."""
    lines = session.scalars(sa.select(WaiverLine).where(WaiverLine.bill_id == bill.id, WaiverLine.live.is_(True))).all()
    now = dated(session, bill.community_id, now)
    for each in lines:
        line = session.get_one(Bill, each.line_id)
        each.live = False
        line.state, line.paid = "reversed", 0
        bill.paid -= each.fen
        session.add(Settlement(bill_id=bill.id, payment_id=None, fen=-each.fen, at=now))
        session.add(Settlement(bill_id=line.id, payment_id=None, fen=each.fen, at=now))
        session.add(_line_like(session, line, -line.amount, state="reversed", reverses=line.id, basis=line.basis))
        sides = [Side("receivable", each.fen, line.item_id), Side(OF_OURS, -each.fen, line.item_id)]
        document = f"bill:{line.id}"
        post(session, community_id=bill.community_id, what="reversal", document=document, sides=sides, by=by, now=now)
    session.flush()
    return sum(each.fen for each in lines)


def grant_again(session: Session, waiver: Waiver, bill: Bill, fen: int, *, by: str, now: datetime) -> None:
    """The same waiver for the bill that took the place of another one. The purse is locked."""
    again = Waiver(
        company_id=waiver.company_id, community_id=waiver.community_id, home_id=waiver.home_id, fen=fen, item=waiver.item,
        reason=waiver.reason, words=waiver.words, needs_another=waiver.needs_another, state="done", by=waiver.by,
        agreed_by=waiver.agreed_by, made_at=now, ended_at=now,
    )  # fmt: skip
    session.add(again)
    session.flush()
    _take_off(session, again, bill, fen, by=by, now=now)


# --- how it is done ---------------------------------------------------------------------------------------------------


def _debts(session: Session, home: Home, item: str, now: datetime) -> list[tuple[BillLine, int, bool]]:
    """(bill, fen, is it a late fee that only runs up so far) of what may be waived, the oldest first."""
    ours = session.execute(sa.select(FeeItem.id, FeeItem.code).where(FeeItem.fund == OF_OURS))
    codes: dict[int, str] = {number: code for number, code in ours}
    found = []
    for line in open_bills_of(session, [home.id]):
        if codes.get(line.bill.item_id, _REPAIRS) != _REPAIRS and (not item or line.item == item):
            found.append((line, line.open, False))
        late = accrued(session, line.bill, now.astimezone(SHANGHAI).date()) if item == LATE_FEE else 0
        found += [(line, late, True)] if late else []
    return found


def _too_much(wish: Wish, owed: int) -> str:
    if wish.fen <= 0:
        return "减免的金额要大于0。"
    what = wish.item or "公司自己收的费用（代收的水电、公摊、垃圾费不能减）"
    return f"这一户{what}{f'只欠{shown(owed)}，减不了这么多' if owed else '没有欠的，不用减免'}。"


def _do(session: Session, waiver: Waiver, home: Home, *, by: str, now: datetime) -> None:
    parts = preview(session, home, Wish(waiver.fen, waiver.reason, waiver.words, waiver.item), now=now)
    _move(session, waiver, "done", by, now)
    at = dated(session, waiver.community_id, now)
    for part in parts:
        bill = bill_late_fee(session, part.line.bill, now=at) if part.runs_up else part.line.bill
        _take_off(session, waiver, bill, part.fen, by=by, now=at)
    record(
        session, at=now, actor=by, action="bill.waive", subject=f"waiver:{waiver.id}", source="chat",
        company_id=waiver.company_id, details={"fen": waiver.fen, "reason": waiver.reason, "asked_by": waiver.by},
    )  # fmt: skip
    data = {"home": home.label, "amount": shown(waiver.fen), "reason": REASONS[waiver.reason]}
    lines = "\n".join(part.words for part in parts)
    for account, openid, where in who_hears(session, [home.id]).get(home.id, ()):
        outbox.put(
            session, account=account, openid=openid, kind="waiver_given", data={**data, "home": where, "lines": lines},
            dedupe_key=f"waiver:{waiver.id}", now=now,
        )  # fmt: skip


def _take_off(session: Session, waiver: Waiver, bill: Bill, fen: int, *, by: str, now: datetime) -> None:
    settle(session, bill, fen, None, now=now)
    why = f"{REASONS[waiver.reason]}：{waiver.words}" if waiver.words else REASONS[waiver.reason]
    line = _line_like(session, bill, -fen, state="posted", paid=-fen, basis={"formula": "waiver", "words": [why]})
    session.add(line)
    session.flush()
    session.add(Settlement(bill_id=line.id, payment_id=None, fen=-fen, at=now))
    session.add(WaiverLine(line_id=line.id, bill_id=bill.id, waiver_id=waiver.id, fen=fen))
    sides = [Side(OF_OURS, fen, bill.item_id), Side("receivable", -fen, bill.item_id)]
    document = f"bill:{line.id}"
    post(session, community_id=bill.community_id, what="waiver", document=document, sides=sides, by=by, now=now)


def _line_like(session: Session, bill: Bill, amount: int, **more: object) -> Bill:
    """A further line of a bill's home, item and period."""
    last = session.scalar(sa.select(sa.func.max(Bill.seq)).where(*same_period(bill))) or 0
    return Bill(
        community_id=bill.community_id, home_id=bill.home_id, item_id=bill.item_id, tariff_id=bill.tariff_id, run_id=None,
        period=bill.period, start=bill.start, end=bill.end, seq=last + 1, amount=amount, due_on=bill.due_on,
        late_for=bill.late_for, former_id=bill.former_id, **{"paid": 0, **more},
    )  # fmt: skip


def _move(session: Session, waiver: Waiver, state: str, by: str, now: datetime) -> None:
    moved = session.execute(
        sa.update(Waiver)
        .where(Waiver.id == waiver.id, Waiver.state == "wanted")
        .values(state=state, agreed_by=by, ended_at=now)
        .returning(Waiver.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(waiver)
    if moved is None:
        raise AlreadyDone("这笔减免已经有人处理了。")


def _tell_managers(session: Session, waiver: Waiver, home: Home, community: Community, now: datetime) -> None:
    reason = f"{REASONS[waiver.reason]}：{waiver.words}" if waiver.words else REASONS[waiver.reason]
    for manager in managers_of(session, waiver.company_id, waiver.community_id):
        if f"staff:{manager.id}" != waiver.by and manager.role == "manager":
            outbox.put(
                session, account=manager.account, openid=manager.openid, kind="waiver_wanted",
                data={
                    "number": waiver.id, "home": f"{community.name}{home.label}", "amount": shown(waiver.fen), "reason": reason,
                },
                dedupe_key=f"waiver:{waiver.id}", now=now,
            )  # fmt: skip


# --- what must hold ---------------------------------------------------------------------------------------------------


def flaws(session: Session) -> Iterator[str]:
    """A waiver that was done is what its lines say; a large one had two people; a line is a bill over exactly that much less."""
    took = session.execute(
        sa.select(Waiver.id, sa.func.coalesce(sa.func.sum(WaiverLine.fen), 0))
        .outerjoin(WaiverLine, WaiverLine.waiver_id == Waiver.id)
        .group_by(Waiver.id, Waiver.fen, Waiver.state)
        .having(
            sa.case((Waiver.state == "done", Waiver.fen), else_=0) != sa.func.coalesce(sa.func.sum(WaiverLine.fen), 0)
        )
    ).all()
    for waiver, fen in took:
        yield f"waiver {waiver}: its lines come to {fen} fen"
    alone = sa.and_(Waiver.state == "done", Waiver.needs_another, Waiver.agreed_by == Waiver.by)
    for waiver in session.scalars(sa.select(Waiver.id).where(alone)):
        yield f"waiver {waiver}: nobody else agreed to it"
    others = sa.select(Bill.id).outerjoin(WaiverLine, sa.and_(WaiverLine.line_id == Bill.id, WaiverLine.live.is_(True)))
    posted = sa.and_(Bill.state == "posted", Bill.amount < 0)
    for bill in session.scalars(others.where(posted, sa.func.coalesce(WaiverLine.fen, 0) != -Bill.amount)):
        yield f"bill {bill}: is over less than nothing, and no waiver says so"
