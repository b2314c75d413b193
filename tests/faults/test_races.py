"""Everything two people can do at the same moment: exactly one of them does it. Each race is run with its guard taken away,
too, and must then go wrong, or the test would prove nothing."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import job_runs
from models.db import Database
from models.messaging import contacts, grants, inbox, outbox, queue
from models.messaging.tables import Conversation
from models.people import proofs, requests, staffing
from models.people.tables import BindRequest
from models.workorders import actions, actions_desk, actions_owner, ground, move, report
from models.workorders.path import flaws
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.races import Race, goes_wrong, violations
from tests.support.repairs import ACCOUNT, Cast, settle
from tests.support.words import NEWS, small_kinds

pytestmark = pytest.mark.thorough

__all__ = ["small_kinds"]

PEPPER = "pepper of the tests"
ROUNDS, MANY_ROUNDS = 3, 200
UNGUARDED_ROUNDS = 20  # as many as luck may need

MakeRace = Callable[[Cast, datetime], Race]
TakeAway = Callable[[pytest.MonkeyPatch], None]
Act = Callable[[Session, WorkOrder], Any]

RACES: dict[str, tuple[MakeRace, TakeAway]] = {}
# On SQLite nobody else can write while a transaction lasts: for these, its beginning is the guard and cannot be taken away.
ONLY_ON_POSTGRESQL: set[str] = set()


def race(take_away: TakeAway, *, only_on_postgresql: bool = False) -> Callable[[MakeRace], MakeRace]:
    """Enter a race, with what takes its guard away."""

    def enter(make: MakeRace) -> MakeRace:
        RACES[make.__name__] = (make, take_away)
        if only_on_postgresql:
            ONLY_ON_POSTGRESQL.add(make.__name__)
        return make

    return enter


@pytest.fixture
def company(database: Database, now: datetime) -> Cast:
    with database.transaction() as session:
        return settle(session, now)


# --- orders -----------------------------------------------------------------------------------------------------------


def whoever_comes_last_wins(patch: pytest.MonkeyPatch) -> None:
    """The update of an order without its condition."""

    def change_anyway(session: Session, order: WorkOrder, values: dict[str, Any], event: str, actor: Any) -> None:
        change = sa.update(WorkOrder).where(WorkOrder.id == order.id).values(**values)
        session.execute(change.execution_options(synchronize_session=False))

    patch.setattr(move, "change_if_unmoved", change_anyway)
    patch.setattr(actions_owner, "change_if_unmoved", change_anyway)


def no_row_is_locked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sa.Select, "with_for_update", lambda query, **options: query)
    patch.setattr(ground, "_question", ground._question.__wrapped__)  # not the statement that was built with its lock


def order_race(prepare: Callable[[Session, int], int], *acts: Act, **more: Any) -> Race:
    """A race for one order: everybody has read it as it stood before anybody does anything."""

    def look(session: Session, order_id: int) -> WorkOrder:
        return session.scalars(sa.select(WorkOrder).where(WorkOrder.id == order_id)).one()

    def on_the_row(act: Act) -> Act:
        def run(session: Session, order: WorkOrder) -> Any:
            session.add(order)
            return act(session, order)

        return run

    return Race(prepare, [on_the_row(act) for act in acts], look=look, flaws=story_flaws, **more)


def story_flaws(session: Session, order_id: int) -> list[str]:
    order = session.get_one(WorkOrder, order_id)
    events = session.scalars(sa.select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id))
    return list(flaws(order.state, events.all()))


def reported(cast: Cast, now: datetime, **changed: Any) -> Callable[[Session, int], int]:
    """A new order each time: what was reported before has long been closed."""

    def prepare(session: Session, number: int) -> int:
        _settle_earlier(session)
        return cast.report(session, now, **changed).order.id

    return prepare


def finished(cast: Cast, now: datetime) -> Callable[[Session, int], int]:
    def prepare(session: Session, number: int) -> int:
        _settle_earlier(session)
        order = cast.report(session, now).order
        actions.take(session, order, now=now, actor=cast.worker("chen"))
        actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
        return order.id

    return prepare


def _settle_earlier(session: Session) -> None:
    """So that neither words join an earlier order nor a worker's hands are full: earlier rounds belong to nobody's home."""
    session.execute(sa.update(WorkOrder).where(WorkOrder.home_id.is_not(None)).values(home_id=None))


@race(whoever_comes_last_wins)
def grab(cast: Cast, now: datetime) -> Race:
    """接单: reported at night, nobody has it yet."""
    workers = [cast.worker(name) for name in ("chen", "qiang", "chen", "qiang")]
    acts = [lambda session, order, actor=actor: actions.take(session, order, now=now, actor=actor) for actor in workers]
    return order_race(reported(cast, now.replace(hour=23)), *acts)


@race(whoever_comes_last_wins)
def take_or_call_off(cast: Cast, now: datetime) -> Race:
    def take(session: Session, order: WorkOrder) -> None:
        actions.take(session, order, now=now, actor=cast.worker("chen"))

    def cancel(session: Session, order: WorkOrder) -> None:
        actions.cancel(session, order, now=now, actor=cast.resident("zhang"))

    return order_race(reported(cast, now), take, cancel, take, cancel)


@race(whoever_comes_last_wins)
def hand_back(cast: Cast, now: datetime) -> Race:
    """退单 said four times: it is given to the next one once."""

    def give(session: Session, order: WorkOrder) -> None:
        actions.hand_back(session, order, now=now, actor=cast.worker("chen"), reason="没有配件")

    return order_race(reported(cast, now), give, give, give, give)


@race(whoever_comes_last_wins)
def transfer(cast: Cast, now: datetime) -> Race:
    """转单 to two people by two people."""

    def to(receiver: str, by: str) -> Act:
        return lambda session, order: actions.transfer(
            session, order, cast.staff[receiver], now=now, actor=cast.worker(by)
        )

    return order_race(
        reported(cast, now), to("qiang", "chen"), to("liu", "manager"), to("qiang", "manager"), to("liu", "chen")
    )


@race(whoever_comes_last_wins)
def timed_out_or_taken(cast: Cast, now: datetime) -> Race:
    """Two schedulers pass an order on to the next one while its worker says 接单."""
    later = now + timedelta(minutes=30)

    def time_out(session: Session, order: WorkOrder) -> None:
        actions.dispatch_timed_out(session, order, now=later)

    def take(session: Session, order: WorkOrder) -> None:
        actions.take(session, order, now=later, actor=cast.worker("chen"))

    return order_race(reported(cast, now), time_out, take, time_out, take)


@race(whoever_comes_last_wins)
def finish_or_transfer(cast: Cast, now: datetime) -> Race:
    def finish(session: Session, order: WorkOrder) -> None:
        actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")

    def transfer(session: Session, order: WorkOrder) -> None:
        actions.transfer(session, order, cast.staff["qiang"], now=now, actor=cast.worker("manager"))

    return order_race(reported(cast, now), finish, transfer, finish, transfer)


@race(whoever_comes_last_wins)
def rate(cast: Cast, now: datetime) -> Race:
    def give(stars: int, who: str) -> Act:
        return lambda session, order: actions.rate(session, order, now=now, actor=cast.resident(who), stars=stars)

    return order_race(finished(cast, now), give(5, "zhang"), give(1, "tenant"), give(5, "zhang"), give(2, "tenant"))


@race(whoever_comes_last_wins)
def reopen(cast: Cast, now: datetime) -> Race:
    """没修好 said by everybody of the home: it counts once towards the three that are the manager's."""

    def again(who: str) -> Act:
        return lambda session, order: actions.reopen(session, order, now=now, actor=cast.resident(who))

    return order_race(finished(cast, now), again("zhang"), again("tenant"), again("zhang"), again("tenant"))


