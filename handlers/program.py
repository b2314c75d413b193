"""The whole of what can be said here. A flow that is not in these lists does not exist; a file that is not fails the build."""

from collections.abc import Sequence
from functools import cache

from bot.flow import Flow, Program
from bot.understanding import ROLES, IntentSpec, Understanding
from handlers.events import EVENTS, dropped, unclear, unserved
from handlers.learned import in_danger, judge
from handlers.manager import FLOWS as MANAGER
from handlers.phrases import EXAMPLES
from handlers.phrases.coarser import COARSER
from handlers.resident import FLOWS as RESIDENT
from handlers.resident.correct_report import correct_report
from handlers.resident.send_along import send_along
from handlers.speaker import identify
from handlers.staff import FLOWS as STAFF
from handlers.vocabulary import RECOGNISERS
from handlers.wishes import spec_of
from models.workorders.words import names_a_fault

FLOWS: tuple[Flow, ...] = RESIDENT + STAFF + MANAGER


def build_program() -> Program:
    return Program(
        flows={flow.intent: flow for flow in FLOWS},
        events=EVENTS,
        wordless=send_along,
        unclear=unclear,
        dropped=dropped,
        identify=identify,
        afterthought=correct_report,
        unserved=unserved,
    )


@cache  # it takes a moment and never changes: several apps of one process share it
def build_understanding(flows: Sequence[Flow] = FLOWS) -> Understanding:
    """The understanding, taught by the flows' own words; wishes nothing answers yet are known by their examples alone."""
    offered = {flow.intent for flow in flows}
    specs = [
        IntentSpec(flow.intent, _understood_of(flow), flow.commands, flow.examples, flow.awaiting) for flow in flows
    ]
    specs += [spec_of(intent, examples) for intent, examples in EXAMPLES.items() if intent not in offered]
    return Understanding(
        specs,
        RECOGNISERS,
        urgent=in_danger,
        reports_a_fault=names_a_fault,
        fault_elsewhere="staff_report_for",
        fault_again="repair_reopen",
        judge=judge,
        coarser=COARSER,
    )


def _understood_of(flow: Flow) -> frozenset[str] | None:
    """Whose free words may mean this. Its exact words are recognised from everybody, to be refused in clear words."""
    if flow.roles is None:
        return None
    residents = frozenset({"owner", "tenant"}) if "resident" in flow.roles else frozenset()
    return (flow.roles & frozenset(ROLES)) | residents
