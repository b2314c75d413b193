"""An outbox, a sender, and a platform to look at afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import FixedClock
from bot.config_sending import Sending
from bot.rendering import Renderer
from bot.sender import Sender
from models.db import Database
from models.messaging import outbox
from models.messaging.tables import Conversation, Outbox
from tests.support.fake_wechat import FakeSms, FakeWeChat
from tests.support.words import NEWS

HOUR = timedelta(hours=1)


@dataclass
class FakePeople:
    """Whose phone is known, and what staff were told."""

    known: dict[tuple[str, str], str] = field(default_factory=dict)
    alarms: list[tuple[str, str]] = field(default_factory=list)

    def phones(self, session: Session, people: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        return {who: self.known[who] for who in people if who in self.known}

    def alarm(self, session: Session, account: str, api: str, why: str, now: datetime) -> None:
        self.alarms.append((api, why))


class Post:
    """An outbox, a sender, and a WeChat to look at afterwards."""

    def __init__(self, database: Database, renderer: Renderer, now: datetime) -> None:
        self.database, self.renderer, self.clock = database, renderer, FixedClock(now)
        self.wechat = FakeWeChat()
        self.sms = FakeSms()
        self.sending = Sending()
        self.people = FakePeople()

    def promise(self, openid: str = "zhang", kind: str = NEWS.name, key: str = "1", problem: str = "漏水") -> None:
        with self.database.transaction() as session:
            outbox.put(
                session,
                account="gh_1",
                openid=openid,
                kind=kind,
                data={"order": 1024, "problem": problem},
                dedupe_key=key,
                now=self.clock.now(),
            )

    def open_window(self, openid: str = "zhang", left: int = 5) -> None:
        with self.database.transaction() as session:
            until = int((self.clock.now() + 48 * HOUR).timestamp())
            windows = {"message": [left, until]}
            session.add(Conversation(account="gh_1", openid=openid, turned_at=self.clock.now(), windows=windows))

    def left(self, openid: str = "zhang") -> int:
        with self.database.reading() as session:
            return session.get_one(Conversation, ("gh_1", openid)).windows["message"][0]

    def sender(self, worker: str = "a", in_flight: int = 1) -> Sender:
        return Sender(
            self.database,
            self.wechat,
            self.renderer,
            self.clock.now,
            worker=worker,
            in_flight=in_flight,
            sending=self.sending,
            people=self.people,
            sms=self.sms,
        )

    def send(self, worker: str = "a") -> int:
        return self.sender(worker).send_due()

    def rows(self) -> list[Outbox]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(Outbox).order_by(Outbox.id)))

    def row(self) -> Outbox:
        [row] = self.rows()
        return row

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def pass_time(self, whole: timedelta, step: timedelta) -> None:
        """The sender looks again and again, as its loop does."""
        sender, end = self.sender(), self.clock.now() + whole
        while self.clock.now() < end:
            sender.send_due()
            self.clock.move(step)
