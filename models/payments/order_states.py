"""How an order stands between us and WeChat, and when to look it up: callbacks get lost, so every open order is looked up soon and
often enough that no payment stays unseen for three minutes, and is closed late, because people search for their password.

new (written down; whether WeChat has it is not known) → open (it has) → paid; new, open → closing (somebody wants it ended) →
closed or paid. Money for a closed one may still come: closed → paid, kept in advance.
"""

from datetime import datetime, timedelta

OPEN = frozenset({"new", "open", "closing"})
LIFE = timedelta(minutes=30)  # to pay in
TOKEN_LIFE = timedelta(minutes=110)  # WeChat's is two hours
UNRESOLVED_AFTER = timedelta(hours=2)
_SOON = (timedelta(seconds=30), timedelta(minutes=1))
_EVERY = timedelta(minutes=2)

# What WeChat says an order is, as far as money is concerned.
CAME = frozenset({"SUCCESS", "REFUND"})
GONE = frozenset({"CLOSED", "REVOKED", "PAYERROR"})

_MOVES = {
    "new": frozenset({"open", "closing", "paid", "closed"}),
    "open": frozenset({"open", "closing", "paid", "closed"}),
    "closing": frozenset({"closing", "paid", "closed"}),
    "closed": frozenset({"paid"}),
    "paid": frozenset(),
}


def may_move(old: str, new: str) -> bool:
    return new in _MOVES[old]


def before(new: str) -> frozenset[str]:
    """The states an order may come from."""
    return frozenset(old for old in _MOVES if may_move(old, new))


def next_look(made_at: datetime, now: datetime) -> datetime:
    """When to ask WeChat again about an order made then: after half a minute, a minute, then every two minutes."""
    for step in _SOON:
        if made_at + step > now:
            return made_at + step
    return now + _EVERY


def is_over(expires_at: datetime, now: datetime) -> bool:
    return now >= expires_at


def still_good(token_at: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """May the page hand this token to WeChat once more?"""
    return token_at is not None and now < token_at + TOKEN_LIFE and now + timedelta(minutes=1) < expires_at
