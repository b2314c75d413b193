"""Who hears what of 委托代扣: whoever signed, of their contract and of what is coming; the home, of what did not come."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.estate.tables import Community, Home
from models.messaging import outbox
from models.money import shown
from models.papay.rules import WHAT_TO_DO
from models.papay.tables import PapayAttempt, PapayContract
from models.payments.issuing import who_hears


def tell_signed(session: Session, contract: PapayContract, *, now: datetime) -> None:
    _tell_signer(session, contract, "papay_signed", {}, f"papay-signed:{contract.id}", now=now)


def tell_ended(session: Session, contract: PapayContract, why: str, *, now: datetime) -> None:
    _tell_signer(session, contract, "papay_ended", {"why": why}, f"papay-ended:{contract.id}", now=now)


def tell_coming(
    session: Session, contract: PapayContract, attempt: PapayAttempt, items: Sequence[str], *, now: datetime
) -> None:
    data = {
        "amount": shown(attempt.fen), "day": f"{attempt.charge_on.month}月{attempt.charge_on.day}日", "lines": "\n".join(items),
    }  # fmt: skip
    key = f"papay-coming:{attempt.id}:{attempt.charge_on.isoformat()}"
    _tell_signer(session, contract, "papay_coming", data, key, now=now)


def tell_failed(
    session: Session, attempt: PapayAttempt, reason: str, *, now: datetime, again: date | None = None
) -> None:
    """`again`: the day of the next try; without one the home has to pay by itself."""
    next_day = f"{again.month}月{again.day}日" if again is not None else ""
    for account, openid, where in who_hears(session, [attempt.home_id]).get(attempt.home_id, ()):
        outbox.put(
            session, account=account, openid=openid, kind="papay_failed",
            data={"home": where, "amount": shown(attempt.fen), "reason": reason, "do": WHAT_TO_DO[reason], "again": next_day},
            dedupe_key=f"papay-failed:{attempt.id}", now=now,
        )  # fmt: skip


def _tell_signer(
    session: Session, contract: PapayContract, kind: str, data: Mapping[str, str], key: str, *, now: datetime
) -> None:
    home = session.get_one(Home, contract.home_id)
    where = f"{session.get_one(Community, contract.community_id).name}{home.label}"
    outbox.put(
        session, account=contract.account, openid=contract.openid, kind=kind, data={"home": where, **data},
        dedupe_key=key, now=now,
    )  # fmt: skip
