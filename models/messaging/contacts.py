"""What the sender must know of the people it writes to, and what it finds out about them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging import grants
from models.messaging.conversations import LAYOUT
from models.messaging.tables import Consent, Conversation

Who = tuple[str, str]  # (account, openid)

# When somebody who has a row only because we wrote to them last spoke: nobody is awake because of our own messages.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Contact:
    """A person's book of free messages, whether WeChat reaches them, whether something waits for them to speak.

    `known` is False for somebody who did nothing yet that we heard of: then there are no books, only what we sent them.
    """

    windows: Mapping[str, Any]
    unreachable: str = ""
    parked: bool = False
    known: bool = True
    changed: bool = False


def locked(session: Session, people: Collection[Who]) -> dict[Who, Contact]:
    """The contacts of these people, held until the transaction ends. Whoever is speaking right now is left out: their turn
    holds their row, and the sender does not wait for it, because it holds everybody else's."""
    columns = (Conversation.account, Conversation.openid)
    these = sa.tuple_(*columns).in_(list(people))
    found = {
        (row.account, row.openid): Contact(
            row.windows or {}, row.unreachable, row.parked, known=grants.has_grants(row.windows or {})
        )
        for row in session.execute(
            sa.select(*columns, Conversation.windows, Conversation.unreachable, Conversation.parked)
            .where(these)
            .with_for_update(skip_locked=True)
        )
    }
    missing = [who for who in people if who not in found]
    if missing:
        speaking = {tuple(row) for row in session.execute(sa.select(*columns).where(sa.tuple_(*columns).in_(missing)))}
        found |= {who: Contact({}, known=False) for who in missing if who not in speaking}
    return found


def save(session: Session, contacts: Mapping[Who, Contact]) -> None:
    """Write down the books that changed. Call with them locked.

    Somebody who never spoke gets a row: what leaves now is taken off a window that opened this very second, and whoever
    something waits for is recognised when they speak.
    """
    table: Any = Conversation.__table__
    changed = {who: contact for who, contact in sorted(contacts.items()) if contact.changed}
    for who, contact in changed.items():
        if not contact.known:
            _put_row(session, who)
    if changed:
        statement = (
            sa.update(table)
            .where(table.c.account == sa.bindparam("at"), table.c.openid == sa.bindparam("who"))
            .values(windows=sa.bindparam("new_windows", type_=sa.JSON), parked=sa.bindparam("new_parked"))
        )
        rows = [
            {"who": openid, "at": account, "new_windows": dict(contact.windows), "new_parked": contact.parked}
            for (account, openid), contact in changed.items()
        ]
        session.connection().execute(statement, rows)


def _put_row(session: Session, who: Who) -> None:
    account, openid = who
    values: dict[str, Any] = {
        "frames": [], "misunderstood": 0, "layout": LAYOUT, "turned_at": NEVER, "windows": {}, "burst_count": 0,
        "unreachable": "", "parked": False,
    }  # fmt: skip
    insert_or_ignore(session, Conversation, {"account": account, "openid": openid, **values})


def found_out(session: Session, *, shut: Collection[Who], unreachable: Mapping[Who, str]) -> None:
    """What WeChat said about people: no free message is left, or it does not reach them at all."""
    for account, openid in sorted({*shut, *unreachable}):
        _put_row(session, (account, openid))
        conversation = session.scalars(
            sa.select(Conversation)
            .where(Conversation.account == account, Conversation.openid == openid)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        if (account, openid) in shut:
            conversation.windows = grants.closed(conversation.windows or {})
        if why := unreachable.get((account, openid)):
            conversation.unreachable = why[:64]
    session.flush()


def consents_of(session: Session, people: Collection[Who], template_ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """(account, openid, template id) of every subscription message that may still be sent."""
    if not template_ids:
        return set()
    rows = session.execute(
        sa.select(Consent.account, Consent.openid, Consent.template_id).where(
            sa.tuple_(Consent.account, Consent.openid).in_(list(people)),
            Consent.template_id.in_(template_ids),
            Consent.left > 0,
        )
    )
    return {(row.account, row.openid, row.template_id) for row in rows}
