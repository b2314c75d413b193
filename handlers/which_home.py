"""Which home staff speak of: the one their words name, or a numbered choice among those they may mean."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from bot.flow import Again, Ask, Choice, Next, Outcome, Question, Slot, Turn
from handlers.which_compounds import compounds_meant
from models.estate.queries import HomeWords, find_homes
from models.estate.tables import Community, Home

SHOWN = 8
NOT_FOUND = "没有找到这一户，请说楼栋、单元和房号，比如「3-2-501」。"
WHICH = "是哪一户？请说楼栋、单元和房号，比如「3-2-501」。"


def take_home(turn: Turn) -> Outcome:
    """{home_id, community_id, label} of the one home that is meant; several are kept for the question."""
    if turn.asked == "home" and turn.choice is not None:
        return Next(turn.choice)
    found = _homes(turn)
    if len(found) == 1:
        return Next(_of(turn, found[0]))
    if found:
        turn.slots["homes"] = [_of(turn, home) for home in found[:SHOWN]]
        return None
    return Again(NOT_FOUND) if turn.asked == "home" else None


def ask_home(turn: Turn) -> Question:
    choices = turn.slots.get("homes", [])
    if choices:
        return Ask("是哪一户？", tuple(Choice(home, home["label"]) for home in choices))
    return NOT_FOUND if turn.said("house") else WHICH


HOME = Slot("home", take=take_home, ask=ask_home, awaiting="ask_house")


def _homes(turn: Turn) -> list[Home]:
    return homes_meant(turn, _said_homes(turn))


def homes_meant(turn: Turn, said: Iterable[HomeWords]) -> list[Home]:
    """The homes the words may mean, within the compounds the speaker works for."""
    meant = [community.id for community in compounds_meant(turn)]
    found: list[Home] = []
    for words in said:
        found += find_homes(turn.session, words, community_ids=meant, limit=SHOWN)
    return found


def _said_homes(turn: Turn) -> list[Any]:
    said = turn.said("house") or []
    parts = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    blank = {"building": "", "entrance": "", "room": "", "kind": "home"}
    return [SimpleNamespace(**{**blank, **one}) for one in parts]


def _of(turn: Turn, home: Home) -> dict[str, Any]:
    community = turn.session.get_one(Community, home.community_id)
    return {"home_id": home.id, "community_id": home.community_id, "label": f"{community.name}{home.label}"}
