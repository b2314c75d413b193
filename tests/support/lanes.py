"""A process that takes turns for some of the people of the demo company, as a web process does, until it is killed.

Each person goes round and round: reports something, asks how it stands, calls it off, says yes to that. A lane that was
killed goes on at the beginning of the round it was in: WeChat, too, delivers again what was not answered, and sometimes
what was.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.config import PRETEND, load_settings
from bot.dispatch import Desk, take_turn
from bot.incoming import Incoming
from handlers.bare_codes import with_bare_codes
from handlers.program import build_program, build_understanding
from models.db import Database
from models.estate.tables import Home
from models.people.tables import Binding, Resident

ACCOUNT = PRETEND["WECHAT_ACCOUNT"]
ROUND = ("厨房水管漏水了", "进度 {order}", "取消报修 {order}", "是")
ORDER = re.compile(r"#(\d+)")
KEEPS_TRYING = 60.0  # seconds; on SQLite a busy neighbour may be faster again and again
BETWEEN_TURNS = timedelta(seconds=0.25)

# Built when this is loaded: the processes forked from here have them at once.
_PROGRAM = build_program()
_UNDERSTANDING = build_understanding()


def desk_of(database: Database) -> Desk:
    """The whole program on this database; nothing of it is a stand-in."""
    settings = load_settings({**PRETEND, "SIMULATOR": "1", "DATA_DIR": str(Path("/nowhere")), "SECRET_KEY": "of tests"})
    services = SimpleNamespace(database=database, settings=settings)
    return Desk(services, _PROGRAM, with_bare_codes(_UNDERSTANDING.understand), settings)


def settle_people(database: Database, count: int, now: datetime) -> None:
    """Give this many homes of the demo company a WeChat: kill-0, kill-1, …"""
    with database.transaction() as session:
        first = sa.select(Resident.home_id, sa.func.min(Resident.person_id).label("person_id"))
        homes = session.execute(
            first.join(Home, Home.id == Resident.home_id)
            .where(Home.kind == "home", ~sa.exists().where(Binding.home_id == Home.id))
            .group_by(Resident.home_id)
            .order_by(Resident.home_id)
            .limit(count)
        ).all()
        assert len(homes) == count
        session.add_all(
            Binding(
                account=ACCOUNT,
                openid=f"kill-{number}",
                home_id=home.home_id,
                person_id=home.person_id,
                relation="owner",
                proof="demo",
                bound_at=now,
            )
            for number, home in enumerate(homes)
        )


def keep_turning(
    say: Callable[[Any], None], url: str, people: list[str], start: datetime, first_step: int, last_step: int
) -> None:
    """Take the turns from `first_step` up to `last_step`; say (step, reply) after each that was committed."""
    desk = desk_of(Database(url))
    order = ""
    for step in range(first_step - first_step % len(ROUND), last_step):
        number, phase = divmod(step, len(ROUND))
        openid, now = people[number % len(people)], start + step * BETWEEN_TURNS
        words = ROUND[phase].format(order=order)
        reply = _delivered(desk, Incoming(ACCOUNT, openid, "text", str(step), now, text=words), now)
        if phase == 0:
            found = ORDER.search(reply)
            order = found[1] if found else ""
        say((step, reply))


def _delivered(desk: Desk, incoming: Incoming, now: datetime) -> str:
    """As the webhook and WeChat together: what the database cannot take now is delivered again, with the same id."""
    end = time.monotonic() + KEEPS_TRYING
    while True:
        try:
            return take_turn(desk, incoming, now)
        except DBAPIError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
