"""kill -9 in the middle of turns, two hundred times: nothing that was answered is lost, nothing is done twice."""

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from models.db import Database
from models.messaging import conversations, inbox
from tests.support.demo import MORNING
from tests.support.judge import Lane, Verdict, judge
from tests.support.lanes import keep_turning, settle_people
from tests.support.processes import Children

pytestmark = pytest.mark.long

KILLS, TURNS = 100, 10_000  # on each database
LANES, PEOPLE = 2, 200
SHORTEST_LIFE, LONGEST_LIFE = 0.080, 0.230  # seconds after it has taken its share of the turns


def lanes_of(turns: int) -> list[Lane]:
    names = [f"kill-{number}" for number in range(PEOPLE)]
    return [Lane(names[lane::LANES], turns // LANES) for lane in range(LANES)]


def test_a_hundred_kills_lose_nothing_and_double_nothing(demo_database: Database) -> None:
    url, dice = demo_database.engine.url.render_as_string(hide_password=False), random.Random(20261125)
    settle_people(demo_database, PEOPLE, MORNING)
    lanes = lanes_of(TURNS)
    with Children() as children:
        for lane in lanes:
            lane.begin(children, url)
        for kill in range(KILLS):
            lane = lanes[kill % LANES]
            share = TURNS * (kill + 1) // KILLS // LANES - 20
            while len(lane.acked) < share:
                lane.listen(1.0)
            end = time.monotonic() + dice.uniform(SHORTEST_LIFE, LONGEST_LIFE)
            while time.monotonic() < end:
                lane.listen(0.005)
            lane.kill()
            lane.begin(children, url)
        for lane in lanes:
            lane.finish()
    assert sum(len(lane.acked) for lane in lanes) == TURNS
    assert judge(demo_database, lanes) == Verdict([], [], [], [])


# --- the negative controls: what the judge must see -------------------------------------------------------------------


def _answers_too_soon(say: Callable[[Any], None], *arguments: Any) -> None:
    """Answers before the commit, and is killed between the two."""
    keep = inbox.keep

    def keep_and_die(session: Any, **row: Any) -> bool:
        kept = keep(session, **row)
        if row["key"] == "8":
            say((8, row["reply"]))
            os.kill(os.getpid(), signal.SIGKILL)
        return kept

    inbox.keep = keep_and_die
    keep_turning(say, *arguments)


def _forgets_what_it_has_seen(say: Callable[[Any], None], *arguments: Any) -> None:
    open_turn = conversations.open_turn
    conversations.open_turn = lambda *where, **what: (open_turn(*where, **what)[0], None)
    inbox.keep = lambda session, **_: True
    keep_turning(say, *arguments)


def test_an_answer_before_the_commit_would_be_seen_as_lost(demo_database: Database) -> None:
    url = demo_database.engine.url.render_as_string(hide_password=False)
    settle_people(demo_database, PEOPLE, MORNING)
    lane = Lane([f"kill-{number}" for number in range(PEOPLE)], 12)
    with Children() as children:
        lane.begin(children, url, _answers_too_soon)
        lane.finish()
    assert judge(demo_database, [lane]).lost == [("kill-2", 8)]


def test_without_the_inbox_a_message_delivered_again_would_be_seen_as_doubled(demo_database: Database) -> None:
    url = demo_database.engine.url.render_as_string(hide_password=False)
    settle_people(demo_database, PEOPLE, MORNING)
    lane = Lane([f"kill-{number}" for number in range(PEOPLE)], 2)
    with Children() as children:
        for _ in range(2):
            lane.begin(children, url, _forgets_what_it_has_seen if lane.acked else keep_turning)
            lane.finish()
            lane.acked = dict(list(lane.acked.items())[:1])
    assert judge(demo_database, [lane]).doubled == [(("kill-0", "report"), 2, 1)]
