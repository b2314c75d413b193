"""对账 in words: what the cashier hears when a day does not agree, and how a difference reads."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.messaging import outbox
from models.money import shown
from models.payments.receipts import CHANNELS
from models.payments.reconcile import WORDS
from models.payments.reconcile_tables import Difference, StatementDay
from models.payments.troubles import keepers_of

TELL_AFTER = 3  # tries: a statement that is a little late is no news
NAMED = 8


def words_of(difference: Difference) -> str:
    """3. 03-02 短款（…）：单号 L…，微信0.00元，账上165.33元."""
    wechat = difference.channel == "wechat"
    theirs, booked = ("微信" if wechat else "点钱"), "账上"
    sides = [
        f"{side}{shown(fen)}"
        for side, fen in ((theirs, difference.theirs), (booked, difference.ours))
        if fen is not None
    ]
    channel = "" if wechat else CHANNELS[difference.channel]
    number = [f"单号 {difference.number}"] if wechat and difference.number else []
    said = "，".join([*number, *sides])
    return f"{difference.id}. {difference.day:%m-%d} {channel}{WORDS[difference.what]}：{said}"


def words_of_day(day: StatementDay) -> str:
    if day.state == "empty":
        return f"{day.day:%m-%d} 微信说没有交易"
    if day.state == "done":
        back = f"，退款{shown(day.refunded)}" if day.refunded else ""
        return f"{day.day:%m-%d} 微信{day.trades}笔，收款{shown(day.fen)}{back}，手续费{shown(day.fees)}"
    tried = f"，已经试了{day.tries}次" if day.tries else ""
    return f"{day.day:%m-%d} 微信账单还没有取到{tried}"


def tell_day(session: Session, day: StatementDay, *, now: datetime) -> int:
    """Who keeps the books hears of a day that does not agree, or whose statement does not come; once each. Returns how many."""
    rows = session.scalars(
        sa.select(Difference)
        .where(
            Difference.company_id == day.company_id,
            Difference.day == day.day,
            Difference.channel == "wechat",
            Difference.closed_at.is_(None),
        )
        .order_by(Difference.id)
    ).all()
    late = day.state == "waiting" and day.tries >= TELL_AFTER
    if not rows and not late:
        return 0
    told = 0
    for staff in keepers_of(session, day.company_id):
        told += outbox.put(
            session, account=staff.account, openid=staff.openid, kind="day_reconciled",
            data={
                "title": words_of_day(day), "lines": [words_of(row) for row in rows[:NAMED]],
                "more": max(0, len(rows) - NAMED),
            },
            dedupe_key=f"{day.merchant}:{day.day}:{day.state}", now=now,
        )  # fmt: skip
    return told
