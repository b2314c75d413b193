"""Which compounds staff speak of."""

from collections.abc import Sequence

from bot.flow import Turn
from handlers.speaker import Person
from models.errors import NotFound
from models.estate.queries import communities_named, communities_of
from models.estate.tables import Community


def compounds_meant(turn: Turn) -> Sequence[Community]:
    """The compounds that were named, or all that the speaker works for. Nothing, when the one named is not theirs."""
    person: Person = turn.speaker
    all_of_them = communities_of(turn.session, person.company_id or 0)
    scope = person.community_ids
    theirs = [community for community in all_of_them if scope is None or community.id in scope]
    named = communities_named(turn.text, all_of_them)
    return [community for community in named if community in theirs] if named else theirs


def theirs_meant(turn: Turn) -> Sequence[Community]:
    """`compounds_meant`. Raises NotFound when there are none: nothing is done to another one instead."""
    meant = compounds_meant(turn)
    if not meant:
        raise NotFound("这个小区不归您管。不写小区名，就是您管的所有小区。")
    return meant


def names_meant(turn: Turn) -> dict[int, str]:
    """`theirs_meant` by number and name."""
    return {community.id: community.name for community in theirs_meant(turn)}
