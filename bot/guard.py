"""One step of a flow, run so that what goes wrong in it stays in it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from bot.flow import Done, Turn
from models.db import savepoint
from models.errors import Refusal

log = logging.getLogger(__name__)

APOLOGY = "抱歉，刚才出了点问题，没有办成。请再说一次；急事请回复「人工」。"

Answer = TypeVar("Answer")


class Spoiled(Exception):
    """A step of a careless turn has refused or failed, and may have written something before: nothing of the turn may stay.

    Almost every step ends well, so a turn first goes without savepoints, which cost two statements each. When this is raised
    the turn is taken again from its beginning with a savepoint around each step.
    """


def guarded(turn: Turn, where: str, step: Callable[[Turn], Answer], *, in_savepoint: bool = False) -> Answer | Done:
    """Run one step. A refusal is told and undoes what the step wrote; a bug is logged and apologised for."""
    try:
        if not in_savepoint:
            return step(turn)
        with savepoint(turn.session) if turn.careful else _no_savepoint():
            return step(turn)
    except Refusal as refusal:
        return Done(refusal.message)
    except (DBAPIError, Spoiled):
        raise  # the transaction is lost as a whole; after a DBAPIError the platform delivers the message again
    except Exception:
        log.exception("a step failed", extra={"step": where})
        return Done(APOLOGY)


@contextmanager
def _no_savepoint() -> Iterator[None]:
    try:
        yield
    except DBAPIError:
        raise
    except Exception as problem:
        raise Spoiled from problem
