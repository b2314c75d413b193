"""The shape most jobs have: look for what is due, then deal with each in a transaction of its own."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from models.db import Database
from models.errors import Refusal

log = logging.getLogger(__name__)


def one_by_one(
    database: Database, find: Callable[[Session], Sequence[int]], act: Callable[[Session, int], None], what: str
) -> str:
    """Returns the outcome in words. A refusal means that somebody was faster or that it is not time yet: the row is left.

    Any other failure is logged with the row's number and undone, and the others go on.
    """
    with database.reading() as session:
        due = find(session)
    done = failed = 0
    for number in due:
        try:
            with database.transaction() as session:
                act(session, number)
            done += 1
        except Refusal:
            log.debug("left as it is", extra={"what": what, "number": number})
        except Exception:
            log.exception("one of many failed", extra={"what": what, "number": number})
            failed += 1
    return f"{done} {what}, {failed} failed" if failed else f"{done} {what}"
