"""Meters: what a use costs, what is odd about a reading, and a month billed from readings, on both databases."""

from datetime import date, datetime
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.explain import bases_compared, equation
from models.billing.invariants import violations
from models.billing.meter_actions import Seen, history_of, new_meter, record_reading, rounds_of, unread_in
from models.billing.meter_tables import BilledUse, Meter, Reading
from models.billing.metered import Shown, charge, use_of
from models.billing.meters import Doubtful, Replacement
from models.billing.publish import discard, publish, reverse
from models.billing.suspicion import doubts
from models.billing.tables import Bill, SkippedHome, Tariff
from models.billing.tariffs import Agreement, agree, charge_all
from models.billing.tiers import Tier
from models.errors import AlreadyDone, Refusal
from models.money import Rounding
from tests.support.fees import PAPER, draft_month, four_homes, home_of

F = Fraction
BEIJING = [Tier(F(180), F(500)), Tier(F(260), F(700)), Tier(None, F(900))]
SICHUAN = [Tier(F(180), F(5224, 100)), Tier(F(280), F(6224, 100)), Tier(None, F(8224, 100))]
KEPT = {"span": "year", "tiers": [["180", "500"], ["260", "700"], [None, "900"]]}
NOW = datetime(2026, 3, 30, 9, 0, tzinfo=SHANGHAI)


def fen(tiers: list[Tier], used: Fraction, span: str, before: int = 0) -> int:
    since, upto = Shown(date(2026, 2, 1), F(0)), Shown(date(2026, 3, 1), used)
    use = use_of("", since, [upto], ratio=F(1), digits=None)
    return charge("water", [use], tiers, span=span, used_before=F(before), rounding=Rounding.FEN_HALF_UP).fen


def test_the_worked_examples_of_tiers_and_meters() -> None:
    assert fen(BEIJING, F(25), "year", 168) == 15100  # E12
    assert fen(BEIJING, F(22), "year", 250) == 17800  # E12b
    assert fen(BEIJING, F(180), "year") == 90000  # E12d: exactly 180 stays in the first tier
    assert fen(SICHUAN, F(312), "month", 9999) == 18259  # E12e: what was used before is no matter by the month
    start = Shown(date(2026, 2, 1), F(99987))
    assert use_of("", start, [Shown(date(2026, 3, 1), F(12), rolled=True)], ratio=F(1), digits=5).used == 25  # E13
    changed = Shown(date(2026, 3, 1), F(6), replaced=Replacement(F(1547), F(0)))
    assert use_of("", Shown(date(2026, 2, 1), F(1532)), [changed], ratio=F(1), digits=None).used == 21  # E13b
    through = use_of(
        "", Shown(date(2026, 2, 1), F("1498.2")), [Shown(date(2026, 3, 1), F("1523.4"))], ratio=F(40), digits=None
    )
    line = charge(
        "electric", [through], [Tier(None, F(8136, 100))], span="", used_before=F(0), rounding=Rounding.FEN_HALF_UP
    )
    assert (through.used, line.fen) == (1008, 82011)  # E13c
    assert equation(line.basis, line.fen, Rounding.FEN_HALF_UP) == [
        "本期读数1523.4（03月01日抄），上期读数1498.2（02月01日）",
        "用量 = （1523.4 − 1498.2） × 倍率40 = 1008度",
        "1008度 × 0.8136元 = 820.1088元",
        "应交820.11元（820.1088元四舍五入）",
    ]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([10, 22, 34, 47], 58, ""),
        ([], 4210, ""),
        ([530], 528, "比上次的读数还小"),
        ([530], 57, "少写了一位"),
        ([410], 4210, "多写了一位"),
        ([10, 22, 34, 47], 85, "平时的3倍"),
        ([10, 22, 34, 47], 84, ""),
        ([10, 22], 90, ""),  # too little is known of what is usual
        ([5, 5, 5, 5], 5, "连着5次读数一样"),
        ([3, 9, 9], 9, "连着两次没有用量"),
        ([3, 9], 9, ""),
    ],
)
def test_an_odd_reading_is_asked_again(before: list[int], now: int, words: str) -> None:
    said = "；".join(doubts([F(one) for one in before], F(now)))
    assert words in said
    assert bool(words) == bool(said)


@pytest.fixture
def garden(session: Session) -> int:
    return four_homes(session)


def water(session: Session, garden: int, **more: object) -> Tariff:
    usual = {
        "formula": "meter", "price": 50_000, "document": PAPER, "from_day": date(2026, 1, 1), "in_advance": False,
        "tiers": KEPT,
    }  # fmt: skip
    tariff = agree(session, garden, "WATER", Agreement(**{**usual, **more}), by="test", now=NOW)  # type: ignore[arg-type]
    charge_all(session, tariff, date(2026, 1, 1))
    return tariff


def meter_of(session: Session, garden: int, room: str, start: int = 0) -> Meter:
    meter = new_meter(
        home_of(session, room), garden, "water", now=NOW, start=start * 10_000, start_on=date(2026, 1, 31)
    )
    session.add(meter)
    session.flush()
    return meter


def read(session: Session, meter: Meter, day: date, value: str, **more: object) -> Reading | None:
    return record_reading(session, meter, Seen(day, F(value), **more), by="test", source="chat", now=NOW)  # type: ignore[arg-type]


