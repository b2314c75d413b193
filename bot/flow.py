"""What a conversation is made of: flows, the slots they need, and what a step may answer.

A flow is data that reads top to bottom. The machine (bot/router.py) asks for what is missing, lets people answer in any
order, correct themselves and ask other things in between; steps only look at the turn and return an outcome.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bot.incoming import Incoming
from bot.understanding.meaning import Meaning


class Speaker(Protocol):
    """Who speaks. The business behind it (homes, staff) is the handlers' own."""

    @property
    def account(self) -> str: ...
    @property
    def openid(self) -> str: ...
    @property
    def role(self) -> str:
        """For the understanding: owner, tenant, visitor, staff or manager."""
        ...

    @property
    def roles(self) -> frozenset[str]:
        """For rights: everything this person is."""
        ...

    @property
    def awaiting(self) -> str:
        """What the facts make us expect to hear: awaiting_rating, order_pushed, order_in_progress, or ""."""
        ...


@dataclass
class Turn:
    """One message and everything a step may know about it. `slots` belong to the running flow (plain JSON values)."""

    session: Session
    now: datetime
    incoming: Incoming
    speaker: Any  # a Speaker; handlers know its full type
    meaning: Meaning
    settings: Any = None
    slots: dict[str, Any] = field(default_factory=dict)
    asked: str = ""  # the slot this message answers, "" when the flow has just begun
    choice: Any = None  # what a bare number stood for, when the last question had choices
    careful: bool = True  # False: a step that does not end well spoils the turn, which is then taken again, carefully

    @property
    def text(self) -> str:
        return self.incoming.text

    def said(self, name: str) -> Any:
        """A slot the understanding heard in this very message, or None."""
        return self.meaning.slots.get(name)


# --- what a step may answer -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Next:
    """The slot is filled."""

    value: Any


@dataclass(frozen=True)
class Again:
    """Not usable: say why, and the question stays open."""

    say: str


@dataclass(frozen=True)
class Done:
    """The flow is over; this is what the person hears.

    `alone`: nothing else may be asked in the same breath (somebody is in danger); what waits underneath is put aside.
    `then`: another flow that takes over from here, before what waits underneath.
    """

    say: str
    alone: bool = False
    then: "Detour | None" = None


@dataclass(frozen=True)
class Later:
    """The flow cannot go on now. Everything under way is put aside as it stands, and 「继续」 takes it up.

    `until`: the flow that may clear the way; when that is begun, this one goes on by itself afterwards.
    """

    say: str
    until: str = ""


@dataclass(frozen=True)
class GoTo:
    """Empty a slot and ask it again, with a word of why."""

    slot: str
    say: str = ""


@dataclass(frozen=True)
class Detour:
    """Another flow must be gone through first; this one waits and goes on by itself afterwards."""

    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    say: str = ""


Outcome = Next | Again | Done | Later | GoTo | Detour | None


# --- what a flow is made of -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One numbered answer to a question."""

    value: Any
    label: str


@dataclass(frozen=True)
class Ask:
    """A question, with numbered choices if there are any. The number always works; the label does, too."""

    say: str
    choices: tuple[Choice, ...] = ()


# Asking may find that there is nothing to ask about: then the flow is over, has to wait, or another one comes first.
Question = str | Ask | Detour | Done | Later


@dataclass(frozen=True)
class Slot:
    """Something a flow needs to know.

    `take` looks at the turn and returns Next(value), Again(why), Done/GoTo/Detour, or None when the message says nothing
    about this slot. It is offered every message of the flow; `turn.asked == name` tells that a bare answer is meant for it.
    `known` gives what needs no asking. An optional slot is never asked for.
    """

    name: str
    take: Callable[[Turn], Outcome]
    ask: str | Callable[[Turn], Question] = ""
    known: Callable[[Turn], Any] | None = None
    optional: bool = False
    free_text: bool = False  # any words may be the answer, so only an exact command is taken for a change of subject
    only_commands: bool = (
        False  # stronger: what merely means something else is an answer, too (words meant for a person)
    )
    awaiting: str = ""  # what the understanding is told while this question is open (ask_house, ask_time, …)
    answers: frozenset[str] = frozenset()  # intents that are an answer to this question, and no change of subject


@dataclass(frozen=True)
class Flow:
    """One thing people can do here by talking.

    `roles`: who may (None: everybody). `commands`: exact words that always work, with {slots}. `examples`: how people say it.
    `quick`: it answers at once and may be slipped in while another flow waits for an answer.
    `confirm`: a dangerous act names what it will do and waits for 是. `put_down`: what 取消 does where something was begun that
    others wait for; it answers Done. `open_for`: how long its questions wait, if longer than usual.
    """

    intent: str
    title: str  # as in 「您是要…吗？」
    finish: Callable[[Turn], Outcome]
    slots: tuple[Slot, ...] = ()
    roles: frozenset[str] | None = None
    commands: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    awaiting: frozenset[str] = frozenset()
    quick: bool = False
    confirm: Callable[[Turn], str] | None = None
    put_down: Callable[[Turn], Outcome] | None = None
    open_for: timedelta | None = None
    refusal: str = ""  # what somebody without the right hears


EventHandler = Callable[[Turn], Outcome]


def _nothing_more(turn: Turn) -> Outcome:
    return None


def _says_nothing(turn: Turn, meaning: Meaning) -> str:
    return ""


@dataclass(frozen=True)
class Program:
    """Everything that can be said here, put together in handlers/__init__.py. The machine runs any program."""

    flows: Mapping[str, Flow]
    events: Mapping[str, EventHandler]  # by Incoming.kind: follow, unfollow, scan, menu
    wordless: EventHandler  # a picture, recording or place outside of any flow
    unclear: Callable[[Turn, int], str]  # not understood, for the n-th time in a row
    dropped: Callable[[str], str]  # a flow (its title) was left half-way too long ago: what to say
    identify: Callable[[Session, Incoming, datetime], Any]  # who is speaking
    afterthought: EventHandler = _nothing_more  # words nothing else could be made of: about what was just done?
    unserved: Callable[[Turn, Meaning], str] = (
        _says_nothing  # a wish no flow answers yet, in plain words; "" for no wish
    )
