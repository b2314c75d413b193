"""Everything that can be done to an order, in one place to import from. Each takes a session and never commits."""

from models.workorders.actions_desk import change_priority, merge, reject
from models.workorders.actions_follow_up import Visited, cause_found, visited
from models.workorders.actions_owner import (
    Nudged,
    add_attachment,
    add_words,
    cancel,
    nudge,
    rate,
    refuse_if_dangerous,
    remark,
    reopen,
)
from models.workorders.actions_time import close_unrated, dispatch_timed_out, pause_ended
from models.workorders.actions_worker import arrive, finish, hand_back, pause, resume, take, transfer
from models.workorders.dispatch import Dispatched, dispatch, dispatch_to
from models.workorders.report import Reported, report

__all__ = [
    "Dispatched",
    "Nudged",
    "Reported",
    "Visited",
    "add_attachment",
    "add_words",
    "arrive",
    "cancel",
    "cause_found",
    "change_priority",
    "close_unrated",
    "dispatch",
    "dispatch_timed_out",
    "dispatch_to",
    "finish",
    "hand_back",
    "merge",
    "nudge",
    "pause",
    "pause_ended",
    "rate",
    "refuse_if_dangerous",
    "reject",
    "remark",
    "reopen",
    "report",
    "resume",
    "take",
    "transfer",
    "visited",
]
