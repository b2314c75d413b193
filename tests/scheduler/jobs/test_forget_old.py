from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from models import job_runs
from models.db import Database
from models.job_runs import JobRun
from models.messaging import conversations, forgetting, inbox, reports
from models.messaging.tables import DeliveryReport, Inbox
from scheduler.jobs import forget_old

DAY = timedelta(days=1)


class Services:
    def __init__(self, database: Database) -> None:
        self.database = database


@pytest.fixture
def services(database: Database) -> Services:
    return Services(database)


def said(services: Services, key: str, when: datetime) -> None:
    with services.database.transaction() as session:
        who = {"account": "gh_1", "openid": "zhang", "key": key}
        said = {"kind": "text", "text": "我家电话 13900000000", "media_id": "m", "reply": "好的，张伟"}
        inbox.keep(session, **who, **said, now=when)


def kept(services: Services) -> list[tuple[str, str, str, str]]:
    with services.database.reading() as session:
        rows = session.execute(sa.select(Inbox.key, Inbox.text, Inbox.reply, Inbox.media_id).order_by(Inbox.key))
        return [tuple(row) for row in rows]


def test_words_of_more_than_thirty_days_ago_are_blanked_and_newer_ones_kept(services: Services, now: datetime) -> None:
    said(services, "new", now - 30 * DAY)
    said(services, "old", now - 30 * DAY - timedelta(seconds=1))
    assert forget_old.run(services, now).startswith("1 messages blanked")
    assert kept(services) == [("new", "我家电话 13900000000", "好的，张伟", "m"), ("old", "", "", "")]
    assert forget_old.run(services, now).startswith("0 messages blanked")


def test_a_forgotten_message_is_still_recognised_when_it_is_repeated(services: Services, now: datetime) -> None:
    said(services, "old", now - 31 * DAY)
    forget_old.run(services, now)
    with services.database.transaction() as session:
        _, answered = conversations.open_turn(session, "gh_1", "zhang", key="old", now=now)
    assert answered == "", "it is known, although what was said is not any more"


def test_many_are_blanked_a_few_at_a_time(services: Services, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        said(services, str(number), now - 31 * DAY)
    blank = forgetting.forget_words
    monkeypatch.setattr(forget_old, "forget_words", lambda session, before: blank(session, before, limit=2))
    assert forget_old.run(services, now).startswith("5 messages blanked")


def test_notes_about_runs_and_reports_go_after_ten_days(services: Services, now: datetime) -> None:
    for days in (9, 11):
        with services.database.transaction() as session:
            job_runs.claim(session, "tick", f"{days} days ago", now - days * DAY)
            reports.note_delivery(session, "gh_1", str(days), "success", now - days * DAY)
    assert forget_old.run(services, now).endswith("1 reports and 1 runs removed")
    with services.database.reading() as session:
        assert list(session.scalars(sa.select(JobRun.period))) == ["9 days ago"]
        assert list(session.scalars(sa.select(DeliveryReport.platform_id))) == ["9"]
