"""公摊 to the last fen, with the worked numbers of domain rules 1.16 and an oracle that shares out fen by fen."""

import random
from fractions import Fraction

import pytest

from models.billing.allocation import CannotAllocate, allocate, loss_of, mixed_weights

AREAS = [Fraction(area) for area in ("56.32", "68.50", "68.50", "75.18", "89.37", "102.46", "120.00")]


def fen(total: int, weights: list[Fraction]) -> list[int]:
    return [share.fen for share in allocate(total, weights)]


def test_by_area_the_last_fen_go_to_the_largest_remainders_and_a_tie_to_the_first_home() -> None:
    assert fen(123457, AREAS) == [11981, 14573, 14572, 15994, 19012, 21797, 25528]


def test_the_sheet_tells_the_exact_share_and_where_the_last_fen_went() -> None:
    shares = allocate(123457, AREAS)
    assert [share.extra for share in shares] == [0, 1, 0, 1, 0, 1, 0]
    assert round(float(shares[0].exact), 3) == 11981.283


def test_by_household_and_by_use() -> None:
    assert fen(123457, [Fraction(1)] * 7) == [17637] * 5 + [17636] * 2
    uses = [Fraction(use) for use in ("23", "41", "0", "17", "9.5")]
    assert fen(33120, uses) == [8417, 15005, 0, 6221, 3477]


def test_by_floor() -> None:
    floors = [Fraction(part) for part in ("0", "0.5", "1", "1.2", "1.4", "1.6") for _ in range(2)]
    shares = fen(246000, floors)
    assert shares[::2] == [0, 10789, 21579, 25895, 30211, 34526]
    assert sum(shares) == 246000


def test_a_credit_is_a_cost_turned_round() -> None:
    assert fen(-123457, AREAS) == [-share for share in fen(123457, AREAS)]


def test_nobody_with_a_weight_is_an_error_and_not_a_division() -> None:
    with pytest.raises(CannotAllocate, match="没有一户有权重"):
        allocate(50000, [Fraction(0), Fraction(0)])
    with pytest.raises(CannotAllocate, match="没有一户有权重"):
        allocate(50000, [])
    with pytest.raises(CannotAllocate, match="负数"):
        allocate(50000, [Fraction(2), Fraction(-1)])


def test_mixed_pays_part_by_area_and_the_rest_alike() -> None:
    # 60 % by area of 300 m² and 40 % by two homes: 0.6 × 1/3 + 0.2 and 0.6 × 2/3 + 0.2
    assert mixed_weights([Fraction(100), Fraction(200)], Fraction(6, 10)) == [Fraction(2, 5), Fraction(3, 5)]
    assert mixed_weights([Fraction(0), Fraction(200)], Fraction(6, 10))[0] == Fraction(1, 5)
    with pytest.raises(CannotAllocate, match="没有一户有面积"):
        mixed_weights([Fraction(0)], Fraction(1, 2))
    assert mixed_weights([Fraction(0)], Fraction(0)) == [Fraction(1)]


def test_what_the_master_meter_lost_is_checked() -> None:
    assert loss_of(Fraction(1000), [Fraction(600), Fraction(304)]) == 96
    assert loss_of(Fraction(100), [Fraction(85)]) == 15, "15 % itself is still believed"
    with pytest.raises(CannotAllocate, match=r"差了15\.1%"):
        loss_of(Fraction(1000), [Fraction(849)])
    with pytest.raises(CannotAllocate, match="比总表还多"):
        loss_of(Fraction(100), [Fraction(101)])


def test_three_hundred_costs_agree_with_sharing_out_fen_by_fen() -> None:
    agree_fen_by_fen(300)


@pytest.mark.long
def test_ten_thousand_costs_agree_with_sharing_out_fen_by_fen() -> None:
    agree_fen_by_fen(10_000)


def agree_fen_by_fen(cases: int) -> None:
    for seed in range(cases):
        chance = random.Random(seed)
        weights = [
            Fraction(chance.choice((0, 1, 1, 7, chance.randrange(1, 15_000))), 100) for _ in range(chance.randint(1, 9))
        ]
        total = chance.randrange(-3_000, 3_000) if seed % 2 else chance.randrange(10**7)
        if any(weights):
            assert fen(total, weights) == one_by_one(total, weights), seed


def one_by_one(total: int, weights: list[Fraction]) -> list[int]:
    """Whole parts first; then each fen to whoever lacks most, the first of those who lack the same."""
    sign, left, whole = (-1 if total < 0 else 1), abs(total), sum(weights)
    given = [int(left * weight / whole) for weight in weights]
    for _ in range(left - sum(given)):
        lacking = [left * weight / whole - have for weight, have in zip(weights, given, strict=True)]
        given[lacking.index(max(lacking))] += 1
    return [sign * have for have in given]
