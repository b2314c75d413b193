"""Which debts a payment settles: E14 of domain rules 1.16."""

from datetime import date

import pytest

from models.billing.appropriation import Appropriation, Debt, Settled, appropriate

JANUARY = Debt("jan", date(2024, 1, 31), 16533, late_fee=1200)
FEBRUARY = Debt("feb", date(2024, 2, 29), 16533, late_fee=600)
WATER = Debt("water", date(2024, 2, 29), 3840)
DEBTS = [WATER, FEBRUARY, JANUARY]
TODAY = date(2024, 4, 1)


def test_without_a_word_the_oldest_and_heaviest_first_and_the_late_fee_before_the_principal() -> None:
    assert appropriate(30000, DEBTS, TODAY) == Appropriation(
        (Settled("jan", 16533, late_fee=1200), Settled("feb", 11667, late_fee=600)), left=0
    )


def test_what_the_payer_names_goes_first_and_the_rest_as_usual() -> None:
    result = appropriate(30000, DEBTS, TODAY, chosen=["water"])
    assert result.settled[0] == Settled("water", 3840)
    assert result.settled[1:] == (Settled("jan", 16533, late_fee=1200), Settled("feb", 7827, late_fee=600))


def test_what_is_due_goes_before_what_is_not_yet() -> None:
    later = Debt("may", date(2024, 5, 31), 16533)
    assert [one.key for one in appropriate(40000, [later, *DEBTS], TODAY).settled] == ["jan", "feb", "water", "may"]


def test_equals_share_what_is_there_to_the_fen() -> None:
    twins = [Debt("a", TODAY, 200), Debt("b", TODAY, 100)]
    assert appropriate(100, twins, TODAY).settled == (Settled("a", 67), Settled("b", 33))


def test_the_friendly_order_takes_the_principal_first() -> None:
    assert appropriate(17000, [JANUARY], TODAY, principal_first=True).settled == (Settled("jan", 16533, late_fee=467),)


def test_costs_come_before_everything_of_a_bill() -> None:
    debt = Debt("old", date(2023, 1, 1), 1000, late_fee=50, costs=30)
    assert appropriate(70, [debt], TODAY).settled == (Settled("old", 0, late_fee=40, costs=30),)


def test_what_is_left_over_is_told() -> None:
    assert appropriate(50000, DEBTS, TODAY).left == 50000 - 17733 - 17133 - 3840
    assert appropriate(100, [], TODAY) == Appropriation((), 100)
    assert appropriate(0, DEBTS, TODAY).settled == ()


def test_a_name_nobody_knows_and_a_name_said_twice_do_no_harm() -> None:
    assert appropriate(3840, DEBTS, TODAY, chosen=["gas", "water", "water"]).settled == (Settled("water", 3840),)


def test_a_negative_payment_is_no_payment() -> None:
    with pytest.raises(ValueError, match="not negative"):
        appropriate(-1, DEBTS, TODAY)
