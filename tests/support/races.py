"""Races: some people do something at the same moment, round after round, on threads that start each round together."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from models.db import Database
from models.errors import Refusal
from tests.support.together import PATIENCE, at_once


@dataclass(frozen=True)
class Race:
    """One kind of race. Everybody looks first (`look`, by default at what was prepared), and only then does anybody act:
    that is the worst that can happen.

    `prepare(session, round)` makes what they fight over. `acts[n](session, seen)` is what the nth does; a Refusal and False
    mean that it came too late. `flaws(session, subject)` says what is wrong afterwards, besides that not exactly one won.
    """

    prepare: Callable[[Session, int], Any]
    acts: Sequence[Callable[[Session, Any], Any]]
    look: Callable[[Session, Any], Any] = lambda session, subject: subject
    flaws: Callable[[Session, Any], list[str]] = lambda session, subject: []
    winners: int = 1


def violations(database: Database, race: Race, rounds: int, first: int = 0) -> list[str]:
    """Run the race so many times, as rounds number `first` and on; a sentence for each thing that went wrong."""
    with database.transaction() as session:
        subjects = [race.prepare(session, number) for number in range(first, first + rounds)]
    wins = _run(database, race, subjects)
    wrong = [
        f"round {number}: {len(winners)} won: {winners}"
        for number, winners in enumerate(wins)
        if len(winners) != race.winners
    ]
    with database.reading() as session:
        for number, subject in enumerate(subjects):
            wrong += [f"round {number}: {flaw}" for flaw in race.flaws(session, subject)]
    return wrong


def goes_wrong(database: Database, race: Race, rounds: int) -> bool:
    """Does it go wrong in one of so many rounds? One by one: without its guard a round may still go well by luck."""
    return any(violations(database, race, 1, number) for number in range(rounds))


def _run(database: Database, race: Race, subjects: list[Any]) -> list[list[int]]:
    """Who won in each round. An exception that is no refusal ends the race and is raised here."""
    together = threading.Barrier(len(race.acts))
    wins: list[list[int]] = [[] for _ in subjects]

    def contend(who: int) -> None:
        for number, subject in enumerate(subjects):
            with database.reading() as session:
                seen = race.look(session, subject)
            together.wait(PATIENCE)
            if _won(database, race.acts[who], seen):
                wins[number].append(who)

    at_once([partial(contend, who) for who in range(len(race.acts))], meeting=together)
    return wins


def _won(database: Database, act: Callable[[Session, Any], Any], seen: Any) -> bool:
    try:
        with database.transaction() as session:
            return act(session, seen) is not False
    except Refusal:
        return False
