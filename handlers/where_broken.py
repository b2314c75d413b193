"""Where it is broken: a home of the speaker's, a compound, or the place whose sticker was scanned."""

from collections.abc import Sequence
from typing import Any

from bot.flow import Ask, Choice, Detour, Done, Later, Next, Outcome, Question, Turn
from handlers import spots
from handlers.danger import alarm_at_once, is_dangerous
from handlers.speaker import HomeTie, Person
from models.estate.places import names_a_place
from models.estate.queries import communities_named, communities_of
from models.estate.tables import Community
from models.workorders.words import is_public_place, speaks_of_inside

BIND_FIRST = "报修家里的东西，要先知道您是哪一户。"
FOR_STAFF = "是哪一户？请连房号一起说，比如「代报修 3-2-501 厨房水管漏水」。"


def take_where(turn: Turn) -> Outcome:
    """Which home or compound: a number of our list, the name of one, or an address among the person's own homes."""
    if turn.asked == "where" and turn.choice is not None:
        return Next(turn.choice)
    person: Person = turn.speaker
    said = turn.said("house") or []
    named = [home for home in person.homes if any(_is_meant(home, address) for address in said)]
    if len(named) == 1:
        return Next(_of_home(named[0]))
    if not person.homes and person.company_id is not None and turn.text:
        compounds = communities_named(turn.text, communities_of(turn.session, person.company_id))
        if len(compounds) == 1:
            return Next({"community_id": compounds[0].id, "home_id": None, "label": compounds[0].name})
    return None


def known_where(turn: Turn) -> Any | None:
    person: Person = turn.speaker
    spot = spots.here(turn)
    if spot is not None:
        return {"community_id": spot["community_id"], "home_id": None, "label": spot["label"]}
    if len(person.homes) == 1:
        return _of_home(person.homes[0])
    if person.homes or person.company_id is None or not _is_for_anybody(turn):
        return None
    compounds = _compounds(turn)
    if len(compounds) == 1:
        return {"community_id": compounds[0].id, "home_id": None, "label": compounds[0].name}
    return None


def ask_where(turn: Turn) -> Question:
    """Somebody with several homes chooses one. A visitor may report what is public, and names the compound."""
    person: Person = turn.speaker
    if person.homes:
        return Ask(
            "是哪一处？", tuple(Choice(_of_home(home), f"{home.community}{home.label}") for home in person.homes)
        )
    if person.company_id is None or not _is_for_anybody(turn):
        return Done(FOR_STAFF) if person.is_staff else _bind_first(turn)
    advice = alarm_at_once(turn)
    compounds = _compounds(turn)
    choices = tuple(Choice({"community_id": c.id, "home_id": None, "label": c.name}, c.name) for c in compounds)
    return Ask(f"{advice}请问是在哪个小区？", choices)


def _bind_first(turn: Turn) -> Question:
    """Binding comes first. When it comes to nothing for now, what was said is kept until it does."""
    if "sent to bind" not in turn.slots:
        turn.slots["sent to bind"] = True
        return Detour("bind_house", say=BIND_FIRST)
    problem = shortened(turn.slots["problem"])
    return Later(
        f"您说的「{problem}」我记下了。绑定好以后回复「继续」，我就接着报修；着急请回复「人工」。", until="bind_house"
    )


def _compounds(turn: Turn) -> Sequence[Community]:
    """Where it may be: the compounds a worker works for, or all of the company's."""
    person: Person = turn.speaker
    return communities_of(turn.session, person.company_id or 0, only=person.community_ids if person.is_staff else None)


def _is_for_anybody(turn: Turn) -> bool:
    """Public parts, and danger anywhere, may be reported by anybody who passes by."""
    person: Person = turn.speaker
    problem = str(turn.slots.get("problem", ""))
    if is_public_place(problem) or is_dangerous(problem):
        return True
    # A place the company has a name of its own for. Only asked for those who live nowhere here.
    return (
        bool(problem) and not speaks_of_inside(problem) and names_a_place(turn.session, person.company_id or 0, problem)
    )


def _of_home(home: HomeTie) -> dict[str, Any]:
    return {"community_id": home.community_id, "home_id": home.home_id, "label": f"{home.community}{home.label}"}


def _is_meant(home: HomeTie, address: dict[str, str]) -> bool:
    """Do the parts that were said all fit this home?"""
    building, _, rest = home.key.partition("-")
    entrance, _, room = rest.rpartition("-")
    said = (address.get("building"), address.get("entrance"), address.get("room"))
    return any(said) and all(
        not part or part == own for part, own in zip(said, (building, entrance, room), strict=True)
    )


def shortened(problem: str, limit: int = 30) -> str:
    words = " ".join(problem.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
