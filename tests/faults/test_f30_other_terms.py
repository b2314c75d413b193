"""Fault 30: a price or a whole agreement that changes inside a period, backwards, or while a month is being billed. What was issued
stays as it was, with the terms it was worked out by; no day is charged for twice, and none is forgotten."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.due import due_tariffs
from models.billing.explain import equation
from models.billing.lines import from_basis
from models.billing.proration import Proration
from models.billing.publish import reverse
from models.billing.tables import Bill, Charge, Tariff, TariffPrice
from models.billing.tariff_import import KIND, clashes, undo_tariffs, write_tariffs
from models.billing.tariff_sheet import TariffRow
from models.billing.tariffs import Agreement, agree, change_price, charge_all
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.imports.actions import bring
from models.imports.states import DONE
from models.money import Rounding
from models.payments.invariants import violations
from tests.support.by_hand import days_from, month_due, months_of, whole_fen
from tests.support.fees import NOW, PAPER, bill_month, draft_month, four_homes, home_of, service_fee

AREAS = {"501": 8937, "502": 6850, "101": 5632}
Changes = tuple[tuple[date, int], ...]


def issued(session: Session) -> list[tuple[Any, ...]]:
    """Everything that bills say, drafts too."""
    columns = (Bill.id, Bill.home_id, Bill.start, Bill.end, Bill.amount, Bill.state, Bill.due_on, Bill.basis)
    return [tuple(row) for row in session.execute(sa.select(*columns).order_by(Bill.id))]


def terms(session: Session) -> list[tuple[Any, ...]]:
    tariffs = session.execute(sa.select(Tariff.id, Tariff.from_day, Tariff.until_day).order_by(Tariff.id))
    prices = session.execute(sa.select(TariffPrice.tariff_id, TariffPrice.valid_from, TariffPrice.price))
    return [*map(tuple, tariffs), *sorted(map(tuple, prices))]


def new_prices(session: Session, tariff: Tariff, changes: Changes) -> None:
    for day, price in changes:
        change_price(session, tariff, price=price, valid_from=day, document=PAPER, by="test", now=NOW)


# --- a new price inside what is billed next -----------------------------------------------------------------------------

QUARTER, YEAR, AFTERWARDS = {"cycle_months": 3}, {"cycle_months": 12}, {"in_advance": False}
FROM_THE_15TH = {"from_day": date(2024, 1, 15), "anchor": date(2024, 1, 15)}
INSIDE: list[tuple[dict[str, Any], str, date, Changes]] = [
    ({}, "2026-04", date(2026, 4, 1), ((date(2026, 4, 1), 20_000),)),
    ({}, "2026-04", date(2026, 4, 1), ((date(2026, 4, 2), 20_000),)),
    ({}, "2026-04", date(2026, 4, 1), ((date(2026, 4, 30), 17_777),)),
    ({}, "2026-04", date(2026, 4, 1), ((date(2026, 5, 1), 20_000),)),
    ({}, "2028-02", date(2028, 2, 1), ((date(2028, 2, 29), 1),)),
    ({}, "2026-04", date(2026, 4, 1), ((date(2026, 4, 11), 20_000), (date(2026, 4, 21), 15_555))),
    ({}, "2026-04", date(2026, 4, 1), ((date(2026, 4, 21), 15_555), (date(2026, 4, 11), 20_000))),
    (QUARTER, "2026-04", date(2026, 4, 1), ((date(2026, 5, 16), 33_333),)),
    (QUARTER, "2026-04", date(2026, 4, 1), ((date(2026, 4, 2), 33_333), (date(2026, 6, 30), 11_111))),
    (YEAR, "2027-01", date(2027, 1, 1), ((date(2027, 7, 9), 33_333),)),
    ({**YEAR, "month_by_month": False}, "2027-01", date(2027, 1, 1), ((date(2027, 7, 9), 33_333),)),
    (AFTERWARDS, "2026-05", date(2026, 4, 1), ((date(2026, 4, 16), 20_000), (date(2026, 5, 2), 1))),
    ({**AFTERWARDS, **QUARTER}, "2026-07", date(2026, 4, 1), ((date(2026, 6, 1), 20_000),)),
    (FROM_THE_15TH, "2026-04", date(2026, 4, 15), ((date(2026, 5, 14), 40_000),)),
]


@pytest.mark.thorough
def test_f30_a_price_that_changes_inside_a_period_holds_from_its_day_on(session: Session) -> None:
    garden = four_homes(session)
    rooms = dict(session.execute(sa.select(Home.id, Home.room)).all())
    for more, period, first, changes in INSIDE:
        with session.begin_nested() as point:
            tariff = service_fee(session, garden, **more)
            new_prices(session, tariff, changes)
            draft_month(session, garden, period, limit=100)
            amounts = dict(session.execute(sa.select(Bill.home_id, Bill.amount)).all())
            prices = {date(2024, 1, 1): 18_500, **dict(changes)}
            months = months_of(tariff.anchor, tariff.cycle_months, first)

            def of_a_month(day: date, area: int, prices: dict[date, int] = prices) -> Fraction:
                return Fraction(area * prices[max(begun for begun in prices if begun <= day)], 10_000)

            for home, amount in amounts.items():
                area = AREAS[rooms[home]]
                exact = [
                    month_due(days, days, lambda day, m2=area: of_a_month(day, m2), "full_month") for days in months
                ]
                right = sum(map(whole_fen, exact)) if tariff.month_by_month else whole_fen(sum(exact, Fraction(0)))
                assert amount == right, (more, changes)
            assert len(amounts) == len(AREAS)
            point.rollback()
        session.expire_all()


# --- backwards ----------------------------------------------------------------------------------------------------------


def price_from(day: date) -> Callable[[Session, Tariff], None]:
    return lambda session, tariff: new_prices(session, tariff, ((day, 30_000),))


def agreement_from(day: date, **more: Any) -> Callable[[Session, Tariff], None]:
    def new(session: Session, tariff: Tariff) -> None:
        agreement = Agreement(
            **{"formula": "area", "price": 30_000, "document": PAPER, "from_day": day, "anchor": day, **more}
        )
        assert clashes(session, tariff.community_id, [TariffRow("PROP", agreement)]), "said before it is tried"
        agree(session, tariff.community_id, "PROP", agreement, by="test", now=NOW)

    return new


BACKWARDS: list[tuple[dict[str, Any], Callable[[Session, Tariff], None], str]] = [
    ({}, price_from(date(2025, 1, 1)), "已经发布"),
    ({}, price_from(date(2026, 1, 1)), "已经发布"),
    ({}, price_from(date(2026, 1, 31)), "已经发布"),
    (QUARTER, price_from(date(2026, 2, 1)), "到2026-03-31的账单已经发出"),
    (QUARTER, price_from(date(2026, 3, 31)), "到2026-03-31的账单已经发出"),
    (YEAR, price_from(date(2026, 7, 1)), "到2026-12-31的账单已经发出"),
    (YEAR, price_from(date(2026, 12, 31)), "到2026-12-31的账单已经发出"),
    ({}, agreement_from(date(2024, 1, 1)), "更晚的日子"),
    ({}, agreement_from(date(2025, 12, 1)), "算过账单"),
    ({}, agreement_from(date(2026, 1, 1)), "算过账单"),
    ({}, agreement_from(date(2026, 1, 16)), "到 2026-01-31 为止已经按现在的标准算过账单"),
    ({}, agreement_from(date(2026, 1, 31)), "到 2026-01-31 为止已经按现在的标准算过账单"),
    (AFTERWARDS, agreement_from(date(2026, 1, 16)), "2026-01-16 到 2026-02-15 要算在 2026-01 的账单里"),
    (QUARTER, agreement_from(date(2026, 2, 1)), "算过账单"),
    (QUARTER, agreement_from(date(2026, 1, 1), cycle_months=1), "算过账单"),
    (YEAR, agreement_from(date(2026, 7, 1)), "算过账单"),
]  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("published", [True, False], ids=["published", "drafted"])
def test_f30_nothing_reaches_back_into_what_has_been_billed(session: Session, *, published: bool) -> None:
    garden = four_homes(session)
    for more, change, words in BACKWARDS:
        with session.begin_nested() as point:
            tariff = service_fee(session, garden, **more)
            (bill_month if published else draft_month)(session, garden, "2026-01", limit=100)
            bills, before = issued(session), terms(session)
            assert len(bills) == len(AREAS)
            if published or "已经发" not in words:  # a draft may be worked out anew, and the manager is told so
                with pytest.raises(Refusal, match=words):
                    change(session, tariff)
                session.expire_all()
                assert terms(session) == before, words
            assert issued(session) == bills, words
            point.rollback()
        session.expire_all()


def test_f30_by_meter_a_new_agreement_begins_with_a_period(session: Session) -> None:
    """From one reading to the next: nobody reads on the day of the change."""
    garden = four_homes(session)
    water = {"formula": "meter", "price": 50_000, "document": PAPER, "in_advance": False}
    agree(session, garden, "WATER", Agreement(**water, from_day=date(2026, 1, 1)), by="test", now=NOW)
    words = "一期是 2026-02-01 到 2026-02-28，新标准要从一期的第一天开始，比如 2026-03-01"
    with pytest.raises(Refusal, match=words):
        agree(session, garden, "WATER", Agreement(**water, from_day=date(2026, 2, 15)), by="test", now=NOW)
    agree(session, garden, "WATER", Agreement(**water, from_day=date(2026, 3, 1)), by="test", now=NOW)


def test_f30_the_day_after_what_was_billed_is_free(session: Session) -> None:
    garden = four_homes(session)
    tariff = service_fee(session, garden, **QUARTER)
    bill_month(session, garden, "2026-01")
    new_prices(session, tariff, ((date(2026, 4, 1), 30_000),))
    with pytest.raises(AlreadyDone):
        new_prices(session, tariff, ((date(2026, 4, 1), 31_000),))
    agree(
        session, garden, "PROP", Agreement("area", 40_000, PAPER, date(2026, 7, 1), anchor=date(2026, 7, 1)),
        by="test", now=NOW,
    )  # fmt: skip
    bill_month(session, garden, "2026-04")
    bills = session.execute(
        sa.select(Bill.start, Bill.end, Bill.amount).where(Bill.home_id == home_of(session, "501").id)
    )
    assert sorted(map(tuple, bills)) == [
        (date(2026, 1, 1), date(2026, 3, 31), 3 * whole_fen(Fraction(8937 * 185, 100))),
        (date(2026, 4, 1), date(2026, 6, 30), 3 * whole_fen(Fraction(8937 * 300, 100))),
    ]


# --- a new agreement from a day on --------------------------------------------------------------------------------------

BEFORE_AND_AFTER: list[tuple[dict[str, Any], date, dict[str, Any]]] = [
    ({}, date(2026, 4, 1), {}),
    ({}, date(2026, 4, 1), QUARTER),
    (QUARTER, date(2026, 4, 1), {}),
    ({}, date(2026, 4, 1), AFTERWARDS),
    (AFTERWARDS, date(2026, 4, 1), {}),
    ({**AFTERWARDS, **QUARTER}, date(2026, 4, 1), {**AFTERWARDS, "formula": "fixed"}),
    (FROM_THE_15TH, date(2026, 4, 15), {**AFTERWARDS}),
    # inside a period of the old one
    ({}, date(2026, 4, 11), {}),
    ({}, date(2026, 4, 11), {"anchor": date(2026, 4, 1)}),
    ({}, date(2026, 4, 30), {"anchor": date(2026, 4, 1), **QUARTER}),
    (QUARTER, date(2026, 5, 16), {"anchor": date(2026, 5, 1)}),
    (QUARTER, date(2026, 6, 30), {"anchor": date(2024, 1, 1), **QUARTER}),
    ({}, date(2026, 4, 2), {"anchor": date(2026, 4, 1), **AFTERWARDS}),
    (AFTERWARDS, date(2026, 4, 16), {"anchor": date(2026, 4, 1)}),
    (AFTERWARDS, date(2026, 4, 16), {"anchor": date(2026, 4, 1), **AFTERWARDS}),
    ({**AFTERWARDS, **QUARTER}, date(2026, 5, 9), {"anchor": date(2026, 5, 1), **AFTERWARDS}),
    (FROM_THE_15TH, date(2026, 4, 30), {"anchor": date(2026, 4, 1), "proration": Proration.DAYS_30}),
]


@pytest.mark.thorough
def test_f30_from_one_agreement_to_the_next_every_day_is_charged_once(session: Session) -> None:
    garden = four_homes(session)
    for before, day, after in BEFORE_AND_AFTER:
        with session.begin_nested() as point:
            service_fee(session, garden, **before)
            bills: list[tuple[Any, ...]] = []
            for period in ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"):
                if period == "2026-04":
                    agreement = Agreement(**{"formula": "area", "price": 30_000, "document": PAPER, "from_day": day,
                                             "anchor": day, **after})  # fmt: skip
                    assert clashes(session, garden, [TariffRow("PROP", agreement)]) == []
                    charge_all(session, agree(session, garden, "PROP", agreement, by="test", now=NOW), day)
                if due_tariffs(session, garden, period):
                    bill_month(session, garden, period, limit=100)
                now = issued(session)
                assert now[: len(bills)] == bills, "what was issued stays as it was"
                bills = now
            home = home_of(session, "501").id
            spans = session.execute(sa.select(Bill.start, Bill.end).where(Bill.home_id == home)).all()
            days = sorted(each for start, end in spans for each in days_from(start, end))
            assert days == list(days_from(days[0], days[-1])), (before, after)
            assert days[0] <= date(2026, 1, 15), (before, after)
            assert days[-1] >= date(2026, 6, 14), (before, after)
            point.rollback()
        session.expire_all()


def new_agreement(session: Session, garden: int, day: date, **more: Any) -> Tariff:
    agreement = Agreement(**{"formula": "area", "price": 21_000, "document": "2026年业主大会决议", "from_day": day,
                             "anchor": date(2024, 1, 1), **more})  # fmt: skip
    tariff = agree(session, garden, "PROP", agreement, by="test", now=NOW)
    charge_all(session, tariff, day)
    return tariff


def amounts(session: Session, room: str) -> list[tuple[str, str, int]]:
    rows = session.execute(
        sa.select(Bill.start, Bill.end, Bill.amount)
        .where(Bill.home_id == home_of(session, room).id)
        .order_by(Bill.start)
    )
    return [(start.isoformat(), end.isoformat(), fen) for start, end, fen in rows]


def test_f30_an_agreement_that_begins_inside_a_month_splits_it_by_the_day(session: Session) -> None:
    """1.85 yuan until 10 April, 2.10 from the 11th: 10 and 20 of 30 days, each rounded once from its exact value."""
    garden = four_homes(session)
    service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    new_agreement(session, garden, date(2026, 4, 11))
    run = bill_month(session, garden, "2026-04")
    # 89.37 × 1.85 × 1/3 = 55.1115, 89.37 × 2.10 × 2/3 = 125.118; 68.50: 42.24166…, 95.90; 56.32: 34.73066…, 78.848
    assert amounts(session, "501")[1:] == [("2026-04-01", "2026-04-10", 5_511), ("2026-04-11", "2026-04-30", 12_512)]
    assert amounts(session, "502")[1:] == [("2026-04-01", "2026-04-10", 4_224), ("2026-04-11", "2026-04-30", 9_590)]
    assert amounts(session, "101")[1:] == [("2026-04-01", "2026-04-10", 3_473), ("2026-04-11", "2026-04-30", 7_885)]
    assert (run.bills, run.total) == (6, 43_195)
    bill_month(session, garden, "2026-05")
    assert amounts(session, "501")[3:] == [("2026-05-01", "2026-05-31", 18_768)]
    told = [
        equation(bill.basis, bill.amount, Rounding.FEN_HALF_UP)
        for bill in session.scalars(
            sa.select(Bill)
            .where(Bill.home_id == home_of(session, "501").id, Bill.period == "2026-04")
            .order_by(Bill.start)
        )
    ]
    assert told == [
        [
            "04月01日到04月10日：89.37平方米 × 1.85元 × 1/3个月 = 55.1115元",
            "这个月55.11元（四舍五入到分）",
            "2026-04-11起换新的收费标准，这是到前一天为止的，后面的另有一张",
        ],
        [
            "04月11日到04月30日：89.37平方米 × 2.10元 × 2/3个月 = 125.118元",
            "这个月125.12元（四舍五入到分）",
            "2026-04-11起换了新的收费标准，这是从那天起的，前面的按原来的标准另有一张",
        ],
    ]
    assert list(violations(session)) == []


def test_f30_a_month_inside_a_quarter_keeps_its_own_days(session: Session) -> None:
    """From 16 May: April, and 15 of 31 days of May, by the old price; 16 of 31 days, and June, by the new one, billed in May."""
    garden = four_homes(session)
    service_fee(session, garden, **QUARTER)
    new_agreement(session, garden, date(2026, 5, 16), **QUARTER)
    bill_month(session, garden, "2026-04")
    assert amounts(session, "501") == [("2026-04-01", "2026-05-15", 16_533 + 8_000)]  # 165.3345 × 15/31 = 80.0005…
    bill_month(session, garden, "2026-05")
    # 187.677 × 16/31 = 96.8655…
    assert amounts(session, "501")[1:] == [("2026-05-16", "2026-06-30", 9_687 + 18_768)]


MOVED_IN: list[tuple[Proration, list[tuple[str, str, int]]]] = [
    # 165.3345 × 6/30, and 20 days of the new price
    (Proration.ACTUAL_DAYS, [("2026-04-01", "2026-04-10", 3_307), ("2026-04-11", "2026-04-30", 12_512)]),
    # the month of the handover is free by both agreements
    (Proration.NEXT_MONTH, []),
    # half a month from the 16th on only, so all of it: 26 days pay for 30
    (Proration.HALF_MONTH, [("2026-04-01", "2026-04-10", 3_815), ("2026-04-11", "2026-04-30", 14_437)]),
]


@pytest.mark.parametrize(("proration", "bills"), MOVED_IN, ids=[mode.value for mode, _ in MOVED_IN])
def test_f30_who_moved_in_just_before_is_no_newcomer_to_the_new_agreement(
    session: Session, proration: Proration, bills: list[tuple[str, str, int]]
) -> None:
    garden = four_homes(session)
    service_fee(session, garden, proration=proration)
    moved = sa.update(Charge).where(Charge.home_id == home_of(session, "501").id).values(from_day=date(2026, 4, 5))
    session.execute(moved)
    new_agreement(session, garden, date(2026, 4, 11), proration=proration)
    bill_month(session, garden, "2026-04")
    assert amounts(session, "501") == bills
    assert amounts(session, "502") == [("2026-04-01", "2026-04-10", 4_224), ("2026-04-11", "2026-04-30", 9_590)]
    bill_month(session, garden, "2026-05")
    assert amounts(session, "501")[-1] == ("2026-05-01", "2026-05-31", 18_768)


@pytest.mark.parametrize("billed", [False, True], ids=["before", "after"])
def test_f30_a_new_agreement_is_taken_back_only_while_no_period_was_cut_for_it(
    session: Session, *, billed: bool
) -> None:
    """Billed until 15 May for its sake, April to June would never be billed to the end."""
    garden = four_homes(session)
    old = service_fee(session, garden, **QUARTER)
    community = session.get_one(Community, garden)
    brought = bring(
        session, community, kind=KIND, name="标准.xlsx", sha256="0" * 64, file="", state=DONE, by="test", by_name="",
        source="command", now=NOW,
    )  # fmt: skip
    brought.written_at = NOW
    agreement = Agreement("area", 21_000, PAPER, date(2026, 5, 16), anchor=date(2024, 1, 1), cycle_months=3)
    write_tariffs(session, community, [TariffRow("PROP", agreement)], by="test", now=NOW, brought=brought)
    if billed:
        bill_month(session, garden, "2026-04")
        with pytest.raises(Refusal, match="物业费已经算过到2026-05-15为止的账单"):
            undo_tariffs(session, brought, now=NOW, by="test", source="command")
        return
    undo_tariffs(session, brought, now=NOW, by="test", source="command")
    session.refresh(old)
    assert old.until_day is None
    bill_month(session, garden, "2026-04")
    assert amounts(session, "501") == [("2026-04-01", "2026-06-30", 3 * 16_533)]


def test_f30_a_gift_for_a_whole_year_is_not_given_for_a_part_of_one(session: Session) -> None:
    garden = four_homes(session)
    service_fee(session, garden, **YEAR, offer={"pays": "0.5"})
    new_agreement(session, garden, date(2026, 2, 1), **YEAR)
    bill_month(session, garden, "2026-01")
    assert amounts(session, "501") == [("2026-01-01", "2026-01-31", 16_533)]


# --- what is true of a home or a contract today says nothing of what was issued -----------------------------------------

LATER: list[Callable[[Session, Tariff], Any]] = [
    lambda session, tariff: session.execute(sa.update(Home).values(area=1, floor=9)),
    lambda session, tariff: session.execute(sa.update(Home).values(area=None)),
    lambda session, tariff: session.execute(sa.update(TariffPrice).values(price=1)),
    lambda session, tariff: session.execute(sa.delete(TariffPrice)),
    lambda session, tariff: session.execute(sa.update(Charge).values(until_day=date(2025, 12, 31), pieces=7)),
    lambda session, tariff: session.execute(sa.update(Tariff).values(rounding="yuan_floor", cycle_months=12)),
    lambda session, tariff: session.execute(sa.update(Tariff).values(until_day=date(2025, 12, 31))),
]


def test_f30_a_bill_keeps_what_it_was_worked_out_by(session: Session) -> None:
    garden = four_homes(session)
    tariff = service_fee(session, garden)
    new_prices(session, tariff, ((date(2026, 3, 11), 20_000),))
    bill_month(session, garden, "2026-03")
    before = issued(session)
    for change in LATER:
        with session.begin_nested() as point:
            change(session, tariff)
            session.expire_all()
            draft_month(session, garden, "2026-04")
            assert issued(session)[: len(before)] == before
            for bill in session.scalars(sa.select(Bill).where(Bill.period == "2026-03")):
                exact = sum((month.exact for month in from_basis(bill.basis, bill.amount).months), Fraction(0))
                area = AREAS[session.get_one(Home, bill.home_id).room]
                assert exact == Fraction(area, 100) * (Fraction(185 * 10, 31) + Fraction(200 * 21, 31))
                assert whole_fen(exact) == bill.amount
            point.rollback()
        session.expire_all()


def test_f30_what_was_wrong_is_taken_back_by_a_row_of_its_own(session: Session) -> None:
    garden = four_homes(session)
    service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    first, *others = session.scalars(sa.select(Bill).order_by(Bill.id)).all()
    rest = issued(session)[1:]
    reverse(session, first, reason="面积错了", by="test", now=NOW)
    with pytest.raises(Refusal):
        reverse(session, first, reason="面积错了", by="test", now=NOW)
    session.expire_all()
    amounts = session.scalars(sa.select(Bill.amount).where(Bill.home_id == first.home_id).order_by(Bill.seq)).all()
    assert amounts == [16_533, -16_533]
    assert issued(session)[1 : 1 + len(others)] == rest
    assert list(violations(session)) == []
