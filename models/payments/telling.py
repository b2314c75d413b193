"""What the people of a home hear of money that staff took in its name: nobody can enter a payment for them that they do not know of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.estate.tables import Home
from models.messaging import outbox
from models.money import shown
from models.payments.issuing import who_hears
from models.payments.receipts import CHANNELS, Position, number_of
from models.payments.tables import Payment, Receipt


def tell_taken(
    session: Session, home: Home, payment: Payment, receipt: Receipt, positions: Sequence[Position], *, now: datetime
) -> None:
    """To everybody who may see its bills. Of a former owner's money the household of today hears nothing."""
    if payment.former_id is not None:
        return
    lines = "\n".join(f"{position.words}　{shown(position.fen)}" for position in positions)
    for account, openid, where in who_hears(session, [home.id]).get(home.id, ()):
        outbox.put(
            session, account=account, openid=openid, kind="money_taken",
            data={
                "home": where, "amount": shown(payment.fen), "way": CHANNELS[payment.channel], "lines": lines,
                "receipt": number_of(receipt),
            },
            dedupe_key=f"taken:{payment.id}", now=now,
        )  # fmt: skip
