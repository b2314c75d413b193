"""The books of the APIs (breaker.py): one row each, locked by whoever claims, so that all senders share one count."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging.tables import ApiBook

# Belongs to no account: whoever holds it claims.
_DOOR = ("", "claims")
_HELD = "api_books"  # where a session, which lives for one transaction, remembers that it holds them


def lock(session: Session) -> dict[tuple[str, str], ApiBook]:
    """Every book by (account, api), held until the transaction ends. There are a handful."""
    known: dict[tuple[str, str], ApiBook] | None = session.info.get(_HELD)
    if known is not None:
        return known
    books = _locked(session)
    if _DOOR not in books:
        _add(session, *_DOOR)
        books = _locked(session)
    session.info[_HELD] = books
    return books


def ensure(session: Session, books: dict[tuple[str, str], ApiBook], account: str, apis: Iterable[str]) -> None:
    """Open the books of these APIs that are missing. Call with the lock held."""
    missing = [api for api in apis if (account, api) not in books]
    for api in missing:
        _add(session, account, api)
    if missing:
        books.update(_locked(session))


def shut_books(session: Session) -> Sequence[ApiBook]:
    """The APIs that are shut or were shut until a moment ago, for whoever watches."""
    return session.scalars(sa.select(ApiBook).where(ApiBook.shut_until.is_not(None)).order_by(ApiBook.api)).all()


def _locked(session: Session) -> dict[tuple[str, str], ApiBook]:
    rows = session.scalars(
        sa.select(ApiBook)
        .order_by(ApiBook.account, ApiBook.api)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(book.account, book.api): book for book in rows}


def _add(session: Session, account: str, api: str) -> None:
    values = {"failures": 0, "probing": False, "skip": False, "why": "", "day": "", "day_used": 0}
    insert_or_ignore(session, ApiBook, {"account": account, "api": api, **values, "minute": "", "minute_used": 0})
