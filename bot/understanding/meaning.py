"""What is understood: the one type that leaves this package, and what it may lean on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ROLES = ("owner", "tenant", "visitor", "staff", "manager")


@dataclass(frozen=True)
class Meaning:
    """What a message means.

    `intent` is a name of the shared list (repair_report, staff_accept, …, out_of_scope); `slots` what was said along with it;
    `confidence` 0–1 (0.8 and more: act; 0.5–0.8: "did you mean"; less: ask); `also` further wishes in the same message,
    in the order they were said; `clause` the part of the message (in standard words) that a further wish was said in.
    """

    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.0
    also: tuple["Meaning", ...] = ()
    clause: str = ""


@dataclass(frozen=True)
class Context:
    """What the words may lean on: what was asked last (`awaiting`, e.g. ask_house, confirm, awaiting_rating) and when it is."""

    awaiting: str = ""
    now: datetime | None = None
