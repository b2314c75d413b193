"""Twelve months of repairs for the demo: about 900 orders, each with a story the rules allow, quicker from month to month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from handlers.commands.cast import STAFF, ZHANG_HOME
from handlers.commands.demo_estate import Address, Household, insert_all
from handlers.commands.demo_words import BLAME, CANCELS, HAND_BACKS, PAUSES, PRAISE, SO_SO, TROUBLES
from models.workorders.categories import default_of
from models.workorders.states import (
    ACCEPTED,
    CANCELLED,
    CLOSED,
    DISPATCHED,
    NEW,
    ON_SITE,
    PAUSED,
    TAKEN,
    WAIT_CONFIRM,
    WAIT_VISIT,
)
from models.workorders.tables import OrderEvent, WorkOrder
from models.workorders.transitions import NOTHING

HOW_MANY = 900
DAYS = 365
QUIET_DAYS = 5  # the history ends here, so that nothing of it is still open for a rating


@dataclass
class Story:
    """One order while it is being told: its row, its events, and the hour it has come to."""

    row: dict[str, Any]
    at: datetime
    state: str = NOTHING
    events: list[dict[str, Any]] = field(default_factory=list)

    def step(
        self, event: str, to: str, role: str, actor: str, *, staff: int | None = None, reason: str = "", **details: Any
    ) -> None:
        self.events.append(
            {
                "at": self.at,
                "event": event,
                "from_state": self.state,
                "to_state": to,
                "actor_role": role,
                "actor": actor,
                "staff_id": staff,
                "reason": reason,
                "source": "system" if role == "system" else "chat",
                "details": details,
            }
        )
        self.state = to

    def wait(self, rng: Random, low: int, high: int, slowness: float = 1.0) -> None:
        """Some minutes pass; the night (20:00–7:30) passes by itself."""
        self.at += timedelta(minutes=round(rng.randint(low, high) * slowness), seconds=rng.randrange(60))
        if self.at.hour >= 20:
            self.at += timedelta(days=1)
        if self.at.hour >= 20 or (self.at.hour, self.at.minute) < (7, 30):
            self.at = self.at.replace(hour=7, minute=30) + timedelta(minutes=rng.randint(0, 50))


def add_history(
    session: Session,
    rng: Random,
    *,
    company_id: int,
    households: dict[Address, Household],
    staff: dict[str, int],
    account: str,
    now: datetime,
) -> int:
    """Write all orders and their events; returns how many orders."""
    stories = list(_stories(rng, households, staff, now))
    stories += _of_zhang(rng, households[ZHANG_HOME], staff, account, now)
    stories.sort(key=lambda story: story.events[0]["at"])
    ids = insert_all(session, WorkOrder, [{"company_id": company_id, **story.row} for story in stories])
    told = zip(ids, stories, strict=True)
    insert_all(session, OrderEvent, [{"order_id": order, **event} for order, story in told for event in story.events])
    return len(ids)


def _stories(
    rng: Random, households: dict[Address, Household], staff: dict[str, int], now: datetime
) -> Iterator[Story]:
    homes = [household for address, household in households.items() if address != ZHANG_HOME]
    weights = [trouble[-1] for trouble in TROUBLES]
    for _ in range(HOW_MANY - 2):
        trouble = rng.choices(TROUBLES, weights)[0]
        ago = rng.uniform(QUIET_DAYS + 7, DAYS)  # the longest story takes less than a week
        hour = rng.choices(range(7, 22), (2, 5, 6, 5, 4, 4, 3, 4, 4, 4, 5, 6, 6, 4, 2))[0]
        begun = (now - timedelta(days=ago)).replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60))
        # A year ago a repair took three times as long: what the company bought Linli for.
        yield _tell(rng, rng.choice(homes), trouble[:4], begun, staff, slowness=1 + 2 * ago / DAYS)


def _of_zhang(rng: Random, household: Household, staff: dict[str, int], account: str, now: datetime) -> Iterator[Story]:
    """The two earlier orders of 张伟, rated 5 and 4; they are his in WeChat too."""
    mine = Household(**{**vars(household), "account": account, "openid": "demo-zhang"})
    for days, stars, trouble in (
        (260, 5, ("管道", "卫生间", "卫生间地漏返味", "换了防臭地漏芯")),
        (47, 4, ("照明", "楼道", "五楼楼道灯不亮", "换了声控灯头")),
    ):
        begun = (now - timedelta(days=days)).replace(hour=9, minute=12, second=0)
        yield _tell(rng, mine, trouble, begun, staff, slowness=1.5, stars=stars)


def _tell(
    rng: Random,
    home: Household,
    trouble: Sequence[str],
    begun: datetime,
    staff: dict[str, int],
    *,
    slowness: float,
    stars: int | None = None,
) -> Story:
    story = Story(_row(home, trouble, begun), begun)
    story.step("create", NEW, "reporter", home.name)
    story.step("accept", ACCEPTED, "system", "系统")
    story.row["accepted_at"] = begun
    plain = stars is not None
    if not plain and rng.random() < 0.04:
        return _called_off(rng, story, home)
    worker = _worker_for(rng, story.row["trade"], home.address[0])
    _work(rng, story, worker, staff[worker], slowness, plain=plain)
    story.row["result"] = trouble[3]
    _end(rng, story, home, staff, stars if plain else _stars(rng, slowness))
    story.row.update(state=story.state, moved_at=story.at)
    return story


def _row(home: Household, trouble: Sequence[str], begun: datetime) -> dict[str, Any]:
    category, place, problem, _ = trouble
    usual = default_of(category)
    moments = ("dispatched_at", "taken_at", "arrived_at", "done_at", "closed_at", "rated_at")
    return {
        "community_id": home.community_id,
        "home_id": home.home_id,
        "place": place,
        "category": category,
        "trade": usual.trade,
        "public": usual.scope == "public",
        "priority": usual.priority,
        "problem": problem,
        "source": "chat",
        "account": home.account,
        "openid": home.openid,
        "reporter_id": home.person_id,
        "reporter_name": home.name,
        "reporter_phone": home.phone,
        "created_at": begun,
        "staff_id": None,
        "result": "",
        "rating": None,
        "rating_text": "",
        "unrated": False,
        "paused_seconds": 0,
        **dict.fromkeys(moments),
    }


def _worker_for(rng: Random, trade: str, compound: str) -> str:
    """Whoever has the trade and works there; else the foreman or one of the general workers, as in any small company."""
    able = [worker.name for worker in STAFF if trade in worker.trades and compound in worker.areas]
    return rng.choice(able) if able else "吴师傅"


def _work(rng: Random, story: Story, worker: str, number: int, slowness: float, *, plain: bool) -> None:
    """From dispatch to done, with the detours of real life unless it is to be `plain`."""
    _dispatch(story, number)
    chance = 1.0 if plain else rng.random()
    story.wait(rng, 1, 9)
    if chance < 0.03:
        story.step("hand_back", ACCEPTED, "worker", worker, staff=number, reason=rng.choice(HAND_BACKS))
        story.wait(rng, 5, 40, slowness)
        _dispatch(story, number)
        story.wait(rng, 1, 9)
    elif chance < 0.06:
        story.wait(rng, 10, 11)
        story.step("timeout", ACCEPTED, "system", "系统", staff=number)
        _dispatch(story, number)
        story.wait(rng, 1, 9)
    story.step("take", TAKEN, "worker", worker, staff=number)
    story.row.update(staff_id=number, taken_at=story.at)
    story.wait(rng, 20, 300, slowness)
    story.step("arrive", ON_SITE, "worker", worker, staff=number)
    story.row["arrived_at"] = story.at
    story.wait(rng, 10, 40)
    if chance > 0.93 and not plain:
        _pause(rng, story, worker, number, slowness)
    story.wait(rng, 10, 70)
    story.step("done", WAIT_CONFIRM, "worker", worker, staff=number)
    story.row["done_at"] = story.at


def _dispatch(story: Story, number: int) -> None:
    story.step("dispatch", DISPATCHED, "system", "系统", staff=number)
    story.row["dispatched_at"] = story.at


def _pause(rng: Random, story: Story, worker: str, number: int, slowness: float) -> None:
    reason, words = rng.choice(PAUSES)
    began = story.at
    story.step("pause", PAUSED, "worker", worker, staff=number, reason=reason, words=words)
    story.wait(rng, 240, 1200, slowness)
    story.step("resume", ON_SITE, "worker", worker, staff=number)
    story.row["paused_seconds"] = int((story.at - began).total_seconds())


def _end(rng: Random, story: Story, home: Household, staff: dict[str, int], stars: int | None) -> None:
    """Rated, called about when it was bad, or closed as 未评价 after three days."""
    if stars is None:
        story.at += timedelta(hours=72, minutes=rng.randint(0, 9))
        story.step("close_unrated", CLOSED, "system", "系统")
        story.row.update(unrated=True, closed_at=story.at)
        return
    story.wait(rng, 5, 600)
    words = rng.choice(PRAISE if stars >= 4 else SO_SO if stars == 3 else BLAME)
    story.row.update(rating=stars, rating_text=words, rated_at=story.at)
    if stars <= 2:
        story.step("rate_bad", WAIT_VISIT, "reporter", home.name, reason=words, stars=stars)
        story.wait(rng, 60, 600)
        story.step("visited", CLOSED, "clerk", "杨客服", staff=staff["杨客服"], reason="已致歉，业主表示理解")
    else:
        story.step("rate_good", CLOSED, "reporter", home.name, reason=words, stars=stars)
    story.row["closed_at"] = story.at


def _called_off(rng: Random, story: Story, home: Household) -> Story:
    story.wait(rng, 3, 60)
    story.step("cancel", CANCELLED, "reporter", home.name, reason=rng.choice(CANCELS))
    story.row.update(state=CANCELLED, moved_at=story.at, closed_at=story.at)
    return story


def _stars(rng: Random, slowness: float) -> int | None:
    """A third never answers; the others are the happier the quicker it went."""
    if rng.random() < 0.33:
        return None
    return rng.choices((5, 4, 3, 2, 1), (60 - 10 * slowness, 25, 4 * slowness, 2 * slowness, slowness))[0]
