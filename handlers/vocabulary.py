"""What the understanding must recognise of this business: homes, kinds of trouble, places, how urgent it is."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.understanding import recognise
from bot.understanding.meaning import Context
from handlers.learned import in_danger
from handlers.told_times import periods_told
from models.estate.addresses import find_addresses
from models.estate.misheard import as_meant
from models.workorders.rating_words import verdict_of
from models.workorders.urgency import priority_of
from models.workorders.words import categories_of, location_of, names_a_fault

# Questions to which a bare number such as 501 is the answer.
ASKING_FOR_A_HOME = frozenset({"ask_house", "choose_house"})
# States in which words like 「很好」 are about the work that was done.
RATING = frozenset({"awaiting_rating"})


@dataclass(frozen=True)
class Words:
    """A recogniser made of a function (text, role, context) → value or None."""

    name: str
    find: Callable[[str, str, Context], object | None]


def house(text: str, role: str, context: Context) -> object | None:
    """[{building, entrance, room, kind}, …]; parts that were not said are ""."""
    found = find_addresses(as_meant(text), bare_room=context.awaiting in ASKING_FOR_A_HOME)
    return [
        {"building": home.building, "entrance": home.entrance, "room": home.door, "kind": home.kind} for home in found
    ] or None


def category(text: str, role: str, context: Context) -> object | None:
    """The kind of trouble, or several of them, best guess first."""
    if not names_a_fault(text):
        return None
    found = categories_of(text)
    return (found[0] if len(found) == 1 else list(found)) if found else None


def place(text: str, role: str, context: Context) -> object | None:
    return location_of(text)


def priority(text: str, role: str, context: Context) -> object | None:
    """A priority that was said in so many words (P1), or else how urgent the fault sounds."""
    said = recognise.priority(text, context)
    if said is not None:
        return said
    if in_danger(text, role, context.awaiting):
        return "P0"
    if not names_a_fault(text):
        return None
    heard = priority_of(text, next(iter(categories_of(text)), ""))
    return "P1" if heard == "P0" else heard


def rating(text: str, role: str, context: Context) -> object | None:
    """1–5 in figures or words; a bare number and a plain 「很好」 only while a rating is awaited."""
    return verdict_of(text, awaited=context.awaiting in RATING).stars


def opinion(text: str, role: str, context: Context) -> object | None:
    """The words themselves, when they judge the work but do not tell how many stars that is."""
    awaited = context.awaiting in RATING
    return text if awaited and verdict_of(text, awaited=True).doubtful else None


def period(text: str, role: str, context: Context) -> object | None:
    """The first span of time that is named and not denied: 2024-03, 05, Q1, last_month."""
    return next(iter(periods_told(text)), None) or recognise.period(text, context)


RECOGNISERS = (
    Words("house", house),
    Words("category", category),
    Words("location", place),
    Words("priority", priority),
    Words("rating", rating),
    Words("opinion", opinion),
    Words("period", period),
)
