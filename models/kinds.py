"""Every kind of message, imported once so that a process that only sends knows them all (as models/tables.py for tables)."""

from models.messaging.kinds import Kind, all_kinds
from models.people import kinds as people
from models.workorders import kinds as workorders

__all__ = ["Kind", "all_kinds", "people", "workorders"]
