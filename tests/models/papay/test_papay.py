"""委托代扣 as rows: who has agreed, what is announced and taken, once; and nothing when anything speaks against it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database, plain
from models.debit.agreements import Agreement
from models.debit.mandates import sign
from models.dunning.actions import stop
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.messaging.tables import Outbox
from models.papay import attempts, contracts, invariants, results
from models.papay.facts import ContractNews
from models.papay.tables import PapayAttempt, PapayBill, PapayContract
from models.payments.actions import Money, take_in
from models.payments.confirm import Merchant
from models.payments.handover import Change, hand_over
from models.payments.invariants import violations
from models.payments.online_tables import OnlineOrder, PayTrouble
from models.payments.purses import held_of
from models.payments.tables import Payment
from models.people.tables import Binding, Person
from models.vault import Vault
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee
from tests.support.races import Race
from tests.support.races import violations as race_violations

VAULT = Vault(["a secret of the tests"])
SHOP = Merchant("1900000109", "wx1")
EVE = datetime.combine(date(2026, 3, 30), NOW.timetz())
DUE = EVE + timedelta(days=1)


def bound(session: Session, room: str, openid: str) -> Home:
    home = home_of(session, room)
    company = session.get_one(Community, home.community_id).company_id
    person = Person(company_id=company, name=openid, created_at=NOW)
    session.add(person)
    session.flush()
    session.add(
        Binding(
            account="gh",
            openid=openid,
            home_id=home.id,
            person_id=person.id,
            relation="owner",
            proof="test",
            bound_at=NOW,
        )
    )
    session.flush()
    return home


def asked(session: Session, room: str, openid: str, *, now: datetime = NOW) -> PapayContract:
    home = home_of(session, room)
    company = session.get_one(Community, home.community_id).company_id
    return contracts.ask(session, home, company, ("gh", openid), "12535", now=now)


def says(session: Session, contract: PapayContract, state: str, *, now: datetime = NOW, **more: str) -> str:
    told = {"plan_id": "12535", "contract_id": f"Wx{contract.id}", "openid": contract.openid, **more}
    return contracts.take_news(session, ContractNews(code=contract.code, state=state, **told), now=now)


@pytest.fixture
def signed(session: Session) -> Iterator[PapayContract]:
    """501 owes 165.33 for March, due on the 31st; its owner signed on the 1st."""
    number = four_homes(session)
    service_fee(session, number)
    bill_month(session, number, "2026-03")
    bound(session, "501", "zhang")
    contract = asked(session, "501", "zhang")
    assert says(session, contract, "signed") == "signed"
    yield contract
    assert list(invariants.flaws(session)) == []
    assert list(violations(session)) == []


def announce(session: Session, now: datetime) -> int:
    attempts.plan(session, notice_days=1, now=now)
    coming = attempts.to_announce(session, now, notice_days=1)
    return sum(attempts.announced(session, one, notice_days=1, now=now) for one in coming)


def begun(session: Session, now: datetime) -> list[str]:
    return [number for one in attempts.to_charge(session, now) if (number := attempts.begin(session, one, now=now))]


def result(session: Session, number: str, state: str, fen: int = 16533, why: str = "") -> str:
    told = {
        "out_trade_no": number, "trade_state": state, "transaction_id": "T1" if state == "SUCCESS" else "",
        "mchid": SHOP.mchid, "appid": SHOP.appid, "amount": {"total": fen, "currency": "CNY"}, "why": why,
        "payer": {"openid": "zhang"},
    }  # fmt: skip
    return results.take_result(session, number, told, SHOP, now=DUE)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Outbox.kind).where(Outbox.openid == "zhang").order_by(Outbox.id)))


def test_bills_are_announced_the_day_before_and_taken_once(session: Session, signed: PapayContract) -> None:
    assert announce(session, EVE - timedelta(days=1)) == 0, "too early"
    assert announce(session, EVE) == 1
    assert announce(session, EVE) == 0
    assert begun(session, EVE) == []
    (number,) = begun(session, DUE)
    assert begun(session, DUE) == []
    order = session.scalars(sa.select(OnlineOrder)).one()
    assert (order.way, order.fen, order.openid, order.state) == ("papay", 16533, "zhang", "new")
    assert [attempts.claim(session, number, now=DUE) for _ in "ab"] == [True, False], (
        "one asks WeChat, for some minutes"
    )
    assert attempts.claim(session, number, now=DUE + timedelta(minutes=2))
    assert result(session, number, "ACCEPT") == "open"
    assert result(session, number, "SUCCESS") == "paid"
    assert result(session, number, "SUCCESS") == "paid"
    payment = session.scalars(sa.select(Payment)).one()
    assert (payment.fen, payment.channel, payment.reference) == (16533, "wechat", "T1")
    assert kinds(session) == ["papay_signed", "papay_coming", "payment_received"]
    assert announce(session, DUE + timedelta(days=1)) == 0, "a bill is taken in one attempt at most"
    assert signed.state == "signed"


def test_what_did_not_come_is_told_once_and_left_to_its_owner(session: Session, signed: PapayContract) -> None:
    announce(session, EVE)
    (number,) = begun(session, DUE)
    for _ in range(2):
        assert result(session, number, "PAY_FAIL", why="NOTENOUGH") == "closed"
    told = session.scalars(sa.select(Outbox.data).where(Outbox.kind == "papay_failed")).one()
    assert told["reason"] == "余额不足"
    assert announce(session, DUE) == 0
    assert result(session, number, "SUCCESS") == "paid", "money that comes late all the same is kept"
    assert held_of(session, [signed.home_id]) == {signed.home_id: 16533}
    assert session.scalars(sa.select(PayTrouble.what)).all() == ["late_payment"]


def test_what_is_not_known_after_two_days_is_for_a_person(session: Session, signed: PapayContract) -> None:
    announce(session, EVE)
    (number,) = begun(session, DUE)
    for later, told in (
        (timedelta(hours=47), []),
        (timedelta(hours=48), ["unresolved"]),
        (timedelta(days=3), ["unresolved"]),
    ):
        results.still_unknown(session, number, now=DUE + later)
        assert session.scalars(sa.select(PayTrouble.what)).all() == told
    assert result(session, number, "SUCCESS") == "paid"
    assert signed.state == "signed"


def test_another_sum_than_the_order_says_is_not_posted(session: Session, signed: PapayContract) -> None:
    announce(session, EVE)
    (number,) = begun(session, DUE)
    assert result(session, number, "SUCCESS", fen=16633) == "mismatch"
    assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0
    assert signed.state == "signed"


def test_never_more_than_is_still_open_and_nothing_when_all_is_paid(session: Session, signed: PapayContract) -> None:
    announce(session, EVE)
    home = session.get_one(Home, signed.home_id)
    take_in(session, home, Money(10000, "cash", "1"), by="staff:1", now=EVE)
    undone = session.begin_nested()
    assert len(begun(session, DUE)) == 1
    assert session.scalars(sa.select(OnlineOrder.fen)).one() == 6533
    undone.rollback()
    take_in(session, home, Money(6533, "cash", "2"), by="staff:1", now=EVE)
    assert begun(session, DUE) == []
    assert [words for _, _, words in attempts.newest(session, [home.community_id], 5)] == ["不扣了：已经交清"]


def test_what_was_missed_is_announced_anew(session: Session, signed: PapayContract) -> None:
    announce(session, EVE)
    later = DUE + timedelta(days=2)
    assert begun(session, later) == []
    assert announce(session, later) == 1
    assert begun(session, later) == []
    assert len(begun(session, later + timedelta(days=1))) == 1
    assert kinds(session) == ["papay_signed", "papay_coming", "papay_coming"]
    assert signed.state == "signed"


@pytest.mark.parametrize("against", ["dispute", "bank", "ended", "unbound"])
def test_nothing_is_taken_when_anything_speaks_against_it(
    session: Session, signed: PapayContract, against: str
) -> None:
    announce(session, EVE)
    home = session.get_one(Home, signed.home_id)
    if against == "dispute":
        stop(session, home, "dispute", "账单有争议", by="staff:1", now=EVE)
    elif against == "bank":
        paper = Agreement("6222000011112222", "张伟", "A1", date(2026, 1, 1))
        sign(session, home, paper, VAULT, by="t", now=EVE)
    elif against == "ended":
        contracts.want_end(session, signed.id, "业主取消", by="wechat:1", now=EVE)
        with pytest.raises(AlreadyDone):
            contracts.want_end(session, signed.id, "业主取消", by="wechat:1", now=EVE)
    else:
        session.execute(sa.delete(Binding).where(Binding.home_id == home.id))
        assert contracts.end_what_is_no_longer_theirs(session, now=EVE) == 1
    assert begun(session, DUE) == []
    freed = session.scalar(sa.select(sa.func.count()).select_from(PapayBill)) == 0
    assert freed == (against in ("ended", "unbound"))


def test_a_home_that_was_sold_is_not_charged_to_the_former_owner(session: Session, signed: PapayContract) -> None:
    home = session.get_one(Home, signed.home_id)
    announce(session, EVE)
    hand_over(session, home, Change(date(2026, 3, 31), "周涛"), by="staff:1", now=DUE)
    assert begun(session, DUE) == []
    assert contracts.end_what_is_no_longer_theirs(session, now=DUE) == 1
    assert [contracts.find(session, code).state for code, _ in contracts.due(session, DUE)] == ["ending"]  # type: ignore[union-attr]


def test_news_of_a_contract_counts_once_in_whatever_order_it_comes(session: Session, signed: PapayContract) -> None:
    assert says(session, signed, "signed") == "signed"
    assert says(session, signed, "signed", openid="somebody") == "mismatch"
    assert says(session, signed, "signed", plan_id="1") == "mismatch"
    assert says(session, signed, "ended", contract_id="Wx999") == "mismatch"
    with pytest.raises(AlreadyDone, match="已经有人开通"):
        asked(session, "501", "zhang")
    assert says(session, signed, "ended") == "ended"
    assert says(session, signed, "signed") == "ended", "an old notice that comes late"
    assert kinds(session) == ["papay_signed", "papay_ended"]
    unknown = ContractNews("C0", "12535", "Wx1", "zhang", "signed")
    assert contracts.take_news(session, unknown, now=NOW) == "unknown"
    sign(
        session,
        home_of(session, "501"),
        Agreement("6222000011112222", "张伟", "A1", NOW.date()),
        VAULT,
        by="t",
        now=NOW,
    )
    with pytest.raises(Refusal, match="银行卡代扣"):
        asked(session, "501", "zhang")


def test_the_second_of_a_home_is_ended_again_at_once(session: Session, signed: PapayContract) -> None:
    session.execute(sa.update(PapayContract).where(PapayContract.id == signed.id).values(state="asked"))
    session.expire_all()
    bound(session, "501", "wife")
    hers = asked(session, "501", "wife")
    assert says(session, signed, "signed") == "signed"
    assert says(session, hers, "signed") == "ending"
    assert contracts.signed_of(session, [signed.home_id])[signed.home_id].id == signed.id


def test_who_never_agreed_is_let_go(session: Session, signed: PapayContract) -> None:
    bound(session, "502", "li")
    hers = asked(session, "502", "li")
    assert asked(session, "502", "li").id == hers.id, "the page opened again has the same code"
    for _ in range(9):
        for code, _state in contracts.due(session, NOW + timedelta(days=1)):
            contract = contracts.find(session, code)
            assert contract is not None
            contracts.looked(session, contract, now=contract.next_look_at)
    assert hers.state == "lapsed"
    assert says(session, hers, "signed") == "signed", "unless WeChat says so after all"
    assert signed.state == "signed"


# --- two at the same moment -------------------------------------------------------------------------------------------


def the_race(database: Database) -> Race:
    """Three schedulers take what is due: there is one order."""
    with database.transaction() as session:
        number = four_homes(session)
        service_fee(session, number)
        bill_month(session, number, "2026-03")
        bound(session, "501", "zhang")
        says(session, asked(session, "501", "zhang"), "signed")
        announce(session, EVE)
        attempt = session.scalars(sa.select(PapayAttempt.id)).one()

    def take(session: Session, subject: int) -> object:
        return attempts.begin(session, subject, now=DUE) is not None

    def flaws(session: Session, subject: int) -> list[str]:
        orders = session.scalars(sa.select(OnlineOrder.fen).where(OnlineOrder.way == "papay")).all()
        return [] if list(orders) == [16533] else [f"ordered {list(orders)}"]

    return Race(lambda session, round_number: attempt, [take] * 3, flaws=flaws)


def test_three_schedulers_take_what_is_due(database: Database) -> None:
    assert race_violations(database, the_race(database), 1) == []


def test_without_its_guards_it_would_be_ordered_more_than_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = the_race(database)
    key = next(index for index in plain(OnlineOrder).indexes if index.name == "uq_online_orders_open")
    with database.engine.begin() as connection:
        key.drop(connection)
    monkeypatch.setattr(attempts.online, "open_order_of", lambda *_: None)
    monkeypatch.setattr(attempts, "_move", lambda *_, **__: True)
    try:
        assert race_violations(database, race, 1) != []
    finally:  # the next test gets the same database, emptied
        with database.engine.begin() as connection:
            connection.execute(sa.update(PapayAttempt).values(order_id=None))
            connection.execute(sa.delete(OnlineOrder))
            key.create(connection)
