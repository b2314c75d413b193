"""Setting up what is charged: items, tariffs, prices, and which homes pay. Nothing here is ever edited: a change is a new row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.cycles import LENGTHS, cycle_with, months_later
from models.billing.discounts import YEAR
from models.billing.due import Part, due_month
from models.billing.metered import KIND_OF_ITEM
from models.billing.proration import Proration
from models.billing.tables import Bill, BillingRun, Charge, FeeItem, Tariff, TariffPrice
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import Rounding

FUNDS = {"income": "公司收入", "agency": "代收", "public": "公共收益", "deposit": "押金"}
HIGHEST = 2 * 10**9  # a price in 1/100 fen: 200,000 yuan, as much as its column holds
FORMULAS = {"area": "按面积", "fixed": "按户", "floor": "按楼层", "meter": "按表"}


@dataclass(frozen=True)
class Item:
    """A fee item as the product knows it (domain rules 1.2)."""

    code: str
    name: str
    fund: str
    payer: str = "owner"


ITEMS = {
    item.code: item
    for item in (
        Item("PROP", "物业费", "income"),
        Item("PARK_RENT", "停车费", "public", "occupant"),
        Item("PARK_MGMT", "车位管理费", "income"),
        Item("LIFT", "电梯费", "income"),
        Item("TRASH", "垃圾清运费", "agency", "occupant"),
        Item("WATER", "水费", "agency", "occupant"),
        Item("ELEC", "电费", "agency", "occupant"),
        Item("SHARE_W", "公摊水费", "agency"),
        Item("SHARE_E", "公摊电费", "agency"),
        Item("SHARE_O", "公摊费", "agency"),
        Item("HEAT", "供暖费", "agency"),
        Item("RENO_DEP", "装修押金", "deposit"),
        Item("CARD_DEP", "门禁卡押金", "deposit", "occupant"),
        Item("OTHER_DEP", "其他押金", "deposit", "occupant"),
        Item("DAMAGE", "损坏赔偿款", "agency"),
        Item("RENO_TRASH", "装修垃圾清运费", "income"),
        Item("CARD", "门禁卡工本费", "income", "occupant"),
        Item("SPECIAL", "有偿服务费", "income", "occupant"),
        Item("PENALTY", "违约金", "income"),
    )
}


@dataclass(frozen=True)
class Agreement:
    """What a compound has agreed on for one item: everything of a tariff but its rows' numbers. `price` is in 1/100 fen."""

    formula: str
    price: int
    document: str
    from_day: date
    cycle_months: int = 1
    in_advance: bool = True
    anchor: date = date(2000, 1, 1)
    applies_to: str = "home"
    rounding: Rounding = Rounding.FEN_HALF_UP
    month_by_month: bool = True
    proration: Proration = Proration.NEXT_MONTH
    due_days: int | None = None
    late_rate: int = 0
    late_cap: int = 100
    grace_days: int = 0
    floors: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, Any] = field(default_factory=dict)
    offer: Mapping[str, Any] = field(default_factory=dict)


def item_of(session: Session, company_id: int, code: str) -> FeeItem:
    """The company's item, made on first use. Raises KeyError for a code the product does not know."""
    known = ITEMS[code]
    found = session.scalar(sa.select(FeeItem).where(FeeItem.company_id == company_id, FeeItem.code == code))
    if found is None:
        found = FeeItem(company_id=company_id, code=code, name=known.name, fund=known.fund, payer=known.payer)
        session.add(found)
        session.flush()
    return found


