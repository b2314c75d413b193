"""Which public place a sentence speaks of."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from models.estate.addresses import find_addresses

_APART = re.compile(r"[\s·、,，;；/|]+")


class NamedPlace(Protocol):
    """A place some word of which stands in the sentence; `word` is that word."""

    @property
    def place_id(self) -> int: ...
    @property
    def word(self) -> str: ...
    @property
    def building(self) -> str: ...
    @property
    def entrance(self) -> str: ...


Found = TypeVar("Found", bound=NamedPlace)


def spelling(text: str) -> str:
    """The one spelling in which names are kept and sentences are searched: half width, capitals, no blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def split_nicknames(text: str) -> tuple[str, ...]:
    """升降机、轿厢 → ("升降机", "轿厢"), each once."""
    return tuple(dict.fromkeys(word for word in _APART.split(unicodedata.normalize("NFKC", text)) if word))


def meant(text: str, named: Iterable[Found], *, building: str = "", entrance: str = "") -> Found | None:
    """The one place that is meant, or None when it could be several.

    The longest word wins: 楼道灯 before 楼道. A building said in the sentence decides; where none was said, a place of one
    building is only meant by those who live in it (`building`, `entrance`: the speaker's own, "" when they live nowhere).
    """
    found = list(named)
    if not found:
        return None
    longest = max(len(place.word) for place in found)
    best = [place for place in found if len(place.word) == longest]
    said = next((home for home in find_addresses(text) if home.building or home.entrance), None)
    if said is not None:
        best = _fitting(best, said.building or building, said.entrance)
    if len(best) > 1 or said is None:
        own = said is None or not said.building or said.building == building
        best = _fitting(best, building, entrance) if own and building else best
    return best[0] if len(best) == 1 else None


def _fitting(places: Sequence[Found], building: str, entrance: str) -> list[Found]:
    return [
        place
        for place in places
        if (not building or place.building in ("", building)) and (not entrance or place.entrance in ("", entrance))
    ]
