"""A till for faults of money: homes that owe, orders of theirs, and notices as WeChat Pay signs them; any number of cases in one
world. Each case has a home of its own, and what the books say of that home is read from the raw rows."""

import itertools
import json
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.simulator.pay_notices import Notice
from handlers.commands.audit import violations
from handlers.paying import place
from models.audit.log import seal
from models.billing.ledger import LedgerEntry
from models.billing.once import bill_once, in_words
from models.billing.tables import Bill
from models.billing.tariffs import item_of
from models.db import Database
from models.estate.tables import Community, Company, Home, OfficialAccount
from models.messaging.tables import Outbox
from models.payments import online
from models.payments.online_tables import OnlineOrder, OnlineRefund, PayTrouble
from models.payments.tables import Payment, Purse, Receipt, Refund, Settlement
from models.people.tables import Staff
from tests.support.world import World

NOTIFY, REFUND_NOTIFY = "/wxpay/notify", "/wxpay/refund-notify"
DUE = date(2026, 2, 1)
SCANS = "demo-zhang"  # a phone of the pretend platform


@dataclass(frozen=True)
class Slip:
    """An order and what WeChat calls its payment."""

    number: str
    home: int
    fen: int
    openid: str
    transaction: str


@dataclass(frozen=True)
class Standing:
    """What the books say of one home: fen of its payments, in the order they came; how many ledger entries, valid receipts and
    messages there are of them; how its orders stand; what people are told to look at; fen its bills have been paid, and held."""

    payments: tuple[int, ...] = ()
    postings: int = 0
    receipts: int = 0
    messages: int = 0
    orders: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    paid: int = 0
    held: int = 0


