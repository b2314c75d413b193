"""Every address, by who may open it. A route that is in no group fails the build (tests/test_structure.py)."""

from collections.abc import Callable

from flask import Flask

from handlers.page_guard import guard
from handlers.web import (
    bills,
    demand_letters,
    desk_bill,
    desk_code,
    desk_counter,
    desk_debit,
    desk_debtors,
    desk_front,
    desk_homes,
    desk_imports,
    desk_login,
    desk_money,
    desk_months,
    desk_orders,
    desk_receipts,
    desk_reconcile,
    desk_runs,
    desk_tariffs,
    health,
    login,
    media,
    orders,
    papay,
    papay_callback,
    pay,
    payment_callback,
    receipts,
    shares,
    simulator_door,
    stickers,
    wechat_webhook,
)

Register = Callable[[Flask], None]

# WeChat itself: every request carries its signature.
SIGNED: tuple[Register, ...] = (wechat_webhook.register, payment_callback.register, papay_callback.register)
# Anybody: says nothing about anybody.
OPEN: tuple[Register, ...] = (health.register, login.register, stickers.register, desk_login.register)
# Whoever has signed in inside WeChat: each page then shows what this person may see, and nothing else exists.
RESIDENT: tuple[Register, ...] = (
    demand_letters.register,
    orders.register,
    media.register,
    shares.register,
    pay.register,
    papay.register,
    bills.register,
    receipts.register,
)
# Staff at a computer.
DESK: tuple[Register, ...] = (
    desk_front.register,
    desk_orders.register,
    desk_imports.register,
    desk_code.register,
    desk_money.register,
    desk_homes.register,
    desk_bill.register,
    desk_debtors.register,
    desk_counter.register,
    desk_debit.register,
    desk_runs.register,
    desk_receipts.register,
    desk_reconcile.register,
    desk_months.register,
    desk_tariffs.register,
)
# Only in a training set-up (SIMULATOR=1).
TRAINING: tuple[Register, ...] = (simulator_door.register,)


def register_all(app: Flask, *, training: bool) -> None:
    guard(app)
    groups = (
        ("signed", SIGNED),
        ("open", OPEN),
        ("resident", RESIDENT),
        ("desk", DESK),
        ("training", TRAINING if training else ()),
    )
    for group, registers in groups:
        for register in registers:
            known = set(app.view_functions)
            register(app)
            app.extensions.setdefault("groups", {}).update(dict.fromkeys(set(app.view_functions) - known, group))
