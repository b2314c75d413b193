"""Fault 19: a genuine notice that says something else than our order: another amount, currency, merchant or order, and amounts that
are no amounts. It posts nothing and is never answered with success; what WeChat gives the payer as a coupon is no concern of ours."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.till import Slip, Standing, Till, once

pytestmark = pytest.mark.thorough

FEN = 16_533
Change = Callable[[Till, Slip], dict[str, Any]]


def amount(**changed: Any) -> Change:
    """The amount with this changed; None: left out."""

    def change(till: Till, slip: Slip) -> dict[str, Any]:
        whole = {**till.told(slip)["amount"], **changed}
        return {"amount": {name: value for name, value in whole.items() if value is not None}}

    return change


def says(**changed: Any) -> Change:
    return lambda till, slip: changed


def of_another_order(till: Till, slip: Slip) -> dict[str, Any]:
    """The number of a neighbour's order, which is over another sum."""
    return {"out_trade_no": till.order(till.home(100), 100).number}


# What is told → the status it is answered with, and what a person is told to look at about this order ("": nothing).
REFUSED: dict[str, tuple[Change, int, str]] = {
    # another sum
    **{f"{total} fen": (amount(total=total), 500, "mismatch")
       for total in (1, FEN - 1, FEN + 1, FEN * 100, FEN // 100, 2**31 - 1)},
    # no sum at all
    **{f"the amount {total!r}": (amount(total=total), 500, "")
       for total in ("16533", "165.33", 165.33, 16533.0, True, False, 0, -1, -FEN, None, [], {}, [FEN], "１６５３３", 2**31, 10**30, 1e400)},
    "no amount": (says(amount=None), 500, ""),
    "an amount that is a number": (says(amount=FEN), 500, ""),
    "an amount that is a list": (says(amount=[FEN]), 500, ""),
    # other money
    **{f"the currency {currency!r}": (amount(currency=currency), 500, "mismatch")
       for currency in ("USD", "HKD", "cny", "", None, 156, ["CNY"], "CNY ")},
    # somebody else's
    **{f"the merchant {mchid!r}": (says(mchid=mchid), 401, "")
       for mchid in ("1900000110", "", None, 1900000109, ["1900000109"])},
    **{f"the account {appid!r}": (says(appid=appid), 500, "mismatch") for appid in ("wx0000000000000000", "x")},
    **{f"the account {appid!r}": (says(appid=appid), 500, "") for appid in ("", None, 1, "w" * 65)},
    # another order
    "a neighbour's order": (of_another_order, 500, ""),
    "an order in small letters": (lambda till, slip: {"out_trade_no": slip.number.lower()}, 500, ""),
    "an order and a space": (lambda till, slip: {"out_trade_no": f"{slip.number} "}, 500, ""),
    **{f"the order {number!r}": (says(out_trade_no=number), 500, "")
       for number in ("L-nobody-knows", "", None, 17, "L" * 65, "L\x00", "L\x7f", "'; DROP TABLE payments; --", "订单")},
    # not paid, or by nothing
    **{f"the state {state!r}": (says(trade_state=state), 500, "")
       for state in ("NOTPAY", "CLOSED", "USERPAYING", "PAYERROR", "REVOKED", "success", "", None, True)},
    **{f"the payment {number!r}": (says(transaction_id=number), 500, "")
       for number in ("", None, 42, "4" * 33, "42\x00", "42\u200b", ["42"], "流水号")},
}  # fmt: skip
TAKEN: dict[str, Change] = {
    "a coupon of one yuan": amount(payer_total=FEN - 100),
    "a coupon over all of it": amount(payer_total=0),
    "a coupon, told at length": says(promotion_detail=[{"coupon_id": "109519", "amount": 100, "currency": "CNY"}]),
    "paid in dollars": amount(payer_currency="USD", payer_total=2_300),
    "no word of what the payer paid": amount(payer_total=None, payer_currency=None),
    "no payer": says(payer=None),
    "a payer without a name": says(payer={}),
    "a payer whose name is a number": says(payer={"openid": 1}),
    "a payer whose name is too long": says(payer={"openid": "o" * 65}),
    "a payer whose name cannot be": says(payer={"openid": "o\x00"}),
    "paid and given back": says(trade_state="REFUND"),
    "more than we know of": says(scene_info={"device_id": "1"}, attach="x" * 128, bank_type="CMC"),
    "a time that is none": says(success_time="yesterday"),
}


def test_f19_what_is_not_as_it_was_ordered_is_never_in_the_books(till: Till) -> None:
    assert len(REFUSED) + len(TAKEN) >= 30
    for name, (change, status, trouble) in REFUSED.items():
        home = till.home(FEN)
        slip = till.order(home, FEN)
        told = {key: said for key, said in {**till.told(slip), **change(till, slip)}.items() if said is not None}
        assert till.tells(*till.notice(told)) == status, name
        kept = (trouble,) if trouble else ()
        assert till.standing(home) == Standing(orders=("open",), troubles=kept), name
    assert till.flaws() == []
    # And the last of them as it should be: nothing has spoiled the order.
    assert till.tells(*till.notice(till.told(slip))) == 200
    assert till.standing(home) == once(FEN, paid=FEN)


def test_f19_what_does_not_concern_us_does_not_hold_up_a_payment(till: Till) -> None:
    for name, change in TAKEN.items():
        home = till.home(FEN)
        slip = till.order(home, FEN)
        told = {key: said for key, said in {**till.told(slip), **change(till, slip)}.items() if said is not None}
        assert till.tells(*till.notice(told)) == 200, name
        assert till.standing(home) == once(FEN, paid=FEN), name
    assert till.flaws() == []
