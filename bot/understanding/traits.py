"""What a sentence looks like to the learned model: its characters in ones, twos and threes, the ideas its words stand for, and who says
it in which state of the dialogue.

Ideas are groups of words that mean much the same (a file of the business names them). They carry what was learned about one word
over to the others. A denied word (「不是水管」) is another trait than the word.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.understanding.normalise import standard

_FIGURES = re.compile(r"\d+(?:[.-]\d+)*")
_MARKS = re.compile(r"[^\w#]+")
_CLAUSES = re.compile(r"[,，。;；!！?？\n]+|(?=对了|还有|另外|顺便|顺带)")
_DENIED = re.compile(r"(?:不是|不用|不要|不想|不查|不看|不问|没有?|别|莫|不)$")
_SHORT, _LONG = 6, 40  # characters
_STAFF = ("staff", "manager")

Signs = Callable[[str], Iterable[str]]


def _no_signs(text: str) -> Iterable[str]:
    return ()


class Traits:
    """`ideas`: word → the ideas it may stand for. `signs`: further traits the business sees in a sentence. `together`: ideas whose names
    begin like this mean most in company (a window, and that it hangs loose), so every two of them are a trait of their own.
    """

    def __init__(self, ideas: Mapping[str, Sequence[str]], signs: Signs = _no_signs, together: str = "险") -> None:
        self._ideas = ideas
        self._together = together
        self._longest = max(map(len, ideas), default=0)
        self._signs = signs

    def of(self, words: str, role: str, awaiting: str) -> tuple[str, ...]:
        """The traits of `words` (standard text)."""
        words = words.lower()
        text = f"^{_MARKS.sub('', _FIGURES.sub('0', words))}$"
        found = dict.fromkeys(_pieces(text, 3))
        found.update(dict.fromkeys(self._ideas_of(words)))
        found.update((f"!{sign}", None) for sign in self._signs(words))
        found.update(dict.fromkeys(_shape(words, text)))
        found.update(dict.fromkeys(_spoken(text, role, awaiting)))
        return tuple(found)

    def of_text(self, text: str, role: str, awaiting: str) -> tuple[str, ...]:
        return self.of(standard(text), role, awaiting)

    def _ideas_of(self, words: str) -> Iterator[str]:
        clauses = _clauses(words)
        together: dict[str, None] = {}
        for number, clause in enumerate(clauses):
            before: Sequence[str] = ()
            for at, ideas in self._seen(clause):
                denied = _DENIED.search(clause[:at]) is not None
                for idea in ideas:
                    if not denied and idea.startswith(self._together):
                        together[idea] = None
                    yield f"不{idea}" if denied else f"={idea}"
                    if len(clauses) > 1 and number in (0, len(clauses) - 1):
                        yield f"{'<' if number == 0 else '>'}{idea}"
                    yield from (f"{earlier}>{idea}" for earlier in before)
                before = ideas
        paired = sorted(together)
        for number, idea in enumerate(paired):
            yield from (f"{idea}+{other}" for other in paired[number + 1 :])

    def _seen(self, clause: str) -> Iterator[tuple[int, Sequence[str]]]:
        """Where a word of an idea begins, the longest word that begins there, and its ideas."""
        for at in range(len(clause)):
            for length in range(min(self._longest, len(clause) - at), 0, -1):
                if (ideas := self._ideas.get(clause[at : at + length])) is not None:
                    yield at, ideas
                    break


def _clauses(words: str) -> list[str]:
    return [clause for clause in _CLAUSES.split(words) if clause and clause.strip()]


def _shape(words: str, text: str) -> Iterator[str]:
    """How it is said: asked, called out, in one word or as a story; and the characters its first and its last clause have in twos."""
    yield from (f"~{mark}" for mark in "?!" if mark in words)
    length = len(text) - 2
    yield f"~{length if length < _SHORT else _SHORT + min(length, _LONG) // 8} long"
    clauses = [_MARKS.sub("", _FIGURES.sub("0", clause)) for clause in _clauses(words)]
    yield f"~{min(len(clauses), 4)} clauses"
    if len(clauses) > 1:
        for edge, clause in (("<", clauses[0]), (">", clauses[-1])):
            yield from (f"{edge}{clause[at : at + 2]}" for at in range(len(clause) - 1))


def _pieces(text: str, longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def _spoken(text: str, role: str, awaiting: str) -> Iterator[str]:
    """Who says it, in which state; and the same characters again as said by staff, or as an answer to something awaited."""
    yield from (f"@{role}", f"@{awaiting}", f"@{role}{awaiting}")
    if role in _STAFF:
        yield from (f"@{role}:{piece}" for piece in _pieces(text, 2))
    if awaiting:
        yield from (f"@{awaiting}:{piece}" for piece in _pieces(text, 2))
        if len(text) <= 8:
            yield f"@{awaiting}:short"
