"""What a person may pay for a home right now, to the fen, and what a wish to pay comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.billing.queries import BillLine, open_bills_of, periods_of
from models.db import SHANGHAI
from models.errors import Refusal
from models.money import shown
from models.payments.advance import room_in_advance
from models.payments.late_fees import accrued_on
from models.payments.online import Wanted
from models.payments.online_tables import PayTerms
from models.payments.purses import held_of


@dataclass(frozen=True)
class Owing:
    """An open bill, and the late fee that has run up on it."""

    line: BillLine
    late_fee: int

    @property
    def fen(self) -> int:
        return self.line.open + self.late_fee


def owing(
    session: Session, home_id: int, payer: str | None, now: datetime, *, former: int | None = None
) -> list[Owing]:
    """`payer` "occupant" leaves out what is only the owner's business; `former` asks for what a former owner still owes instead."""
    today = now.astimezone(SHANGHAI).date()
    lines = open_bills_of(session, [home_id], payer=payer, former=former)
    late = accrued_on(session, [line.bill for line in lines], today)
    return [Owing(line, late[line.bill.id]) for line in lines]


def wanted_of(
    session: Session,
    home: tuple[int, int],
    payer: str | None,
    *,
    chosen: Sequence[int],
    fen: int | None,
    hold: bool,
    former: int | None = None,
    now: datetime,
) -> Wanted:
    """A wish to pay for `home` (its number, its compound's), worked out anew. Raises Refusal in words the payer reads.

    `fen` None is all of what was chosen; with nothing chosen a sum goes by the order of the law.
    """
    owed = {one.line.bill.id: one for one in owing(session, home[0], payer, now, former=former)}
    if hold:
        if payer is not None:
            raise Refusal("预存要业主或家人来办。")
        _refuse_too_much(session, home, fen or 0)
        return Wanted(fen or 0, hold=True, what="预存款")
    if payer is not None and not chosen:
        chosen = list(owed)
    gone = [bill for bill in chosen if bill not in owed]
    if gone or (not chosen and fen is None):
        raise Refusal("账单刚刚有变化，请重新打开这一页。" if gone else "请先选要交的账单。")
    total = sum(owed[bill].fen for bill in chosen)
    if not chosen and former is not None:
        return Wanted(fen or 0)  # nothing is kept in advance for them
    if not chosen:
        _refuse_too_much(session, home, (fen or 0) - sum(one.fen for one in owed.values()))
        return Wanted(fen or 0)
    if fen is not None and fen > total:
        raise Refusal(f"选的账单一共{shown(total)}，不用交这么多。")
    items = dict.fromkeys(owed[bill].line.item for bill in chosen)
    return Wanted(total if fen is None else fen, tuple(chosen), what="、".join(items)[:40])


def _refuse_too_much(session: Session, home: tuple[int, int], more: int) -> None:
    if more <= 0:
        return
    terms = session.get(PayTerms, home[1])
    months = terms.prepay_months if terms else 12
    billed = [fen for _, fen, _ in periods_of(session, [home[0]])]
    room = room_in_advance(billed, months, held_of(session, [home[0]]).get(home[0], 0))
    if room is not None and more > room:
        raise Refusal(f"按约定最多预存{months}个月的费用，您家现在还能预存{shown(room)}。")
