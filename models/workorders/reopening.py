"""When a finished order may begin anew, and what changes when it does (domain rule T21)."""

import re
from datetime import timedelta

from models.workorders.follow_up import BAD_RATING
from models.workorders.words import categories_of, location_of, may_be_the_same_trouble, names_a_fault

WITHIN = timedelta(days=7)
SAME_FAULT_WITHIN = timedelta(days=30)
UNTIL_MANAGER = 3  # from this time on the manager arranges it in person, and nobody is sent by rule

# What the office may say when the work itself was right.
_NOT_THE_WORK = re.compile(
    r"配件|材料|质量|人为|自己弄|业主(?:自己|使用|操作)|不怪|不怨|不是师傅|不关师傅|另一[处个]|别的地方"
)


def in_time(since: timedelta, *, same_fault: bool) -> bool:
    """Whether people of the home may still say so. `since`: how long ago it was done. The office may always."""
    return since <= (SAME_FAULT_WITHIN if same_fault else WITHIN)


def is_same_fault(problem: str, category: str, said: str) -> bool:
    """Whether 「没修好，…」 can be about what was mended. Only words that name another thing or place say otherwise."""
    if not names_a_fault(said) and location_of(said) is None:
        return True
    named = categories_of(said)
    if named and category not in named and categories_of(problem)[:1] != named[:1]:
        return False
    return may_be_the_same_trouble(problem, said, category)


def back_to_the_same(rating: int | None) -> bool:
    """Whoever knows the fault goes again, unless the owner was unhappy with them."""
    return rating is None or rating > BAD_RATING


def is_managers(times: int) -> bool:
    return times >= UNTIL_MANAGER


def blames_the_work(reason: str, *, same_fault: bool, by_office: bool) -> bool:
    """Whether a reopening counts against who did the work: not for another fault, nor when the office says what else it was."""
    return same_fault and not (by_office and _NOT_THE_WORK.search(reason) is not None)
