"""What WeChat says about an order, read strictly, and held against our own order: the amount that was asked for in whole fen
(`amount.total`; what the payer paid may be less by a coupon of WeChat's), the currency, the merchant, the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

MOST = 2**31 - 1  # fen: what a sum of WeChat's can be at most, and what our rows hold


class NotReadable(Exception):
    """WeChat's words do not have the form they must have."""


@dataclass(frozen=True)
class Transaction:
    """`total` in fen; `openid` of whoever paid, "" when it is not said."""

    number: str
    state: str
    transaction_id: str
    total: int
    currency: str
    mchid: str
    appid: str
    openid: str


@dataclass(frozen=True)
class Expected:
    """Our own order, and who we are."""

    number: str
    fen: int
    mchid: str
    appid: str


def read_transaction(told: Mapping[str, Any]) -> Transaction:
    """Raises NotReadable for what is missing or of the wrong type; an amount is an int, never a text, a float or a bool, and a name
    is printable ASCII, as all of WeChat's are: a database refuses others in the middle of a payment."""
    amount = told.get("amount")
    payer = told.get("payer")
    if not isinstance(amount, dict):
        raise NotReadable("no amount")
    total = amount.get("total")
    if not _is_fen(total):
        raise NotReadable("the amount is no number of fen")
    texts = {name: told.get(name) for name in ("out_trade_no", "trade_state", "transaction_id", "mchid", "appid")}
    for name, text in texts.items():
        if not _is_name(text):
            raise NotReadable(f"no {name}")
    if len(str(texts["transaction_id"])) > 32:
        raise NotReadable("the transaction_id is too long")
    openid = payer.get("openid") if isinstance(payer, dict) else ""
    return Transaction(
        number=str(texts["out_trade_no"]),
        state=str(texts["trade_state"]),
        transaction_id=str(texts["transaction_id"]),
        total=total,
        currency=str(amount.get("currency", "")),
        mchid=str(texts["mchid"]),
        appid=str(texts["appid"]),
        openid=openid if _is_name(openid) else "",
    )


def mismatch(told: Transaction, ours: Expected) -> str:
    """What is not as we ordered it, "" when all is."""
    pairs = (
        ("number", told.number, ours.number),
        ("mchid", told.mchid, ours.mchid),
        ("appid", told.appid, ours.appid),
        ("currency", told.currency, "CNY"),
        ("amount", told.total, ours.fen),
    )
    return "、".join(f"{name} {said!r} 应为 {own!r}" for name, said, own in pairs if said != own)


@dataclass(frozen=True)
class RefundNews:
    """How a refund stands: SUCCESS, PROCESSING, ABNORMAL or CLOSED. `fen` went or goes back."""

    number: str
    state: str
    fen: int
    transaction_id: str


def read_refund(told: Mapping[str, Any]) -> RefundNews:
    """From an answer (`status`) or a notice (`refund_status`). Raises NotReadable."""
    amount = told.get("amount")
    fen = amount.get("refund") if isinstance(amount, dict) else None
    state = told.get("refund_status", told.get("status"))
    number, transaction = told.get("out_refund_no"), told.get("transaction_id")
    if not _is_fen(fen):
        raise NotReadable("the refund is no number of fen")
    if not (_is_name(state) and _is_name(number) and _is_name(transaction)):
        raise NotReadable("no state or no number")
    return RefundNews(number, state, fen, transaction)


def _is_fen(said: object) -> TypeGuard[int]:
    return type(said) is int and 0 < said <= MOST


def _is_name(said: object) -> TypeGuard[str]:
    return isinstance(said, str) and 0 < len(said) <= 64 and said.isascii() and said.isprintable()