def agree(session: Session, community_id: int, code: str, agreement: Agreement, *, by: str, now: datetime) -> Tariff:
    """A new tariff with its first price. An older one of the same item ends the day before. Raises Refusal."""
    _refuse_price(agreement.price)
    if agreement.cycle_months not in LENGTHS:
        raise Refusal(f"几个月一收请写：{'、'.join(map(str, LENGTHS))}。")
    if agreement.formula == "meter" and (code not in KIND_OF_ITEM or agreement.in_advance):
        raise Refusal("按表收的只有水费、电费、供暖费，而且要后付：先用后交。")
    if agreement.offer and (agreement.cycle_months != YEAR or not agreement.in_advance or agreement.formula == "meter"):
        raise Refusal("预交优惠只给一年一收、先付的项目。")
    if not agreement.document.strip():
        raise Refusal("请写明这个价格的依据，比如合同或业主大会决议。")
    if ITEMS[code].fund == "deposit":
        raise Refusal("押金不出账单，收的时候说「收押金」。")
    community = session.get_one(Community, community_id)
    item = item_of(session, community.company_id, code)
    _end_older(session, community_id, item.id, agreement)
    tariff = Tariff(
        community_id=community_id, item_id=item.id, formula=agreement.formula, applies_to=agreement.applies_to,
        cycle_months=agreement.cycle_months, in_advance=agreement.in_advance, anchor=agreement.anchor,
        rounding=agreement.rounding.value, month_by_month=agreement.month_by_month, proration=agreement.proration.value,
        due_days=agreement.due_days, late_rate=agreement.late_rate, late_cap=agreement.late_cap,
        grace_days=agreement.grace_days, floors=dict(agreement.floors), tiers=dict(agreement.tiers),
        offer=dict(agreement.offer), from_day=agreement.from_day,
    )  # fmt: skip
    session.add(tariff)
    session.flush()
    session.add(
        TariffPrice(
            tariff_id=tariff.id, valid_from=agreement.from_day, price=agreement.price, document=agreement.document
        )
    )
    record(
        session,
        at=now,
        actor=by,
        action="tariff.agree",
        subject=f"tariff:{tariff.id}",
        source="system",
        company_id=community.company_id,
        details={"item": code, "price": agreement.price, "from": agreement.from_day.isoformat()},
    )
    return tariff


def _end_older(session: Session, community_id: int, item_id: int, agreement: Agreement) -> None:
    older = session.scalars(
        sa.select(Tariff).where(
            Tariff.community_id == community_id, Tariff.item_id == item_id, Tariff.until_day.is_(None)
        )
    ).all()
    for tariff in older:
        reason = why_not_ended(session, tariff, agreement)
        if reason:
            raise Refusal(f"这个收费项目{reason}。")
        tariff.until_day = agreement.from_day - timedelta(days=1)


def why_not_ended(session: Session, tariff: Tariff, agreement: Agreement) -> str:
    """Why this agreement cannot follow the one in force, in words; "" when it can.

    It may begin on any day, inside a period too, after all that was billed by the old one: no day is charged for by both. By meter
    a period is from one reading to the next, and nobody reads on that day: there it begins with a period.
    """
    from_day = agreement.from_day
    if tariff.from_day >= from_day:
        return f"从 {tariff.from_day} 起已经有标准了，新标准要从更晚的日子开始"
    period = cycle_with(tariff.anchor, tariff.cycle_months, from_day)
    if period.start != from_day and "meter" in (tariff.formula, agreement.formula):
        after = period.end + timedelta(days=1)
        return f"按表收，一期是 {period.start} 到 {period.end}，新标准要从一期的第一天开始，比如 {after}"
    billed = _billed_until(session, tariff, from_day, ("posted", "draft"))
    if billed is not None:
        return f"到 {billed} 为止已经按现在的标准算过账单，新标准要从那以后开始；还没发布的账单可以先重新算"
    return _missed(session, tariff.community_id, agreement) if period.start != from_day else ""


def _missed(session: Session, community_id: int, agreement: Agreement) -> str:
    """The first days of an agreement are billed in a month of their own; where that is worked out already nobody would pay them."""
    first = cycle_with(agreement.anchor, agreement.cycle_months, agreement.from_day)
    month = due_month(Part(first, agreement.from_day, first.end), in_advance=agreement.in_advance)
    state = session.scalar(
        sa.select(BillingRun.state).where(
            BillingRun.community_id == community_id, BillingRun.period == f"{month:%Y-%m}"
        )
    )
    if state is None:
        return ""
    days = f"{agreement.from_day} 到 {first.end} 要算在 {month:%Y-%m} 的账单里"
    if state != "published":
        return f"{days}，那个月的已经算好了，请先到「出账」点重新算，再加新标准"
    return f"{days}，那个月的已经发布了，新标准请从 {first.end + timedelta(days=1)} 开始"