class Till:
    def __init__(self, world: World) -> None:
        self.world = world
        world.platform.wait = lambda _seconds: None  # nobody sits through what times out
        self.database, self.clock = world.services.database, world.clock
        self.account = world.services.settings.wechat_account
        self.browser = world.app.test_client
        self.platform = world.platform.payments
        self._shop = self.platform.merchant
        self._numbers = itertools.count(1)
        with self.database.transaction() as session:
            self.company, self.community = self._found(session)

    def _found(self, session: Session) -> tuple[int, int]:
        now = self.clock.now()
        company = Company(name="安居物业", created_at=now)
        session.add(company)
        session.flush()
        community = Community(company_id=company.id, name="锦绣花园", created_at=now)
        sun = Staff(
            company_id=company.id, name="孙会计", role="cashier", account=self.account, openid="sun", joined_at=now
        )
        session.add_all([community, sun, OfficialAccount(account=self.account, company_id=company.id)])
        session.flush()
        return company.id, community.id

    # --- what there is to pay -----------------------------------------------------------------------------------------

    def home(self, *owed: int) -> int:
        """A new home with a bill over each of these sums; returns its number."""
        now = self.clock.now()
        with self.database.transaction() as session:
            home = Home(
                community_id=self.community, building="9", entrance="1", room=str(next(self._numbers)), area=5_000, floor=1,
                created_at=now,
            )  # fmt: skip
            session.add(home)
            session.flush()
            item = item_of(session, self.company, "SPECIAL")
            for fen in owed:
                bill_once(
                    session,
                    home,
                    item,
                    fen,
                    start=DUE,
                    end=DUE,
                    due_on=DUE,
                    basis=in_words("换角阀"),
                    by="test",
                    now=now,
                )
            return home.id

    def bills(self, home: int) -> list[int]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(Bill.id).where(Bill.home_id == home).order_by(Bill.id)))

    def order(self, home: int, fen: int, state: str = "open", **wanted: Any) -> Slip:
        """An order of this home that stands like this; whoever pays it has an openid of their own."""
        number = next(self._numbers)
        openid = f"payer-{home}-{number}"
        with self.database.transaction() as session:
            order = online.begin(
                session, session.get_one(Home, home),
                online.Wanted(fen, account=self.account, openid=openid, payer="张伟", **wanted), now=self.clock.now(),
            )  # fmt: skip
            if state != "new":
                online.opened(session, order.number, f"wx{number}", now=self.clock.now())
            if state in ("closing", "closed"):
                online.wants_end(session, order.number, by="", now=self.clock.now())
            if state == "closed":
                online.closed(session, order.number, now=self.clock.now())
            return Slip(order.number, home, fen, openid, f"42{number:026d}")

    def paid(self, home: int, fen: int, **wanted: Any) -> int:
        """This home pays by a code that is scanned, and WeChat's notice is taken; the number of the payment."""
        placed = place(self.world.services, home, self.by_code(fen, **wanted))
        self.platform.pay(placed.token, SCANS)
        self.platform.notices.deliver_due()
        with self.database.reading() as session:
            return session.scalars(
                sa.select(OnlineOrder.payment_id).where(
                    OnlineOrder.number == placed.number, OnlineOrder.state == "paid"
                )
            ).one()

    def by_code(self, fen: int, **wanted: Any) -> online.Wanted:
        return online.Wanted(fen, way="native", account=self.account, payer="张伟", **wanted)

    # --- what WeChat says ---------------------------------------------------------------------------------------------

    def told(self, slip: Slip, **changed: Any) -> dict[str, Any]:
        """What is inside a notice that this was paid."""
        return {
            "appid": self._shop.appid,
            "mchid": self._shop.mchid,
            "out_trade_no": slip.number,
            "transaction_id": slip.transaction,
            "trade_state": "SUCCESS",
            "trade_type": "JSAPI",
            "success_time": self.clock.now().isoformat(timespec="seconds"),
            "payer": {"openid": slip.openid},
            "amount": {"total": slip.fen, "payer_total": slip.fen, "currency": "CNY", "payer_currency": "CNY"},
            **changed,
        }

    def notice(self, content: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a genuine notice with this inside."""
        sent = Notice("", "TRANSACTION.SUCCESS", "transaction", content, self.clock.now())
        return self.platform.notices.envelope(sent)

    def tells(self, headers: dict[str, str], body: bytes, path: str = NOTIFY) -> int:
        """The status of the answer, which says SUCCESS with 200 and FAIL with anything else."""
        answer = self.browser().post(path, data=body, headers=headers)
        said = json.loads(answer.get_data())["code"]
        assert (said == "SUCCESS") == (answer.status_code == 200), (answer.status_code, said)
        return answer.status_code

    # --- the oracle ---------------------------------------------------------------------------------------------------

    def standing(self, home: int) -> Standing:
        with self.database.reading() as session:
            payments = session.execute(
                sa.select(Payment.id, Payment.fen).where(Payment.home_id == home).order_by(Payment.id)
            ).all()
            ids = [payment.id for payment in payments]
            orders = session.execute(
                sa.select(OnlineOrder.id, OnlineOrder.number, OnlineOrder.state)
                .where(OnlineOrder.home_id == home)
                .order_by(OnlineOrder.id)
            ).all()
            documents = [f"payment:{number}" for number in ids]
            refunds = session.scalars(sa.select(OnlineRefund.number).where(OnlineRefund.payment_id.in_(ids))).all()
            numbers = [*(order.number for order in orders), *refunds]
            return Standing(
                payments=tuple(payment.fen for payment in payments),
                postings=_count(session, LedgerEntry.document.in_(documents)),
                receipts=_count(session, Receipt.payment_id.in_(ids), Receipt.voided_at.is_(None)),
                messages=_count(
                    session,
                    sa.or_(*(Outbox.dedupe_key.like(f"payment_received:order:{order.id}:%") for order in orders)),
                )
                if orders
                else 0,
                orders=tuple(order.state for order in orders),
                troubles=tuple(
                    session.scalars(
                        sa.select(PayTrouble.what).where(PayTrouble.number.in_(numbers)).order_by(PayTrouble.id)
                    )
                ),
                paid=session.scalar(sa.select(sa.func.sum(Bill.paid)).where(Bill.home_id == home)) or 0,
                held=session.scalar(sa.select(Purse.held).where(Purse.home_id == home)) or 0,
            )

    def flaws(self) -> list[str]:
        """What `audit` finds, the log sealed first."""
        with self.database.transaction() as session:
            seal(session)
        with self.database.reading() as session:
            return list(violations(session))

    def rows(self) -> tuple[int, ...]:
        """How much is written in all: what comes of nothing changes none of it."""
        tables = (Payment, LedgerEntry, Receipt, Settlement, Refund, Outbox, PayTrouble, OnlineOrder)
        with self.database.reading() as session:
            return tuple(session.scalar(sa.select(sa.func.count(table.id))) or 0 for table in tables)


def once(fen: int, *, paid: int, troubles: Iterable[str] = (), messages: int = 1) -> Standing:
    """A home with one order that was paid, once: `paid` fen of it went to its bills and the rest is held."""
    return Standing((fen,), 1, 1, messages, ("paid",), tuple(troubles), paid, fen - paid)


class Undone(Exception):
    """Whoever held it gives it up again."""


class Holder:
    """Somebody else's transaction, in which `act` has been done and nothing is committed yet, until `ends`."""

    def __init__(self, database: Database, act: Callable[[Session], Any]) -> None:
        self._database, self._act = database, act
        self._commits = False
        self._done, self._released = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold)
        self._thread.start()
        assert self._done.wait(30)

    def ends(self, *, commits: bool) -> None:
        self._commits = commits
        self._released.set()
        self._thread.join()

    def _hold(self) -> None:
        with suppress(Undone), self._database.transaction() as session:
            self._act(session)
            session.flush()
            self._done.set()
            self._released.wait(30)
            if not self._commits:
                raise Undone


def wait_for_waiting(database: Database, number: int) -> None:
    """Return when so many are waiting for a row that somebody holds (SQLite has no rows to wait for: at once)."""
    if database.is_sqlite:
        return
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(20_000):
        with database.reading() as session:
            if session.scalar(waiting) >= number:
                return
    raise AssertionError("nobody waits")


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).where(*conditions)) or 0
