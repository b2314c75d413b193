"""Exact commands: 「接单 12」 works in whatever way it is typed (「接单１２」, 「接单 #12」, 「接单十二号单。」).

A template is a verb and blanks: "评价 {order_no} {rating} {text?}". The verb alone matches, and what is missing is asked for by
whoever serves the intent; not so with "同意 {order_no!}", whose verb alone says something else in every conversation. Free
text is kept as it was written.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.understanding.normalise import fold
from bot.understanding.numbers import spoken_integer
from bot.understanding.spec import IntentSpec

# 「接单十二」 is a number, the 一 of 「完工一切正常」 is not.
_NUMBER = r"(?:\d{1,9}(?!\d)|[零〇一二三四五六七八九十百两幺]{1,6}(?=[号单\s,，。]|$))"
_HOUSE = (
    r"[A-Za-z0-9零〇一二三四五六七八九十甲乙丙丁商铺门面车位负栋幢座单元门号楼层室#./-]*"
    r"[0-9零〇一二三四五六七八九十](?:室|号|[东西中]户)?"
)
_BLANKS = {
    "order_no": rf"[#第]?\s*{_NUMBER}(?:号单?|单)?",
    "poll_no": rf"[#第]?\s*{_NUMBER}号?",
    "rating": r"[1-5一二两三四五](?:星|分|颗星)?(?!\d)",
    "assignee": r"[给]?\s*[^\s\d,，。]{1,8}",
    "house": _HOUSE,
    "period": r"(?:20)?\d{2}\s*[-年./]\s*\d{1,2}月?|\d{1,2}月|\d{6}",
    "priority": r"[Pp]\s*[0-3]",
    "reading": r"\d{1,8}(?:\.\d{1,4})?",
    "text": r".+",
}
_ANYTHING = r"\S+"
_TELLING = frozenset({"rating", "option", "assignee", "reading", "priority", "opinion"})
_WHOLE_NUMBERS = frozenset({"order_no", "poll_no", "rating"})
_GAP = r"[\s,，、:：。]*"
_TAIL = r"[\s。.!！~～,，]*"


@dataclass(frozen=True)
class Heard:
    """A command that was recognised. `attached`: free text stands right behind the verb, so it may be an ordinary sentence."""

    intent: str
    slots: dict[str, object] = field(default_factory=dict)
    attached: bool = False


@dataclass(frozen=True)
class _Blank:
    name: str
    optional: bool


@dataclass(frozen=True)
class Command:
    """One template made ready."""

    intent: str
    verb: str
    blanks: tuple[_Blank, ...]
    never_alone: bool = False

    @classmethod
    def of(cls, intent: str, template: str) -> "Command":
        verb, *rest = template.split()
        blanks = tuple(_Blank(word.strip("{}?!"), word.endswith("?}") or word == "{order_no}") for word in rest)
        return cls(intent, fold(verb), blanks, never_alone=is_never_alone(template))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = [re.escape(self.verb)]
        before_number = False
        for blank in self.blanks:
            shape = _BLANKS.get(blank.name, _ANYTHING)
            # Two numbers in a row need something between them: 「评价 12 5」, not 「评价125」.
            gap = rf"{_GAP}(?:(?<!\d)|(?!\d))" if before_number else _GAP
            part = rf"{gap}(?P<{blank.name}>{shape})"
            parts.append(rf"(?:{part})?" if blank.optional else part)
            before_number = blank.name in _WHOLE_NUMBERS
        return re.compile("".join(parts) + _TAIL, re.IGNORECASE)

    @cached_property
    def loud_verb(self) -> str:
        return self.verb.upper()

    def hear(self, text: str) -> Heard | None:
        """What was said, or None when `text` (folded) is not this command."""
        if not text.upper().startswith(self.loud_verb):
            return None
        rest = text[len(self.verb) :]
        if not rest.strip(" 。.!！~～,，?？"):
            return None if self.never_alone else Heard(self.intent)
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        slots = {name: _value(name, said.strip()) for name, said in match.groupdict().items() if said}
        first = next(iter(slots.values()), None)
        return Heard(
            self.intent, slots, attached=isinstance(first, str) and rest.startswith(first) and not rest[0].isdigit()
        )


def is_never_alone(template: str) -> bool:
    """Does the verb of this template mean nothing without what follows it?"""
    return "!}" in template


def _value(name: str, said: str) -> object:
    if name in _WHOLE_NUMBERS:
        return spoken_integer(re.sub(r"[#第号单星分颗\s]", "", said)) or 0
    if name == "assignee":
        return said.removeprefix("给").strip()
    if name in ("priority", "house"):
        return re.sub(r"\s", "", said).upper()
    return said


class Commands:
    """All commands of a program, longest verb first, so that 取消报修 is not taken for 取消."""

    def __init__(self, specs: Iterable[IntentSpec]) -> None:
        self._commands = sorted(
            ((Command.of(spec.intent, template), spec) for spec in specs for template in spec.commands),
            key=lambda pair: -len(pair[0].verb),
        )

    def completed_by(self, slots: Mapping[str, object], awaiting: str) -> str | None:
        """The awaited intent that has a blank which only these slots fill: a rating while a rating is awaited."""
        if not awaiting:
            return None
        for command, spec in self._commands:
            needed = [blank.name for blank in command.blanks if not blank.optional and blank.name in _TELLING]
            if awaiting in spec.awaiting and needed and all(name in slots for name in needed):
                return spec.intent
        return None

    def begun(self, text: str) -> str | None:
        """The intent whose exact word begins `text` and stands by itself there, whatever follows: 「催缴记录 锦绣花园 3-2-501」."""
        first = text.partition(" ")[0].upper()
        return next((spec.intent for command, spec in self._commands if command.loud_verb == first), None)

    def hear(self, text: str, role: str) -> Heard | None:
        """The command in `text` (folded). The speaker's own commands come first; somebody else's are recognised too,
        so that they can be refused in clear words."""
        others: Heard | None = None
        loud = text.upper()
        for command, spec in self._commands:
            heard = command.hear(text) if loud.startswith(command.loud_verb) else None
            if heard is not None and spec.is_for(role):
                return heard
            others = others or heard
        return others

    def listed(self, clauses: Iterable[str], role: str) -> list[tuple[Heard, str]]:
        """「账单，积分，打卡」: what was said when each part is a command of the speaker's by itself; else nothing."""
        listed: dict[str, tuple[Heard, str]] = {}
        for clause in clauses:
            heard = self.hear(clause, role)
            if heard is None or heard.attached or not self._is_for(heard.intent, role):
                return []
            listed.setdefault(heard.intent, (heard, clause))
        return list(listed.values())

    def _is_for(self, intent: str, role: str) -> bool:
        return any(spec.intent == intent and spec.is_for(role) for _, spec in self._commands)
