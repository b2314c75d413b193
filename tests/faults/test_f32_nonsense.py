"""Fault 32: areas, prices, coefficients and tiers that cannot be. A home nobody can bill is listed with the reason; its neighbours are
billed all the same, and no bill is ever over nothing, over less than nothing, or over more than a bill can say."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.meter_actions import new_meter
from models.billing.meter_tables import Meter, Reading
from models.billing.reading_sheet import read_readings
from models.billing.run import BEYOND
from models.billing.tables import Bill, Charge, SkippedHome, Tariff, TariffPrice
from models.billing.tariff_sheet import COLUMNS, price_in, read_tariffs
from models.billing.tariffs import HIGHEST, Agreement, agree, change_price, charge_all
from models.errors import Refusal
from models.estate.ledger_values import read_area
from models.estate.tables import Home
from models.estate.unclear import Unclear
from tests.support.by_hand import whole_fen
from tests.support.fees import NOW, PAPER, draft_month, four_homes, home_of, service_fee
from tests.support.ledgers import sheet

START = date(2024, 1, 1)
INT_END = 2**31 - 1


# --- what comes in by a sheet or a page ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    ["0", "0.00", "-1", "-89.37", "nan", "NaN", "inf", "-inf", "1e400", "1e3", "1_000", "89,37", "1,089.37", "89.37.1",
     "八十九", "45+44.37", "=45+44", "#DIV/0!", "1/0", "0x59", "４.９９", "2000.01", "99999999999999999999", "9" * 400, "²", "٣", "89.37亩"],
)  # fmt: skip
def test_f32_an_area_that_cannot_be_is_asked_about(said: str) -> None:
    with pytest.raises(Unclear):
        read_area(said)


def test_f32_an_area_in_full_width_digits_is_that_area() -> None:
    assert [read_area(said) for said in ("８９.３７", "８９．３７㎡", " 89.37 ", "")] == [8937, 8937, 8937, None]


@pytest.mark.parametrize(
    "said",
    ["", "0", "0.0000", "-1.85", "nan", "sNaN", "inf", "-Infinity", "1e400", "1e999999", "1_0", "1.85001", "200000.01",
     "1/0", "1,85", "一块八", "²", "0x1", "9" * 400, "--1", "1.85元元"],
)  # fmt: skip
def test_f32_a_price_that_cannot_be_is_refused(said: str) -> None:
    assert price_in(said) is None
    (refusal,) = read_tariffs(
        [sheet("收费标准", list(COLUMNS), ["物业费", "按面积", said, "1", "先付", "住宅", "2026-01-01", "合同"])]
    ).refusals
    assert "单价" in refusal


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("阶梯", "0-180：5，180-100：7，100以上：9"),
        ("阶梯", "0-180：5，180-180：7，180以上：9"),
        ("阶梯", "0-0：5，0以上：7"),
        ("阶梯", "0-180：5，180以上：-7"),
        ("阶梯", "0-180：5，180以上：1/0"),
        ("违约金每天", "1e999999%"),
        ("违约金每天", "nan"),
        ("违约金每天", "-0.05%"),
    ],
)
def test_f32_tiers_and_rates_that_cannot_be_are_refused(head: str, said: str) -> None:
    line = ["水费", "按表", "5", "1", "后付", "住宅", "2026-01-01", "合同", said]
    found = read_tariffs([sheet("收费标准", [*COLUMNS, head], line)])
    assert not found.rows
    assert all(head in refusal for refusal in found.refusals)


@pytest.mark.parametrize("said", ["0", "-40", "40倍", "1/0", "nan", "1e3", "0.00", "四十", "123456"])
def test_f32_a_ratio_that_cannot_be_is_not_taken_for_one(said: str) -> None:
    head = ["房号", "本期读数", "抄表日期", "倍率"]
    found = read_readings([sheet("水表", head, ["3-2-501", 12, "2026-03-01", said])])
    assert (found.rows, ["倍率" in refusal for refusal in found.refusals]) == ((), [True])


def test_f32_nobody_agrees_on_a_price_that_cannot_be(session: Session) -> None:
    garden = four_homes(session)
    tariff = service_fee(session, garden)
    for price in (0, -1, HIGHEST + 1, 10**10, 10**400):
        with pytest.raises(Refusal, match="单价"):
            agree(session, garden, "HEAT", Agreement("area", price, PAPER, START), by="test", now=NOW)
        with pytest.raises(Refusal, match="单价"):
            change_price(session, tariff, price=price, valid_from=date(2026, 4, 1), document=PAPER, by="test", now=NOW)
    for months in (0, -1, 2, 13):
        with pytest.raises(Refusal, match="几个月"):
            agree(session, garden, "HEAT", Agreement("area", 1, PAPER, START, cycle_months=months), by="test", now=NOW)


# --- what stands in the books all the same ------------------------------------------------------------------------------

# What is wrong with 3-2-501, and why it then gets no bill. Nobody else has anything wrong.
IN_THE_HOME = [
    *(("area", {"area": area}, "没有登记面积") for area in (None, 0, -1, -8937, -INT_END)),
    ("area", {"area": INT_END}, BEYOND),
    *(("floor", {"floor": floor}, "没有这一层的系数") for floor in (None, -1, 0, 99, INT_END)),
]
WRONG_PARTS = ("1/0", "-1.4", "nan", "inf", "一点四", "", None, [], {}, "1.4.1", "-1e-9")
IN_THE_FLOORS = [("floor", {"floors": {"5": part}}, "这一层的系数登记得不对") for part in WRONG_PARTS if part is not None] + [
    ("floor", {"floors": {"5": None}}, "没有这一层的系数"),
    ("floor", {"floors": {}}, "没有这一层的系数"),
    ("floor", {"floors": {"5": "1e400"}}, BEYOND),
    ("floor", {"floors": {"5": "99999999"}}, BEYOND),
]  # fmt: skip
IN_THE_PIECES = [("fixed", {"pieces": pieces}, "份数登记得不对") for pieces in (0, -1, -INT_END)] + [
    ("fixed", {"pieces": INT_END}, BEYOND),
    ("floor", {"pieces": 0}, "份数登记得不对"),
]
WRONG_TIERS: tuple[Any, ...] = (
    {"span": "year", "tiers": [["180", "500"], ["100", "700"], [None, "900"]]},
    {"span": "year", "tiers": [["180", "500"], ["180", "700"], [None, "900"]]},
    {"span": "year", "tiers": [["1/0", "500"], [None, "900"]]},
    {"span": "year", "tiers": [["180", "1/0"], [None, "900"]]},
    {"span": "month", "tiers": [["nan", "500"], [None, "900"]]},
    {"span": "month", "tiers": [["180", "500"]]},
    {"span": "month", "tiers": []},
    {"span": "month"},
    {"span": "month", "tiers": [["180"]]},
    {"span": "month", "tiers": [[None, None]]},
)
IN_THE_METER = [
    *(("meter", {"ratio": ratio}, "表的倍率登记得不对") for ratio in ("0", "-40", "1/0", "nan", "inf", "四十", "")),
    ("meter", {"ratio": "1e400"}, BEYOND),
    ("meter", {"ratio": "99999999"}, BEYOND),
    ("meter", {"start": None}, "表的起始读数还没有登记"),
    ("meter", {"kind": "gas"}, "没有登记水表"),
    *(("meter", {"tiers": tiers}, "阶梯价登记得不对") for tiers in WRONG_TIERS),
    ("meter", {"tiers": {"span": "month", "tiers": [[None, "-500"]]}}, BEYOND),
]
WITHOUT_A_PRICE = [
    *((formula, {"price": None}, "这段时间没有单价") for formula in ("area", "floor", "fixed", "meter")),
    *((formula, {"later": True}, "这段时间没有单价") for formula in ("area", "floor", "fixed", "meter")),
    *((formula, {"price": -18_500}, BEYOND) for formula in ("area", "floor", "fixed", "meter")),
]
ALL = [*IN_THE_HOME, *IN_THE_FLOORS, *IN_THE_PIECES, *IN_THE_METER, *WITHOUT_A_PRICE]
CODES = {"area": "PROP", "floor": "LIFT", "fixed": "TRASH", "meter": "WATER"}
OF_EVERYBODY = {"floors", "tiers", "price", "later"}  # what is wrong with the tariff is wrong for every home


def items(session: Session, garden: int) -> dict[str, int]:
    """One item of each formula, and water meters that have been read: formula → tariff."""
    found = {}
    session.execute(sa.update(Home).where(Home.room == "102").values(area=5000))
    for formula, code in CODES.items():
        more: dict[str, Any] = {"floors": {"1": "1", "5": "1.4"}} if formula == "floor" else {}
        if formula == "meter":
            more = {"in_advance": False}
        agreement = Agreement(formula, 18_500, PAPER, START, **more)
        tariff = agree(session, garden, code, agreement, by="test", now=NOW)
        charge_all(session, tariff, START)
        found[formula] = tariff.id
    for room in ("501", "502", "101", "102"):
        home = home_of(session, room)
        meter = new_meter(home, garden, "water", now=NOW, start=0, start_on=date(2026, 1, 31))
        session.add(meter)
        session.flush()
        reading = {"meter_id": meter.id, "on": date(2026, 2, 28), "value": 13 * 10_000, "source": "chat", "by": "test"}
        session.execute(sa.insert(Reading).values(**reading, at=NOW))
    return found


def spoil(session: Session, tariff: int, what: dict[str, Any]) -> None:
    """Make one thing wrong behind the program's back."""
    ((name, value),) = what.items()
    first = home_of(session, "501").id
    if name == "later":
        session.execute(sa.update(TariffPrice).values(valid_from=date(2026, 3, 1) + timedelta(days=400)))
    elif name == "price":
        wrong = sa.delete(TariffPrice) if value is None else sa.update(TariffPrice).values(price=value)
        session.execute(wrong.where(TariffPrice.tariff_id == tariff))
    elif name in OF_EVERYBODY:
        session.execute(sa.update(Tariff).where(Tariff.id == tariff).values({name: value}))
    elif name == "pieces":
        session.execute(
            sa.update(Charge).where(Charge.tariff_id == tariff, Charge.home_id == first).values(pieces=value)
        )
    else:
        table: Any = Home if name in ("area", "floor") else Meter
        key = Home.id if table is Home else Meter.home_id
        session.execute(sa.update(table).where(key == first).values({name: value}))
    session.expire_all()


