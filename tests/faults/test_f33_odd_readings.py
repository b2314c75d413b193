"""Fault 33: readings that cannot be, or that come twice, late, of a new meter, or after the month was billed. Each is taken, refused or
asked about as counting on one's fingers says; what is refused changes nothing, and all bills together are what went through the meter."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.invariants import violations
from models.billing.meter_actions import Seen, new_meter, record_reading
from models.billing.meter_tables import BilledUse, Meter, Reading
from models.billing.meters import Doubtful, Replacement, use_between
from models.billing.publish import publish, reverse
from models.billing.tables import Bill, SkippedHome
from models.billing.tariffs import Agreement, agree, charge_all
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from tests.support.fees import PAPER, draft_month, four_homes, home_of

F = Fraction
NOW = datetime(2026, 12, 31, 9, 0, tzinfo=SHANGHAI)
TAKEN, ASKED, REFUSED, KNOWN = "taken", "asked", "refused", "known"


def told(session: Session, meter: Meter, seen: Seen) -> str:
    """What came of it; whatever was not taken has written nothing."""
    rows = sa.select(sa.func.count()).select_from(Reading).where(Reading.meter_id == meter.id)
    before = session.scalar(rows), meter.start, meter.start_on
    try:
        record_reading(session, meter, seen, by="test", source="chat", now=NOW)
    except AlreadyDone:
        said = KNOWN
    except Refusal:
        said = REFUSED
    except Doubtful:
        said = ASKED
    else:
        return TAKEN
    assert (session.scalar(rows), meter.start, meter.start_on) == before
    return said


def water(session: Session, garden: int) -> None:
    """5 yuan a ton, afterwards."""
    agreement = Agreement("meter", 50_000, PAPER, date(2026, 1, 1), in_advance=False)
    charge_all(session, agree(session, garden, "WATER", agreement, by="test", now=NOW), date(2026, 1, 1))


def hang(session: Session, home: Home, start: int, **more: Any) -> Meter:
    meter = new_meter(
        home, home.community_id, "water", now=NOW, start=start * 10_000, start_on=date(2026, 1, 31), **more
    )
    session.add(meter)
    session.flush()
    return meter


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


# --- one after the other ------------------------------------------------------------------------------------------------

NEW_METER = Replacement(F(1547), F(0))
LIFE: list[tuple[Seen, str]] = [
    (Seen(day("01-31"), F(1500)), KNOWN),
    (Seen(day("01-30"), F(1499)), REFUSED),  # before counting began
    (Seen(day("02-27"), F(-1)), REFUSED),
    (Seen(day("02-27"), F("1510.00001")), REFUSED),
    (Seen(day("02-27"), F(10**8)), REFUSED),
    (Seen(date(2027, 1, 1), F(1510)), REFUSED),  # a day to come
    (Seen(day("02-27"), F(1499)), ASKED),
    (Seen(day("02-27"), F(12), rolled=True), ASKED),  # nobody knows how far this meter goes
    (Seen(day("02-27"), F(1510)), TAKEN),
    (Seen(day("02-27"), F(1510)), KNOWN),
    (Seen(day("02-27"), F(1512)), TAKEN),  # the day's second word holds
    (Seen(day("02-26"), F(1511)), REFUSED),  # filled in backwards
    (Seen(day("03-28"), F(6), replaced=Replacement(F(1511), F(0))), ASKED),  # the old one would have run backwards
    (Seen(day("03-28"), F(6), replaced=Replacement(F(1547), F(7))), ASKED),  # and so would the new one
    (Seen(day("03-28"), F(6), replaced=NEW_METER), TAKEN),
    (Seen(day("03-28"), F(6), replaced=NEW_METER), KNOWN),
    (Seen(day("03-28"), F(5)), ASKED),  # without a word of the new meter
    (Seen(day("04-28"), F(6)), TAKEN),  # nothing used
]


def test_f33_what_a_meter_may_show_next(session: Session) -> None:
    four_homes(session)
    meter = hang(session, home_of(session, "501"), 1_500)
    assert [(told(session, meter, seen), seen) for seen, _ in LIFE] == [(said, seen) for seen, said in LIFE]
    meter.ratio = "1/0"
    assert told(session, meter, Seen(day("05-28"), F(9))) == ASKED, "and never an error"


def test_f33_a_meter_that_goes_round_must_have_been_within_its_digits() -> None:
    assert use_between(F(99998), F(12), digits=5, rolled_over=True) == 14
    for before in (F(100_000), F(123_456), F("100000.5")):
        with pytest.raises(Doubtful, match="超过了5位数"):
            use_between(before, F(12), digits=5, rolled_over=True)


def test_f33_a_month_that_was_billed_stays_billed(session: Session) -> None:
    garden = four_homes(session)
    water(session, garden)
    home = home_of(session, "501")
    meter = hang(session, home, 100)

    def bill(period: str) -> list[int]:
        publish(session, draft_month(session, garden, period), by="test", now=NOW)
        mine = sa.select(Bill.amount).where(Bill.home_id == home.id, Bill.period == period)
        return list(session.scalars(mine))

    other = hang(session, home_of(session, "502"), 0)  # so that there always is something to publish
    for month in (2, 3, 4, 5):
        assert told(session, other, Seen(date(2026, month, 27), F(month))) == TAKEN
    assert told(session, meter, Seen(day("02-27"), F(120))) == TAKEN
    assert bill("2026-03") == [20 * 500]
    counted = sa.select(BilledUse.upto_on, BilledUse.upto, BilledUse.used).where(BilledUse.meter_id == meter.id)
    assert session.execute(counted).all() == [(day("02-27"), 1_200_000, 200_000)]
    # Corrected after it was billed: the bill stays, and the next one goes on from where it ended.
    assert told(session, meter, Seen(day("02-27"), F(115))) == TAKEN
    assert told(session, meter, Seen(day("03-10"), F(118))) == TAKEN
    assert bill("2026-04") == []
    reasons = session.scalars(sa.select(SkippedHome.reason).order_by(SkippedHome.run_id.desc()))
    assert "读数和上期对不上" in list(reasons)[:3], "118 is less than the 120 that was paid for"
    assert told(session, meter, Seen(day("04-27"), F(131))) == TAKEN
    assert bill("2026-05") == []
    assert told(session, meter, Seen(day("03-10"), F(121))) == REFUSED
    assert session.execute(counted).all() == [(day("02-27"), 1_200_000, 200_000)]
    # Taken back, it is counted anew, with all that was read since.
    reverse(
        session,
        session.scalars(sa.select(Bill).where(Bill.home_id == home.id)).one(),
        reason="抄错",
        by="test",
        now=NOW,
    )
    assert bill("2026-06") == [31 * 500]
    assert list(violations(session)) == []


def test_f33_a_home_with_two_meters_is_billed_for_both_or_not_at_all(session: Session) -> None:
    garden = four_homes(session)
    water(session, garden)
    kitchen, bath = (hang(session, home_of(session, "501"), 10, name=name) for name in ("厨房", "卫生间"))
    assert told(session, kitchen, Seen(day("02-27"), F(14))) == TAKEN
    draft_month(session, garden, "2026-03")
    assert session.scalars(sa.select(Bill)).all() == []
    assert told(session, bath, Seen(day("03-01"), F(13))) == TAKEN
    draft_month(session, garden, "2026-03")
    assert session.scalars(sa.select(Bill.amount)).all() == [7 * 500]


# --- two hundred lives of a meter ---------------------------------------------------------------------------------------


@dataclass
class Life:
    """A meter as somebody keeps it with pencil and paper."""

    chance: random.Random
    meter: Meter
    digits: int | None
    values: list[tuple[date, Fraction, Fraction]]  # day, shown, through until then
    said: dict[str, Any] = field(default_factory=dict)  # with the last of them: that it went round, or was replaced

    def next(self, month: int) -> Iterator[tuple[Seen, str]]:
        """What is said of it in a month, each with what should come of it."""
        chance = self.chance
        for number in range(chance.randrange(1, 4)):
            on = date(2026, month, 24 + number)
            yield self._nonsense(on)
            yield self._something(on)
            last, value, _ = self.values[-1]
            if chance.random() < 0.5:
                yield Seen(last, value, **self.said), KNOWN
            if chance.random() < 0.3 and len(self.values) > 2:
                yield Seen(self.values[-2][0], value), REFUSED

    def _nonsense(self, on: date) -> tuple[Seen, str]:
        value = self.values[-1][1]
        less = value - F(self.chance.randrange(1, 30_000), 10_000)
        wrong = [
            (Seen(on, F(-1, 10)), REFUSED),
            (Seen(on, value + F(1, 3)), REFUSED),
            (Seen(on, value + 10**8), REFUSED),
            (Seen(date(2027, 1, 2), value), REFUSED),
            (Seen(on, less), ASKED if less >= 0 else REFUSED),
            (Seen(on, F(1), replaced=Replacement(value - 1, F(0))), ASKED),
            (Seen(on, F(1), replaced=Replacement(value + 1, F(2))), ASKED),
        ]
        if self.digits is None:
            wrong.append((Seen(on, less, rolled=True), ASKED if less >= 0 else REFUSED))
        return self.chance.choice(wrong)

    def _something(self, on: date) -> tuple[Seen, str]:
        chance, (_, value, through) = self.chance, self.values[-1]
        used = F(chance.randrange(0, 90_000), 10_000)
        self.said = {}
        shown = value + used
        if self.digits is not None and shown >= 10**self.digits:
            self.said = {"rolled": True}
            shown -= 10**self.digits
        elif chance.random() < 0.2:
            old, new = value + used, F(chance.randrange(0, 50_000), 10_000)
            more = F(chance.randrange(0, 40_000), 10_000)
            self.said, shown, used = {"replaced": Replacement(old, new)}, new + more, used + more
        self.values.append((on, shown, through + used))
        return Seen(on, shown, **self.said), TAKEN


def lives(session: Session, garden: int, number: int) -> list[Life]:
    found = []
    for seed in range(number):
        chance = random.Random(seed)
        home = Home(
            community_id=garden, building="9", entrance="1", room=str(seed), area=5_000, floor=1, created_at=NOW
        )
        session.add(home)
        session.flush()
        digits = chance.choice((None, 4, 5))
        start = 10**digits - chance.randrange(1, 60) if digits else chance.randrange(2, 900)
        meter = hang(session, home, start, digits=digits)
        found.append(Life(chance, meter, digits, [(date(2026, 1, 31), F(start), F(0))]))
    return found


@pytest.mark.thorough
def test_f33_all_bills_together_are_what_went_through_the_meter(session: Session) -> None:
    garden = four_homes(session)
    every = lives(session, garden, 20)
    water(session, garden)
    cases = 0
    for month in (2, 3, 4):
        for life in every:
            for seen, right in life.next(month):
                cases += 1
                assert told(session, life.meter, seen) == right, (life.meter.room, seen, life.values)
        publish(session, draft_month(session, garden, f"2026-{month + 1:02}", limit=100), by="test", now=NOW)
        for life in every:
            billed = session.scalar(sa.select(sa.func.sum(BilledUse.used)).where(BilledUse.meter_id == life.meter.id))
            assert F(int(billed or 0), 10_000) == life.values[-1][2], (life.meter.room, month, life.values)
    assert cases >= 200
    assert session.scalar(sa.select(sa.func.min(Bill.amount))) > 0
    assert list(violations(session)) == []