def test_a_month_is_billed_from_readings_and_who_has_none_is_listed(session: Session, garden: int) -> None:
    water(session, garden)
    read_one, unread = meter_of(session, garden, "501", 100), meter_of(session, garden, "502", 7)
    read(session, read_one, date(2026, 2, 27), "288.5")
    run = draft_month(session, garden, "2026-03")
    bill = session.scalars(sa.select(Bill)).one()
    assert (bill.home_id, bill.amount, bill.start) == (read_one.home_id, 180 * 500 + 8 * 700 + 350, date(2026, 2, 1))
    assert sorted(session.scalars(sa.select(SkippedHome.reason))) == ["没有本期读数", "没有登记水表", "没有登记水表"]
    assert equation(bill.basis, bill.amount, Rounding.FEN_HALF_UP)[:2] == [
        "本期读数288.5（02月27日抄），上期读数100（01月31日）",
        "用量 = 288.5 − 100 = 188.5吨",
    ]
    assert draft_month(session, garden, "2026-03").id == run.id
    assert session.scalar(sa.select(sa.func.count()).select_from(BilledUse)) == 1, "nothing is counted twice"
    # Thrown away and drafted anew, with the reading that was missing.
    discard(session, run)
    assert session.scalar(sa.select(sa.func.count()).select_from(BilledUse)) == 0
    read(session, unread, date(2026, 3, 2), "19")
    publish(session, draft_month(session, garden, "2026-03"), by="test", now=NOW)
    amounts = dict(session.execute(sa.select(Bill.home_id, Bill.amount)).all())
    assert amounts[unread.home_id] == 12 * 500
    # The next month goes on from there, and from the year's use: 188.5 used before, so the tier of 7 yuan.
    read(session, read_one, date(2026, 3, 29), "300.5")
    publish(session, draft_month(session, garden, "2026-04"), by="test", now=NOW)
    later = session.scalars(sa.select(Bill).where(Bill.period == "2026-04")).one()
    assert later.amount == 12 * 700
    assert list(violations(session)) == []
    for table, words in ((BilledUse, "where no bill before it ended"), (Reading, "the last one is number")):
        with session.begin_nested() as point:
            column = {"since": BilledUse.since + 1} if table is BilledUse else {"seq": Reading.seq + 1}
            session.execute(sa.update(table).values(**column).execution_options(synchronize_session=False))
            assert words in " ".join(violations(session))
            point.rollback()
    assert "今年到上一期为止已用188.5吨" in "".join(equation(later.basis, later.amount, Rounding.FEN_HALF_UP))
    assert bases_compared(later.basis, 8400, bill.basis, 95950, "水费") == "水费少了875.50元，因为用量从188.5吨变成12吨"


def test_a_bill_that_was_taken_back_is_counted_anew(session: Session, garden: int) -> None:
    water(session, garden, tiers={})
    meter = meter_of(session, garden, "501", 10)
    read(session, meter, date(2026, 2, 27), "20")
    publish(session, draft_month(session, garden, "2026-03"), by="test", now=NOW)
    reverse(session, session.scalars(sa.select(Bill)).one(), reason="抄错了", by="test", now=NOW)
    read(session, meter, date(2026, 3, 28), "26")
    draft_month(session, garden, "2026-04")
    assert session.scalars(sa.select(Bill.amount).where(Bill.state == "draft")).one() == 16 * 500
    assert list(violations(session)) == []


def test_readings_are_only_added_and_a_second_one_of_the_day_corrects_the_first(session: Session, garden: int) -> None:
    meter = new_meter(home_of(session, "501"), garden, "water", now=NOW)
    session.add(meter)
    session.flush()
    assert read(session, meter, date(2026, 2, 1), "99987") is None, "counting begins"
    with pytest.raises(Doubtful, match="比上次小"):
        read(session, meter, date(2026, 3, 1), "12")
    meter.digits = 5
    assert read(session, meter, date(2026, 3, 1), "12", rolled=True) is not None
    with pytest.raises(AlreadyDone):
        read(session, meter, date(2026, 3, 1), "12", rolled=True)
    corrected = read(session, meter, date(2026, 3, 1), "13", rolled=True)
    assert corrected is not None
    assert corrected.seq == 1
    assert [one.value for one in history_of(session, meter)] == [99987, 13]
    assert session.scalar(sa.select(sa.func.count()).select_from(Reading)) == 2
    for day, value in ((date(2026, 2, 20), "99990"), (date(2026, 4, 1), "30"), (date(2026, 3, 2), "1.00001")):
        with pytest.raises(Refusal):
            read(session, meter, day, value)


def test_a_round_knows_how_far_it_is_and_who_is_next(session: Session, garden: int) -> None:
    done, open_ = meter_of(session, garden, "101"), meter_of(session, garden, "501")
    read(session, done, date(2026, 3, 29), "9")
    (building,) = rounds_of(session, [garden], date(2026, 3, 1))[garden]
    assert (building.building, building.read, building.of) == ("3", 1, 2)
    assert unread_in(session, garden, "3", date(2026, 3, 1)) == [open_]


def test_by_meter_is_billed_afterwards_and_only_what_has_a_meter(session: Session, garden: int) -> None:
    for code, in_advance in (("WATER", True), ("PROP", False)):
        agreement = Agreement("meter", 50_000, PAPER, date(2026, 1, 1), in_advance=in_advance)
        with pytest.raises(Refusal, match="按表收"):
            agree(session, garden, code, agreement, by="test", now=NOW)