def outcome(formula: str, home: Home, case: tuple[str, dict[str, Any], str]) -> int | str:
    """Fen, by hand (1.85 yuan a m², a piece, a floor's part of one, or a ton of 13), or the reason of a home that is listed."""
    wrong_in, what, reason = case
    ((name, _),) = what.items()
    if name == "later":
        return reason  # of every item: prices of next year
    if formula == wrong_in and (name in OF_EVERYBODY or home.room == "501"):
        return reason if name != "floors" or home.floor == 5 else "没有这一层的系数"
    parts = {5: Fraction(14, 10), 1: Fraction(1)}
    quantity = {"area": Fraction(home.area or 0, 100), "fixed": 1, "floor": parts[home.floor or 0], "meter": 13}
    return whole_fen(Fraction(quantity[formula]) * 185)


@pytest.mark.parametrize(
    "cases", [pytest.param(ALL[::14], id="some"), pytest.param(ALL, id="all", marks=pytest.mark.thorough)]
)
def test_f32_whoever_cannot_be_billed_is_listed_with_the_reason_and_the_others_are_billed(
    session: Session, cases: list[tuple[str, dict[str, Any], str]]
) -> None:
    garden = four_homes(session)
    tariffs = items(session, garden)
    homes = session.scalars(sa.select(Home)).all()
    wanted = [
        {(home.id, tariffs[formula]): outcome(formula, home, case) for home in homes for formula in tariffs}
        for case in cases
    ]
    for (formula, what, _), right in zip(cases, wanted, strict=True):
        with session.begin_nested() as point:
            spoil(session, tariffs[formula], what)
            draft_month(session, garden, "2026-03", limit=100)
            bills = session.execute(sa.select(Bill.home_id, Bill.tariff_id, Bill.amount)).all()
            listed = session.execute(
                sa.select(Charge.home_id, Charge.tariff_id, SkippedHome.reason).join_from(SkippedHome, Charge)
            ).all()
            assert len(bills) + len(listed) == len(right), what
            assert {(home, tariff): said for home, tariff, said in [*bills, *listed]} == right, what
            point.rollback()
        session.expire_all()