@race(whoever_comes_last_wins)
def close_or_rate(cast: Cast, now: datetime) -> Race:
    """The scheduler closes what nobody rated while somebody rates it."""
    later = now + timedelta(days=4)

    def close(session: Session, order: WorkOrder) -> None:
        actions.close_unrated(session, order, now=later)

    def rate(session: Session, order: WorkOrder) -> None:
        actions.rate(session, order, now=later, actor=cast.resident("zhang"), stars=5)

    return order_race(finished(cast, now), close, rate, close, rate)


def _nudges_without_a_pause(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(actions_owner, "NUDGE_EVERY", timedelta())


@race(_nudges_without_a_pause)
def nudge(cast: Cast, now: datetime) -> Race:
    """催单 by everybody of the home at once counts once."""

    def again(who: str) -> Act:
        return lambda session, order: actions.nudge(session, order, now=now, actor=cast.resident(who))

    return order_race(reported(cast, now), again("zhang"), again("tenant"), again("zhang"), again("tenant"))


def _nobody_holds_the_other(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(actions_desk, "_hold", lambda session, order, into: None)


@race(_nobody_holds_the_other)
def merge(cast: Cast, now: datetime) -> Race:
    """合并: one into the other and the other into the one. Both would be gone."""

    def prepare(session: Session, number: int) -> tuple[int, int]:
        _settle_earlier(session)
        at_night = now.replace(hour=23)  # nobody has them yet: such orders can be put together
        first = cast.report(session, at_night).order.id
        second = cast.report(session, at_night, problem="窗户关不上").order.id
        return first, second

    def look(session: Session, pair: tuple[int, int]) -> list[WorkOrder]:
        return list(session.scalars(sa.select(WorkOrder).where(WorkOrder.id.in_(pair)).order_by(WorkOrder.id)))

    def put(one: int, other: int) -> Callable[[Session, list[WorkOrder]], None]:
        def act(session: Session, orders: list[WorkOrder]) -> None:
            session.add_all(orders)
            actions.merge(session, orders[one], orders[other], now=now, actor=cast.worker("manager"))

        return act

    return Race(prepare, [put(0, 1), put(1, 0), put(0, 1), put(1, 0)], look=look)


def _everybody_looks_before_anybody_writes(patch: pytest.MonkeyPatch) -> None:
    no_row_is_locked(patch)
    all_looked, look = threading.Barrier(4), report._open_already

    def look_together(*args: Any) -> WorkOrder | None:
        found = look(*args)
        all_looked.wait(timeout=10)
        return found

    patch.setattr(report, "_open_already", look_together)


@race(_everybody_looks_before_anybody_writes, only_on_postgresql=True)
def report_by_all_of_a_home(cast: Cast, now: datetime) -> Race:
    """Four people of one home report the same thing: one order, and three who joined it."""

    def say(session: Session, seen: Any) -> bool:
        return cast.report(session, now + timedelta(days=seen)).is_new

    return Race(lambda session, number: 2 * number, [say] * 4)


# --- people -----------------------------------------------------------------------------------------------------------


def _codes_are_never_used_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(proofs, "_claim", lambda *_: True)


@race(_codes_are_never_used_up)
def bind_code(cast: Cast, now: datetime) -> Race:
    """One code, four WeChats."""

    def prepare(session: Session, number: int) -> tuple[int, str]:
        code = proofs.make_bind_code(
            session,
            home_id=cast.home,
            relation="family",
            name="张小伟",
            made_by="staff:1",
            staff_id=None,
            company_id=cast.company_id,
            pepper=PEPPER,
            now=now,
        )
        return number, code

    def use(who: int) -> Callable[[Session, tuple[int, str]], bool]:
        def act(session: Session, seen: tuple[int, str]) -> bool:
            openid = f"somebody-{seen[0]}-{who}"
            found = proofs.bind_by_code(
                session,
                account=ACCOUNT,
                openid=openid,
                company_id=cast.company_id,
                code=seen[1],
                pepper=PEPPER,
                now=now,
            )
            return isinstance(found, proofs.Bound)

        return act

    return Race(prepare, [use(who) for who in range(4)])


def _invitations_are_never_used_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(staffing, "_claim", lambda *_: True)


@race(_invitations_are_never_used_up)
def invitation(cast: Cast, now: datetime) -> Race:
    """One invitation, four WeChats."""

    def prepare(session: Session, number: int) -> tuple[int, str]:
        code = staffing.invite(
            session,
            company_id=cast.company_id,
            name=f"马师傅{number}",
            role="worker",
            made_by="staff:1",
            pepper=PEPPER,
            now=now,
        )
        return number, code

    def use(who: int) -> Callable[[Session, tuple[int, str]], bool]:
        def act(session: Session, seen: tuple[int, str]) -> bool:
            openid = f"worker-{seen[0]}-{who}"
            found = staffing.join(
                session,
                account=ACCOUNT,
                openid=openid,
                company_id=cast.company_id,
                code=seen[1],
                pepper=PEPPER,
                now=now,
            )
            return isinstance(found, staffing.Joined)

        return act

    return Race(prepare, [use(who) for who in range(4)])


def _requests_can_be_decided_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(requests, "_decide", lambda *_: None)


@race(_requests_can_be_decided_again)
def bind_request(cast: Cast, now: datetime) -> Race:
    """Two managers, one says 通过 and one 拒绝."""

    def prepare(session: Session, number: int) -> int:
        request = BindRequest(
            company_id=cast.company_id,
            account=ACCOUNT,
            openid=f"asks-{number}",
            community_id=cast.garden,
            building="3",
            entrance="2",
            room="501",
            kind="home",
            name="张大伟",
            phone="",
            relation="family",
            asked_at=now,
        )
        session.add(request)
        session.flush()
        return request.id

    def decide(how: Callable[..., str]) -> Callable[[Session, int], str]:
        return lambda session, request_id: how(
            session,
            request_id=request_id,
            company_id=cast.company_id,
            community_ids=None,
            staff_id=cast.staff["manager"].id,
            now=now,
        )

    return Race(prepare, [decide(requests.approve), decide(requests.refuse)] * 2)


# --- messages and jobs ------------------------------------------------------------------------------------------------


def _everything_is_new(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inbox, "keep", lambda session, **_: True)


@race(_everything_is_new)
def message_kept(cast: Cast, now: datetime) -> Race:
    """Four deliveries of one message: the turn of one becomes true."""
    words = {"kind": "text", "text": "漏水", "media_id": "", "reply": "已为您报修"}

    def keep(session: Session, number: int) -> bool:
        return inbox.keep(session, account=ACCOUNT, openid="zhang", key=str(number), now=now, **words)

    return Race(lambda session, number: number, [keep] * 4)


def _takes_without_looking(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queue, "_take", lambda session, groups, worker, now: groups)


@race(_takes_without_looking)
def outbox_claim(cast: Cast, now: datetime) -> Race:
    """Four senders: each message is in the hands of one."""

    def prepare(session: Session, number: int) -> datetime:
        at = now + timedelta(seconds=number)
        _promise(session, f"person-{number}", at)
        return at

    def claim(who: str) -> Callable[[Session, datetime], bool]:
        return lambda session, at: bool(queue.claim(session, f"{who}-{at}", at))

    return Race(prepare, [claim(who) for who in "abcd"])


def _promise(session: Session, openid: str, at: datetime) -> bool:
    return outbox.put(
        session,
        account=ACCOUNT,
        openid=openid,
        kind=NEWS.name,
        data={"order": 1024, "problem": "漏水"},
        dedupe_key="the same",
        now=at,
    )


def _keys_are_no_keys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "insert_or_ignore", lambda *_: True)


@race(_keys_are_no_keys)
def promise(cast: Cast, now: datetime) -> Race:
    """The same promise made four times."""
    return Race(
        lambda session, number: f"person-{number}", [lambda session, openid: _promise(session, openid, now)] * 4
    )


def _spends_what_it_has_not(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "left", lambda *_, **__: 1)


@race(_spends_what_it_has_not)
def last_of_the_window(cast: Cast, now: datetime) -> Race:
    """One free message left, four senders."""

    def prepare(session: Session, number: int) -> str:
        openid = f"person-{number}"
        book = {"message": [1, int((now + timedelta(hours=1)).timestamp())]}
        session.add(Conversation(account=ACCOUNT, openid=openid, turned_at=now, windows=book))
        return openid

    def spend(session: Session, openid: str) -> bool:
        who, moment = (ACCOUNT, openid), int(now.timestamp())
        found = contacts.locked(session, [who])  # whoever is there already is not waited for
        if who not in found or not grants.left(found[who].windows, moment, urgent=True):
            return False
        found[who].windows, found[who].changed = grants.spent(found[who].windows, moment), True
        contacts.save(session, found)
        return True

    return Race(prepare, [spend] * 4)


def _periods_can_be_run_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(job_runs, "claim", lambda *_: True)


@race(_periods_can_be_run_again)
def job_period(cast: Cast, now: datetime) -> Race:
    def claim(session: Session, number: int) -> bool:
        return job_runs.claim(session, "tick", str(number), now)

    return Race(lambda session, number: number, [claim] * 4)


# --- run them ---------------------------------------------------------------------------------------------------------


@pytest.fixture(params=RACES)
def named(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(database: Database, cast: Cast, now: datetime, named: str, rounds: int) -> list[str]:
    return violations(database, RACES[named][0](cast, now), rounds)


@pytest.mark.usefixtures("small_kinds")
def test_one_wins(database: Database, company: Cast, now: datetime, named: str) -> None:
    assert run(database, company, now, named, ROUNDS) == []


@pytest.mark.usefixtures("small_kinds")
def test_without_its_guard_it_goes_wrong(
    database: Database, company: Cast, now: datetime, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite and named in ONLY_ON_POSTGRESQL:
        return
    make, take_away = RACES[named]
    take_away(monkeypatch)
    assert goes_wrong(database, make(company, now), UNGUARDED_ROUNDS)


@pytest.mark.long
@pytest.mark.usefixtures("small_kinds")
def test_one_wins_two_hundred_times(database: Database, company: Cast, now: datetime, named: str) -> None:
    assert run(database, company, now, named, MANY_ROUNDS) == []
