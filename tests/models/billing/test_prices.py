"""Tiers, meters, offers, tax and rates: E10–E13, E15, E20, E21 of domain rules 1.16."""

import random
from fractions import Fraction

import pytest

from models.billing.collection import Takings, arrears_rate, current_rate, homes_rate, overall_rate
from models.billing.discounts import Offer, deducted, extended, refund_of_offer, share_off, vacant
from models.billing.meters import Doubtful, Replacement, use_between
from models.billing.tax import Taxed, tax_on_resale, tax_within
from models.billing.tiers import Step, Tier, steps_of
from models.money import rounded

WATER = [Tier(Fraction(180), Fraction(500)), Tier(Fraction(260), Fraction(700)), Tier(None, Fraction(900))]
POWER = [Tier(Fraction(180), Fraction("52.24")), Tier(Fraction(280), Fraction("62.24")), Tier(None, Fraction("82.24"))]


def price(tiers: list[Tier], quantity: str, before: str = "0") -> int:
    return rounded(sum((step.exact for step in steps_of(tiers, Fraction(quantity), Fraction(before))), Fraction(0)))


def test_a_price_that_climbs() -> None:
    assert price(WATER, "25", "168") == 15100
    assert steps_of(WATER, Fraction(25), Fraction(168)) == [
        Step(Fraction(12), Fraction(500)),
        Step(Fraction(13), Fraction(700)),
    ]
    assert price(WATER, "22", "250") == 17800
    assert price(WATER, "180") == 90000, "the last unit of a tier still belongs to it"
    assert price(WATER, "10", "300") == 9000
    assert price(WATER, "0", "180") == 0
    assert price(POWER, "312") == 18259


@pytest.mark.parametrize("tiers", [[], WATER[:2], [WATER[1], WATER[0], WATER[2]], [WATER[2], WATER[2]]])
def test_tiers_that_do_not_climb_to_an_open_end_are_refused(tiers: list[Tier]) -> None:
    with pytest.raises(ValueError, match="tiers climb"):
        steps_of(tiers, Fraction(1))


def tenth_by_tenth(tiers: list[Tier], used: int, before: int) -> Fraction:
    """What `used` tenths of a unit cost after `before` tenths: each tenth at the price of the tier it falls into."""
    cost = Fraction(0)
    for tenth in range(before, before + used):
        price = next(tier.price for tier in tiers if tier.up_to is None or tenth < tier.up_to * 10)
        cost += price / 10
    return cost


def agree_tenth_by_tenth(cases: int) -> None:
    for seed in range(cases):
        chance = random.Random(seed)
        ends = sorted(chance.sample(range(1, 40), chance.randrange(4)))
        prices = sorted(Fraction(chance.randrange(1, 90_000), 100) for _ in range(len(ends) + 1))
        tiers = [Tier(Fraction(end), fen) for end, fen in zip(ends, prices, strict=False)] + [Tier(None, prices[-1])]
        used, before = chance.randrange(200), chance.randrange(300)
        exact = sum((step.exact for step in steps_of(tiers, Fraction(used, 10), Fraction(before, 10))), Fraction(0))
        assert exact == tenth_by_tenth(tiers, used, before), seed
        assert rounded(exact) == int(exact + Fraction(1, 2)), seed


def test_three_hundred_uses_agree_with_counting_tenth_by_tenth() -> None:
    agree_tenth_by_tenth(300)


@pytest.mark.long
def test_ten_thousand_uses_agree_with_counting_tenth_by_tenth() -> None:
    agree_tenth_by_tenth(10_000)


def test_what_was_used_between_two_readings() -> None:
    assert use_between(Fraction(99987), Fraction(12), digits=5, rolled_over=True) == 25
    assert use_between(Fraction(1532), Fraction(6), replaced=Replacement(Fraction(1547), Fraction(0))) == 21
    used = use_between(Fraction("1498.2"), Fraction("1523.4"), ratio=Fraction(40))
    assert used == 1008
    assert rounded(used * Fraction("81.36")) == 82011


@pytest.mark.parametrize(
    ("before", "now", "more", "words"),
    [
        ("100", "90", {}, "比上次小"),
        ("100", "90", {"digits": 5}, "比上次小"),
        ("100", "90", {"digits": 5, "rolled_over": True, "usual": Fraction(20)}, "三倍"),
        ("100", "-1", {}, "负数"),
        ("100", "6", {"replaced": Replacement(Fraction(99), Fraction(0))}, "对不上"),
        ("100", "6", {"replaced": Replacement(Fraction(110), Fraction(7))}, "对不上"),
    ],
)
def test_a_reading_that_cannot_be_right_is_asked_about(
    before: str, now: str, more: dict[str, object], words: str
) -> None:
    with pytest.raises(Doubtful, match=words):
        use_between(Fraction(before), Fraction(now), **more)  # type: ignore[arg-type]


def test_offers() -> None:
    assert extended(16533, 12, 1) == Offer(pay=198396, discount=0, months=13)
    assert deducted(16533, 12, 1) == Offer(pay=181863, discount=16533, months=12)
    assert share_off(198396, Fraction(95, 100), 12) == Offer(pay=188476, discount=9920, months=12)
    assert vacant(16533, Fraction(7, 10)) == 11573
    assert vacant(16533, Fraction(6, 10)) == 9920
    assert refund_of_offer(181863, 16533, 3) == 132264
    assert refund_of_offer(181863, 16533, 12) == 0


def test_tax_within_what_was_received() -> None:
    assert tax_within(16533, Fraction(6, 100)) == Taxed(15597, 936)
    assert tax_within(16533, Fraction(3, 100)) == Taxed(16051, 482)
    assert tax_within(16533, Fraction(1, 100)) == Taxed(16369, 164)
    assert tax_on_resale(510000, 480000, Fraction(3, 100)) == 874


def test_four_honest_rates() -> None:
    takings = Takings(
        due=10000000, received=8250000, arrears=4000000, cleared=900000, homes_billed=520, homes_clear=412
    )
    assert current_rate(takings) == Fraction(825, 1000)
    assert arrears_rate(takings) == Fraction(225, 1000)
    assert overall_rate(takings) == Fraction(9150000, 14000000)
    assert homes_rate(takings) == Fraction(412, 520)


def test_without_anything_due_there_is_no_rate() -> None:
    nothing = Takings(0, 0, 0, 0)
    assert [rate(nothing) for rate in (current_rate, arrears_rate, overall_rate, homes_rate)] == [None] * 4