def _billed_until(session: Session, tariff: Tariff, day: date, states: Sequence[str]) -> date | None:
    """The last day that is billed by this tariff, if that is not before `day`."""
    earliest = months_later(day.replace(day=1), -tariff.cycle_months)
    return session.scalar(
        sa.select(sa.func.max(Bill.end)).where(
            Bill.community_id == tariff.community_id, Bill.period >= f"{earliest:%Y-%m}", Bill.tariff_id == tariff.id,
            Bill.end >= day, Bill.state.in_(states),
        )
    )  # fmt: skip


def _refuse_price(price: int) -> None:
    if price <= 0:
        raise Refusal("单价要大于0。")
    if price > HIGHEST:
        raise Refusal("单价太大了，请核对。")


def change_price(
    session: Session, tariff: Tariff, *, price: int, valid_from: date, document: str, by: str, now: datetime
) -> None:
    """A price from a day on (1/100 fen). Raises Refusal for a day that has been billed already, and without a document."""
    _refuse_price(price)
    if not document.strip():
        raise Refusal("请写明调价的依据，比如业主大会决议的日期和编号。")
    billed = session.scalar(
        sa.select(sa.func.max(BillingRun.period)).where(
            BillingRun.community_id == tariff.community_id, BillingRun.state == "published"
        )
    )
    if billed is not None and f"{valid_from:%Y-%m}" <= billed:
        raise Refusal(f"{billed}的账单已经发布，新单价只能从以后的月份开始。")
    ahead = _billed_until(session, tariff, valid_from, ("posted",))  # a quarter or a year, in advance
    if ahead is not None:
        raise Refusal(f"到{ahead}的账单已经发出，新单价只能从那以后开始。")
    if valid_from < tariff.from_day or (tariff.until_day is not None and valid_from > tariff.until_day):
        raise Refusal(
            f"这个标准从{tariff.from_day}起{f'到{tariff.until_day}' if tariff.until_day else ''}，那天不在里面。"
        )
    known = sa.select(TariffPrice.id).where(TariffPrice.tariff_id == tariff.id, TariffPrice.valid_from == valid_from)
    if session.scalar(known) is not None:
        raise AlreadyDone(f"从{valid_from}起的单价已经登记过了。")
    session.add(TariffPrice(tariff_id=tariff.id, valid_from=valid_from, price=price, document=document))
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == tariff.community_id))
    record(
        session,
        at=now,
        actor=by,
        action="tariff.price",
        subject=f"tariff:{tariff.id}",
        source="system",
        company_id=company_id,
        details={"price": price, "from": valid_from.isoformat()},
    )


def charge_all(session: Session, tariff: Tariff, from_day: date) -> int:
    """Every home of the kind the tariff is meant for pays by it from a day on, unless it does already; returns how many new.

    Who paid by the agreement before it goes on from the day of its handover: a new agreement makes nobody a newcomer.
    """
    before = sa.orm.aliased(Charge)
    since = (
        sa.select(sa.func.max(before.from_day))
        .join(Tariff, Tariff.id == before.tariff_id)
        .where(
            Tariff.community_id == tariff.community_id, Tariff.item_id == tariff.item_id,
            Tariff.until_day == tariff.from_day - timedelta(days=1), before.home_id == Home.id, before.until_day.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip
    homes = (
        sa.select(Home.id, sa.literal(tariff.id), sa.func.coalesce(since, sa.literal(from_day, sa.Date)), sa.literal(1))
        .where(
            Home.community_id == tariff.community_id,
            Home.kind == tariff.applies_to,
            ~sa.exists().where(Charge.tariff_id == tariff.id, Charge.home_id == Home.id),
        )
        .order_by(Home.id)
    )
    added = session.execute(
        sa.insert(Charge).from_select(["home_id", "tariff_id", "from_day", "pieces"], homes).returning(Charge.id)
    )
    return len(added.all())


def charge_homes(session: Session, tariff: Tariff, homes: Sequence[int], from_day: date, *, pieces: int = 1) -> None:
    """These homes pay by it from a day on."""
    session.execute(
        sa.insert(Charge),
        [
            {"home_id": home, "tariff_id": tariff.id, "from_day": from_day, "until_day": None, "pieces": pieces}
            for home in homes
        ],
    )
