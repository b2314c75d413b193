"""A company with an order of Zhang's that has a photo and a recording, and browsers of everybody, signed in already."""

from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from models.db import Database
from models.estate.tables import Company, Home, OfficialAccount
from models.media import queue
from models.media.tables import Medium
from models.payments.actions import Money, take_in
from models.people import desk_logins
from models.people.tables import Binding, Person, Staff
from models.workorders.actions import add_attachment, finish, take
from models.workorders.attachments import Sent
from models.workorders.photos import files_of
from models.workorders.tables import WorkOrder
from tests.support import files
from tests.support.repairs import ACCOUNT, Cast, settle
from tests.support.world import World, open_world

OTHER_ACCOUNT = "gh_other"
PROBLEM = "厨房水管漏水了"


class Album:
    def __init__(self, database: Database, folder: Path, now: datetime) -> None:
        self.world: World = open_world(database, folder, now)
        self.now = now
        with database.transaction() as session:
            self.cast: Cast = settle(session, now)
            session.add(OfficialAccount(account=ACCOUNT, company_id=self.cast.company_id))
            self._others(session, now)
            order = self.cast.report(session, now, PROBLEM).order
            photo = self._sent(session, order, "image", "zhang")
            voice = self._sent(session, order, "voice", "zhang")
            home = session.get_one(Home, self.cast.home)
            money = Money(10_000, "cash", "of the album", "张伟")
            self.receipt = take_in(session, home, money, by="test", now=now).receipt.id
            self.order, self.photo, self.voice = order.id, photo.name, voice.name
        self.world.services.media_store.put(files_of(photo)[0], files.picture(size=(640, 480)))
        self.world.services.media_store.put(files_of(photo)[1], files.picture(size=(48, 36)))
        self.world.services.media_store.put(files_of(voice)[0], files.AMR)

    def _others(self, session, now: datetime) -> None:
        """A wife at home, an earlier owner who has moved out, and a manager of quite another company."""
        cast = self.cast
        wife = Person(company_id=cast.company_id, name="周敏", created_at=now)
        other = Company(name="别家物业", created_at=now)
        session.add_all([wife, other])
        session.flush()
        session.add(OfficialAccount(account=OTHER_ACCOUNT, company_id=other.id))
        session.add(
            Binding(
                account=ACCOUNT,
                openid="wife",
                home_id=cast.home,
                person_id=wife.id,
                relation="family",
                proof="demo",
                bound_at=now,
            )
        )
        session.add(
            Staff(
                company_id=other.id,
                name="别家经理",
                role="manager",
                account=OTHER_ACCOUNT,
                openid="boss",
                on_duty=True,
                joined_at=now,
            )
        )
        session.flush()

    def _sent(self, session, order: WorkOrder, kind: str, openid: str) -> Medium:
        medium_id = queue.note_received(
            session,
            company_id=self.cast.company_id,
            account=ACCOUNT,
            openid=openid,
            media_id=f"m-{kind}-{openid}",
            kind=kind,
            now=self.now,
        )
        words = "水是从三角阀漏的" if kind == "voice" else ""
        add_attachment(
            session,
            order,
            [Sent(kind, medium_id=medium_id, text=words)],
            now=self.now,
            actor=self.cast.resident(openid),
        )
        is_image = kind == "image"
        queue.mark_kept(
            session,
            medium_id,
            content_type="image/jpeg" if is_image else "audio/amr",
            size=9,
            width=640 if is_image else 0,
            height=480 if is_image else 0,
            now=self.now,
        )
        return session.get_one(Medium, medium_id, populate_existing=True)

    def repaired(self) -> None:
        with self.world.services.database.transaction() as session:
            order = session.get_one(WorkOrder, self.order)
            take(session, order, now=self.now, actor=self.cast.worker("chen"))
            finish(session, order, now=self.now, actor=self.cast.worker("chen"), result="换了角阀")

    def path(self, pattern: str) -> str:
        return pattern.format(order=self.order, photo=self.photo, voice=self.voice, receipt=self.receipt)

    def browser(self, openid: str, account: str = ACCOUNT, *, at_desk: bool = False) -> FlaskClient:
        """Signed in as this follower, and at the desk, too, if so wished, whether they work there or not; "" for nobody."""
        app: Flask = self.world.app
        browser = app.test_client()
        if openid:
            with browser.session_transaction() as kept:
                kept["who"] = [account, openid, "nonce"]
                if at_desk:
                    kept["desk"] = self._desk_session(openid, account)
        return browser

    def _desk_session(self, openid: str, account: str) -> list[object]:
        """As if the number on the page had been said in WeChat; who may say it is not asked here."""
        token, pepper = "browser of the test", self.world.services.settings.secret_key
        with self.world.services.database.transaction() as session:
            shown = desk_logins.show(session, browser=token, where="电脑", pepper=pepper, now=self.now)
            assert shown is not None
            who = {"account": account, "openid": openid, "company_id": self.cast.company_id, "by": "test"}
            desk_logins.say(session, code=shown.code, pepper=pepper, now=self.now, **who)
            assert desk_logins.take(session, shown.number, token, self.now) == (account, openid)
        return [shown.number, token]
