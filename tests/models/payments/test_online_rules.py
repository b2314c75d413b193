"""Paying by WeChat, the rules alone: what is read of WeChat's words, what they are held against, when it is asked, how much in advance."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.clock import SHANGHAI
from models.payments.advance import room_in_advance
from models.payments.facts import Expected, NotReadable, mismatch, read_refund, read_transaction
from models.payments.order_states import LIFE, may_move, next_look, still_good

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
TOLD: dict[str, Any] = {
    "out_trade_no": "L1",
    "trade_state": "SUCCESS",
    "transaction_id": "42001",
    "mchid": "1900000109",
    "appid": "wx1",
    "amount": {"total": 16533, "payer_total": 16033, "currency": "CNY"},
    "payer": {"openid": "o1"},
}
OURS = Expected("L1", 16533, "1900000109", "wx1")


def test_f19_a_coupon_of_wechats_is_not_our_business() -> None:
    assert mismatch(read_transaction(TOLD), OURS) == ""


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount": {"total": 16532, "currency": "CNY"}}, "amount"),
        ({"amount": {"total": 16533, "currency": "HKD"}}, "currency"),
        ({"amount": {"total": 16533}}, "currency"),
        ({"mchid": "1900000110"}, "mchid"),
        ({"appid": "wx2"}, "appid"),
        ({"out_trade_no": "L2"}, "number"),
    ],
)
def test_f19_what_is_not_as_we_ordered_it_is_named(change: dict[str, Any], named: str) -> None:
    assert mismatch(read_transaction({**TOLD, **change}), OURS).startswith(named)


@pytest.mark.parametrize(
    "amount", [None, {}, 16533, {"total": "16533"}, {"total": 165.33}, {"total": True}, {"total": -1}, {"total": 0}]
)
def test_f19_an_amount_is_a_whole_number_of_fen(amount: Any) -> None:
    with pytest.raises(NotReadable):
        read_transaction({**TOLD, "amount": amount})
    with pytest.raises(NotReadable):
        read_refund({"out_refund_no": "R1", "status": "SUCCESS", "transaction_id": "1", "amount": amount})


def test_no_payment_stays_unseen_for_three_minutes() -> None:
    """Whenever the money comes in the half hour of an order, WeChat is asked again soon after."""
    at, looks = NOW, []
    while at < NOW + LIFE:
        at = next_look(NOW, at)
        looks.append(at)
    gaps = [later - before for before, later in zip([NOW, *looks], looks, strict=False)]
    assert looks[0] - NOW == timedelta(seconds=30)
    assert max(gaps) + timedelta(seconds=15) < timedelta(minutes=3), "the job runs every 15 seconds"


def test_an_ended_order_is_never_opened_again_and_may_still_turn_out_paid() -> None:
    assert not any(may_move("closed", new) for new in ("new", "open", "closing", "closed"))
    assert may_move("closed", "paid")
    assert not any(may_move("paid", new) for new in ("new", "open", "closing", "closed", "paid"))


def test_a_token_is_handed_out_again_only_while_it_can_be_paid() -> None:
    assert still_good(NOW, NOW + LIFE, NOW)
    assert not still_good(None, NOW + LIFE, NOW)
    assert not still_good(NOW, NOW + LIFE, NOW + LIFE)


@pytest.mark.parametrize(
    ("billed", "months", "held", "room"),
    [
        ([16533] * 12, 12, 0, 198396),
        ([16533] * 12, 12, 198000, 396),
        ([16533] * 12, 12, 200000, 0),
        ([100, 101], 1, 0, 101),
        ([16533], 0, 0, None),
        ([], 12, 0, None),
    ],
)
def test_no_more_than_the_contract_says_is_held_in_advance(
    billed: list[int], months: int, held: int, room: int | None
) -> None:
    assert room_in_advance(billed, months, held) == room
