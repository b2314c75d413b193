"""Reminders on both databases: sent once, stopped by every good reason, with their proof kept."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.dunning.actions import answer, go_on, note_demand, opened, remind, stop, why_not_now, write_note
from models.dunning.alerts import refunds_to_look_at, tell
from models.dunning.coming import coming, remind_of
from models.dunning.evidence import note_what_was_sent, proofs_of, running_out_of_time
from models.dunning.plans import agree, look_at
from models.dunning.queries import Late, late_homes
from models.dunning.steps import Rules
from models.dunning.tables import InstalmentPlan
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, OfficialAccount, WorkingDay
from models.messaging.tables import Outbox
from models.payments.actions import Money, take_in
from models.payments.giving_back import refund
from models.payments.invariants import violations
from models.people.tables import Binding, Person, Staff
from models.workorders.tables import OrderClock, WorkOrder
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

# The bill of January is due on the 31st; D+3 is a Tuesday.
D3 = datetime(2026, 2, 3, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    """January was billed; 501 is bound by its owner and a tenant, 502 by its owner, 101 by nobody."""
    community = four_homes(session)
    service_fee(session, community)
    bill_month(session, community, "2026-01")
    company = session.get_one(Community, community).company_id
    session.add(OfficialAccount(account="gh_1", company_id=company))
    for room, relation, openid in (("501", "owner", "zhang"), ("501", "tenant", "zhao"), ("502", "owner", "li")):
        person = Person(company_id=company, name=openid, phone="", phone2="", created_at=NOW)
        session.add(person)
        session.flush()
        session.add(
            Binding(
                account="gh_1", openid=openid, home_id=home_of(session, room).id, person_id=person.id,
                relation=relation, proof="code", bound_at=NOW,
            )
        )  # fmt: skip
    session.flush()
    session.execute(sa.update(sa.table("bills", sa.column("due_on"))).values(due_on=date(2026, 1, 31)))
    yield community
    assert list(violations(session)) == []


def late(session: Session, community: int, now: datetime = D3, room: str = "501", rules: Rules = Rules()) -> Late:  # noqa: B008
    return next(one for one in late_homes(session, [community], rules, now) if one.home.room == room)


def messages(session: Session, kind: str = "payment_late") -> list[tuple[str, Any]]:
    rows = session.execute(sa.select(Outbox.openid, Outbox.data).where(Outbox.kind == kind).order_by(Outbox.id))
    return [(openid, data) for openid, data in rows]


def test_whoever_may_see_the_bills_is_reminded_once(session: Session, garden: int) -> None:
    first = late(session, garden)
    assert (first.step.number if first.step else 0, first.fen, first.reachable) == (1, 16533, True)
    assert not late(session, garden, room="101").reachable
    assert remind(session, first, by="staff:1", now=D3)
    assert not remind(session, first, by="staff:2", now=D3), "a second manager with the same list sends nothing"
    assert [(openid, data["amount"]) for openid, data in messages(session)] == [("zhang", "165.33元")]
    assert not late(session, garden).rested
    week = late(session, garden, D3 + timedelta(days=7))
    assert (week.rested, week.step) == (True, None), "step 2 is not due for another five days"
    second = late(session, garden, D3 + timedelta(days=12))
    assert remind(session, second, by="staff:1", now=D3 + timedelta(days=12))
    assert messages(session, "payment_still_late")[0][1]["lines"] == ["物业费 2026-01-01到01-31 165.33元"]


def test_whoever_has_paid_meanwhile_hears_nothing(session: Session, garden: int) -> None:
    listed = late(session, garden)
    take_in(session, home_of(session, "501"), Money(16533, "cash", "1"), by="test", now=D3)
    assert not remind(session, listed, by="staff:1", now=D3)
    assert messages(session) == []


def test_every_good_reason_stops_it_and_only_once(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    for why in ("dispute", "hardship", "bereavement", "asked"):
        stop(session, home, why, "", by="staff:1", now=D3)
        assert not remind(session, late(session, garden), by="staff:1", now=D3), why
        with pytest.raises(AlreadyDone):
            stop(session, home, why, "", by="staff:1", now=D3)
        assert go_on(session, home, by="staff:1", now=D3) == 1
    with pytest.raises(Refusal):
        go_on(session, home, by="staff:1", now=D3)
    assert remind(session, late(session, garden), by="staff:1", now=D3)


def test_a_plan_stops_it_until_a_part_is_missing(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    plan, parts = agree(session, home, 3, date(2026, 2, 10), by="staff:1", now=D3)
    assert sum(part.fen for part in parts) == 16533
    with pytest.raises(AlreadyDone):
        agree(session, home, 2, date(2026, 2, 10), by="staff:1", now=D3)
    assert late(session, garden).stops == "分期"
    assert look_at(session, plan, D3 + timedelta(days=14)) == "active"
    missed = D3 + timedelta(days=15)
    assert look_at(session, plan, missed) == "broken"
    back = late(session, garden, missed)
    assert (back.stops, back.step.number if back.step else 0) == ("", 2), "back to the second step"
    kept, _ = agree(session, home, 2, date(2026, 3, 1), by="staff:1", now=missed)
    take_in(session, home, Money(16533, "cash", "1"), by="test", now=missed)
    assert look_at(session, kept, missed) == "kept"
    assert set(session.scalars(sa.select(InstalmentPlan.state))) == {"broken", "kept"}


def test_a_late_repair_is_mentioned(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    company = session.get_one(Community, garden).company_id
    order = WorkOrder(
        company_id=company, community_id=garden, home_id=home.id, category="水管", trade="水", priority="P2",
        problem="漏水", state="TAKEN", source="chat", created_at=D3, moved_at=D3, taken_at=D3,
    )  # fmt: skip
    session.add(order)
    session.flush()
    session.add(
        OrderClock(
            order_id=order.id, moved_at=D3, priority="P2", response_due=D3, finish_due=D3 - timedelta(hours=1),
        )
    )  # fmt: skip
    session.flush()
    one = late(session, garden)
    assert one.order == order.id
    assert remind(session, one, by="staff:1", now=D3)
    assert messages(session)[0][1]["order"] == order.id


def test_nobody_is_reminded_at_night_or_on_a_holiday(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    assert why_not_now(session, company, [garden], D3) == ""
    assert "晚上9点" in why_not_now(session, company, [garden], D3.replace(hour=21))
    session.add(WorkingDay(company_id=company, community_id=None, weekday=None, day=D3.date(), hours=[], note="春节"))
    session.flush()
    assert "春节" in why_not_now(session, company, [garden], D3)


def test_what_is_due_within_a_week_is_told_of_once(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    before = datetime(2026, 1, 24, 9, 40, tzinfo=SHANGHAI)
    assert coming(session, company, before - timedelta(days=1), after=0, limit=10) == []
    assert coming(session, company, before.replace(hour=22), after=0, limit=10) == []
    due = coming(session, company, before, after=0, limit=10)
    assert [remind_of(session, one, before) for one in due] == [True] * len(due)
    assert [openid for openid, _ in messages(session, "payment_coming")] == ["zhang", "li"]
    assert coming(session, company, before, after=0, limit=10) == []
    assert late(session, garden).rested, "ten days later the first reminder may come"


def test_the_proof_of_each_demand_is_kept(session: Session, garden: int) -> None:
    remind(session, late(session, garden), by="staff:1", now=D3)
    remind(session, late(session, garden, room="502"), by="staff:1", now=D3)
    for openid, state, outcome in (("zhang", "sent", "success"), ("li", "failed", "43101")):
        session.execute(
            sa.update(Outbox)
            .where(Outbox.openid == openid)
            .values(state=state, channel="template", outcome=outcome, sent_at=D3)
        )
    assert note_what_was_sent(session) == 2
    assert note_what_was_sent(session) == 0
    opened(session, [home_of(session, "501").id], D3)
    proof = proofs_of(session, [home_of(session, "501").id])[0]
    assert (proof.sent, proof.failed, proof.demand.opened_at, proof.evidenced) == (1, 0, D3, True)
    proof = proofs_of(session, [home_of(session, "502").id])[0]
    assert (proof.sent, proof.failed, proof.code, proof.evidenced) == (0, 1, "43101", False)
    two_years = D3 + timedelta(days=950)
    listed = late_homes(session, [garden], Rules(), two_years)
    gone = running_out_of_time(session, listed, two_years.date())
    assert [one.home.room for one in gone] == ["101", "501", "502"] or {one.home.room for one in gone} >= {"101", "502"}
    note_demand(session, late(session, garden, two_years, "502"), "call", "电话 本人接", by="staff:1", now=two_years)
    note_demand(session, late(session, garden, two_years, "502"), "call", "电话 没人接", by="staff:1", now=two_years)
    gone = running_out_of_time(session, late_homes(session, [garden], Rules(), two_years), two_years.date())
    assert "502" not in {one.home.room for one in gone}
    with pytest.raises(Refusal):
        note_demand(session, late(session, garden, two_years), "call", " ", by="staff:1", now=two_years)


def test_a_dispute_stops_it_and_the_office_hears_of_it(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    session.add(
        Staff(company_id=company, name="赵经理", phone="", role="manager", account="gh_1", openid="zhao", joined_at=NOW)
    )
    session.flush()
    home = home_of(session, "501")
    assert not answer(session, home, 1, "", by="resident:1", now=D3)
    assert messages(session, "payment_refused") == []
    assert answer(session, home, 5, "", by="resident:1", now=D3)
    assert late(session, garden).stops == "有争议"
    assert answer(session, home, 3, "", by="resident:1", now=D3), "stopped before, and stopped still"
    assert [data["stopped"] for _, data in messages(session, "payment_refused")] == [True, True]


def test_a_manager_cannot_write_a_threat(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    with pytest.raises(Refusal, match="944"):
        write_note(session, company, "再不交就停水", by="staff:1", now=D3)
    write_note(session, company, "物业8点到18点上班", by="staff:1", now=D3)
    remind(session, late(session, garden), by="staff:1", now=D3)
    assert messages(session)[0][1]["note"] == "物业8点到18点上班"


def test_the_right_people_hear_of_money(session: Session, garden: int) -> None:
    company = session.get_one(Community, garden).company_id
    for name, role in (("赵经理", "manager"), ("孙会计", "cashier"), ("小李", "clerk")):
        session.add(
            Staff(company_id=company, name=name, phone="", role=role, account="gh_1", openid=role, joined_at=NOW)
        )
    session.flush()
    assert tell(session, company, now=D3.replace(hour=8)) == 1
    assert tell(session, company, now=D3.replace(hour=9)) == 0, "once a day"
    ((openid, data),) = messages(session, "money_to_look_at")
    assert (openid, data["lines"][0]) == ("cashier", "过期3天以上没交的 3户，396.25元：")
    monday = datetime(2027, 3, 1, 8, 50, tzinfo=SHANGHAI)
    tell(session, company, now=monday)
    lines = [data["lines"] for openid, data in messages(session, "money_to_look_at") if openid == "manager"]
    assert lines == [["· 欠费超过12个月或5,000元的 3户，396.25元", "· 可以发提醒的 3户，396.25元"]]


def test_large_and_many_refunds_are_named(session: Session, garden: int) -> None:
    home = home_of(session, "501")
    paid = take_in(session, home, Money(200_000, "cash", "1"), by="test", now=D3).payment
    for number, fen in enumerate((50_001, 100, 100, 100)):
        assert refunds_to_look_at(session, [garden], D3.date()) == [] or number
        refund(session, paid, fen, number=f"r{number}", reason="多交", by="staff:9", now=D3)
    assert refunds_to_look_at(session, [garden], D3.date()) == [
        "· 昨天退款超过500元的 1笔，500.01元",
        "· 昨天staff:9退款4笔，超过3笔",
    ]
    assert refunds_to_look_at(session, [garden + 1], D3.date()) == []
