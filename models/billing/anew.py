"""What the days of a bill come to by what is registered now: the area, the prices, the readings as they have been put right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.due import DueTariff, parts_of, prices_of
from models.billing.lines import Price
from models.billing.metered import Use
from models.billing.metered_run import metered_lines
from models.billing.run import BEYOND, LARGEST, Drafted, charges_of, standing_empty
from models.billing.tables import Bill, Tariff
from models.errors import Refusal

OTHER_DAYS = "这张账单的起止和收费标准的一期对不上（过户时按天分开过的就是这样），不能自动重新算。"
NOT_CHARGED = "这一户现在不收这一项"


@dataclass(frozen=True)
class OwnPrice:
    """The right price where a wrong one was registered, in 1/100 fen, and the paper it rests on: for this bill only."""

    price: int
    document: str


@dataclass(frozen=True)
class Anew:
    """A bill as it would be now. `uses`: what it counts of which meter."""

    tariff_id: int
    start: date
    end: date
    fen: int
    basis: Mapping[str, Any]
    uses: Sequence[tuple[int, Use]] = ()


def worked_out_anew(session: Session, bill: Bill, own: OwnPrice | None = None, *, without: int) -> list[Anew]:
    """The bills of these days: one, two where the agreement changed among them, none when nothing is owed any more.

    `without`: the bill whose use of meters they take the place of. Raises Refusal when they cannot be worked out.
    """
    found = [_line(session, bill, due, without) for due in _dues(session, bill, own)]
    made = [one for one in found if one is not None]
    return [replace(one, basis={**one.basis, "document": own.document}) for one in made] if own else made


def _dues(session: Session, bill: Bill, own: OwnPrice | None) -> list[DueTariff]:
    tariffs = session.scalars(
        sa.select(Tariff)
        .where(Tariff.community_id == bill.community_id, Tariff.item_id == bill.item_id)
        .order_by(Tariff.from_day)
    ).all()
    ended = {tariff.until_day for tariff in tariffs}
    dues = []
    for tariff in tariffs:
        follows = tariff.from_day - timedelta(days=1) in ended
        prices = (Price(date.min, Fraction(own.price, 100)),) if own else prices_of(session, tariff.id)
        for part in parts_of(tariff, follows=follows, since=bill.start, until=bill.end):
            dues.append(DueTariff(tariff, part.cycle, prices, part.opens, part.closes))
    days = sum((due.closes - due.opens).days + 1 for due in dues)
    inside = all(bill.start <= due.opens and due.closes <= bill.end for due in dues)
    if not inside or days != (bill.end - bill.start).days + 1:
        raise Refusal(OTHER_DAYS)
    if own and (len(dues) != 1 or dues[0].tariff.formula == "meter"):
        raise Refusal("这张账单不止一个单价，不能在这里写单价。")
    return dues


def _line(session: Session, bill: Bill, due: DueTariff, without: int) -> Anew | None:
    charged = charges_of(session, due.tariff, bill.home_id)
    served = [row for row in charged if row.until_day is None or row.until_day >= due.opens]
    if not served:
        raise Refusal(f"{NOT_CHARGED}。不用再收的，请选「不再收」。")
    if due.tariff.formula == "meter":
        return _by_meter(session, bill, due, served[-1], without)
    less = standing_empty(session, due, served).get(bill.home_id, ())
    for row in served:  # whoever stopped paying and began again later has two: one of them is of these days
        found = Drafted(due).bill_of(row, less)
        if isinstance(found, str):
            raise _unknown(found)
        if found is not None:
            return Anew(due.tariff.id, due.opens, due.closes, found[0], json.loads(found[1]))
    return None


def _by_meter(session: Session, bill: Bill, due: DueTariff, row: Any, without: int) -> Anew | None:
    since = {bill.home_id: row.from_day}
    line = metered_lines(session, due.tariff, due.prices, since, due.cycle, without=without)[bill.home_id]
    if isinstance(line, str):
        raise _unknown(line)
    if not 0 <= line.charged.fen <= LARGEST:
        raise _unknown(BEYOND)
    if not line.charged.fen:
        return None
    return Anew(due.tariff.id, due.opens, due.closes, line.charged.fen, line.charged.basis, line.uses)


def _unknown(why: str) -> Refusal:
    return Refusal(f"按现在登记的算不出来：{why}。请先改好，再重新出账。")
