"""What the understanding is told from outside: which intents there are, and who finds which slot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.understanding.meaning import Context

Judge = Callable[[str, str, str], Mapping[str, float]]  # words, role, awaiting → how likely each intent is; together 1


@dataclass(frozen=True)
class IntentSpec:
    """One thing people may want.

    `roles`: who may mean it (None: everybody). `commands`: exact words that always work; a blank in braces is a slot, a blank
    ending in ? may stay empty, `order_no` may always be left out. `examples`: what people say. `awaiting`: states of the dialogue in
    which it is favoured; an example that is only a number ("5") counts in these states and nowhere else.
    """

    intent: str
    roles: frozenset[str] | None = None
    commands: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    awaiting: frozenset[str] = frozenset()

    def is_for(self, role: str) -> bool:
        return self.roles is None or role in self.roles


class Recogniser(Protocol):
    """Finds the value of one slot in standard text; None when it is not there."""

    @property
    def name(self) -> str: ...

    def find(self, text: str, role: str, context: Context) -> object | None: ...


def no(*_words: str) -> bool:
    """For a rule that was not given."""
    return False
