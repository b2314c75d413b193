"""A charge that nothing came of is tried once more: later, announced anew, and never beside the money that came after all."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.db import Database, plain
from models.dunning.queries import late_homes
from models.dunning.steps import Rules
from models.dunning.tables import DunningStop
from models.estate.tables import Home
from models.messaging.tables import Outbox
from models.papay import attempts, contracts, results, retrying
from models.papay.rules import Tries
from models.papay.tables import PapayAttempt, PapayBill, PapayContract
from models.payments.actions import Money, take_in
from models.payments.purses import held_of
from tests.models.papay.test_papay import (
    DUE,
    EVE,
    SHOP,
    announce,
    asked,
    begun,
    bound,
    kinds,
    result,
    says,
    signed,
)  # fmt: skip
from tests.support.fees import bill_month, four_homes, service_fee
from tests.support.races import Race, violations

__all__ = ["signed"]

TWICE = Tries(2, 10)
EVE_OF_NEXT, NEXT = EVE + timedelta(days=10), DUE + timedelta(days=10)


def fails(session: Session, number: str, code: str = "NOTENOUGH", now: object = DUE, tries: Tries = TWICE) -> str:
    told = {
        "out_trade_no": number, "trade_state": "PAY_FAIL", "transaction_id": "", "mchid": SHOP.mchid, "appid": SHOP.appid,
        "amount": {"total": 16533, "currency": "CNY"}, "why": code, "payer": {"openid": "zhang"},
    }  # fmt: skip
    return results.take_result(session, number, told, SHOP, now=now, tries=tries)  # type: ignore[arg-type]


def first_failed(session: Session, code: str = "NOTENOUGH") -> str:
    announce(session, EVE)
    (number,) = begun(session, DUE)
    fails(session, number, code)
    return number


def failures(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(sa.select(Outbox.data).where(Outbox.kind == "papay_failed").order_by(Outbox.id))
    return [(data["reason"], data["again"]) for data in rows]


def stops(session: Session, home_id: int, today: date) -> str:
    home = session.get_one(Home, home_id)
    now = DUE.replace(year=today.year, month=today.month, day=today.day)
    (late,) = late_homes(session, [home.community_id], Rules(), now, homes=[home_id])
    return late.stops


def test_ten_days_later_it_is_announced_and_taken_by_a_new_order(session: Session, signed: PapayContract) -> None:
    first = first_failed(session)
    assert failures(session) == [("余额不足", "4月10日")]
    assert announce(session, DUE + timedelta(days=1)) == 0, "no sooner than it was said"
    assert announce(session, EVE_OF_NEXT) == 1
    assert begun(session, EVE_OF_NEXT) == []
    (second,) = begun(session, NEXT)
    assert second != first
    assert result(session, second, "SUCCESS") == "paid"
    bill = session.scalars(sa.select(Bill).where(Bill.home_id == signed.home_id)).one()
    assert bill.paid == bill.amount == 16533
    assert kinds(session) == ["papay_signed", "papay_coming", "papay_failed", "papay_coming", "payment_received"]
    assert announce(session, NEXT + timedelta(days=20)) == 0


def test_after_the_last_try_its_owner_pays_and_is_reminded_as_everybody(
    session: Session, signed: PapayContract
) -> None:
    first_failed(session)
    assert stops(session, signed.home_id, date(2026, 4, 3)) == "等着再自动扣一次"
    announce(session, EVE_OF_NEXT)
    (second,) = begun(session, NEXT)
    for _ in range(2):
        assert fails(session, second, "BANK_FAIL", NEXT) == "closed"
    assert failures(session) == [("余额不足", "4月10日"), ("银行没有扣成", "")]
    assert stops(session, signed.home_id, date(2026, 4, 10)) == ""
    for later in (1, 10, 30):
        assert announce(session, NEXT + timedelta(days=later)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(PapayAttempt)) == 2


def test_a_failure_that_is_told_many_times_plans_one_more_try(session: Session, signed: PapayContract) -> None:
    number = first_failed(session)
    for _ in range(3):
        assert fails(session, number) == "closed"
    runs = session.execute(sa.select(PapayAttempt.run, PapayAttempt.state).order_by(PapayAttempt.id)).all()
    assert [tuple(row) for row in runs] == [(1, "asked"), (2, "planned")]
    assert len(failures(session)) == 1


@pytest.mark.parametrize(("code", "reason"), [("CONTRACT_NOT_EXIST", "已经解约"), ("ACCOUNT_ABNORMAL", "账户异常")])
def test_what_will_not_pass_is_not_tried_again(session: Session, signed: PapayContract, code: str, reason: str) -> None:
    first_failed(session, code)
    assert failures(session) == [(reason, "")]
    assert announce(session, EVE_OF_NEXT) == 0


def test_money_of_the_first_try_that_comes_late_stops_the_second(session: Session, signed: PapayContract) -> None:
    first = first_failed(session)
    announce(session, EVE_OF_NEXT)
    assert result(session, first, "SUCCESS") == "paid"
    assert begun(session, NEXT) == []
    assert held_of(session, [signed.home_id]) == {signed.home_id: 16533}
    assert next(words for _, _, words in attempts.newest(session, [signed.community_id], 5)) == "不扣了：前一次已经扣到"


def test_even_when_nobody_noticed_it_on_the_way(
    session: Session, signed: PapayContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = first_failed(session)
    announce(session, EVE_OF_NEXT)
    with monkeypatch.context() as deaf:
        deaf.setattr(results, "came", lambda *_, **__: None)
        assert result(session, first, "SUCCESS") == "paid"
    assert begun(session, NEXT) == []


def test_who_pays_by_hand_meanwhile_is_not_charged(session: Session, signed: PapayContract) -> None:
    first_failed(session)
    take_in(session, session.get_one(Home, signed.home_id), Money(16533, "cash", "1"), by="staff:1", now=DUE)
    assert announce(session, EVE_OF_NEXT) == 0
    assert begun(session, NEXT) == []


def test_whoever_ends_the_contract_ends_the_further_try_and_is_reminded_at_once(
    session: Session, signed: PapayContract
) -> None:
    first_failed(session)
    contracts.want_end(session, signed.id, "业主取消", by="wechat:1", now=DUE)
    assert announce(session, EVE_OF_NEXT) == 0
    assert stops(session, signed.home_id, date(2026, 4, 1)) == ""
    assert session.scalar(sa.select(sa.func.count()).select_from(PapayBill)) == 0


def test_a_try_that_never_happens_keeps_reminders_back_no_longer_than_its_day(
    session: Session, signed: PapayContract
) -> None:
    first_failed(session)
    assert session.scalars(sa.select(DunningStop.until)).all() == [date(2026, 4, 10)]
    assert stops(session, signed.home_id, date(2026, 4, 10)) == "等着再自动扣一次"
    assert stops(session, signed.home_id, date(2026, 4, 11)) == ""


# --- two at the same moment -------------------------------------------------------------------------------------------


def the_race(database: Database) -> Race:
    """The notice and the job's own look bring the same failure at once, and both have seen what is to be tried: it is tried once."""
    with database.transaction() as session:
        number = four_homes(session)
        service_fee(session, number)
        bill_month(session, number, "2026-03")
        bound(session, "501", "zhang")
        says(session, asked(session, "501", "zhang"), "signed")
        announce(session, EVE)
        begun(session, DUE)
        attempt = session.scalars(sa.select(PapayAttempt.id)).one()

    def again(session: Session, subject: int) -> object:
        failed = session.get_one(PapayAttempt, subject)
        return retrying._written(session, failed, 16533, NEXT.date(), DUE) is not None

    def flaws(session: Session, subject: int) -> list[str]:
        further = session.scalars(sa.select(PapayAttempt.id).where(PapayAttempt.run == 2)).all()
        return [] if len(further) == 1 else [f"{len(further)} further tries"]

    return Race(lambda session, round_number: attempt, [again] * 3, flaws=flaws)


def test_one_failure_that_is_heard_three_times_at_once(database: Database) -> None:
    assert violations(database, the_race(database), 1) == []


def test_without_its_key_it_is_tried_more_than_once_more(database: Database) -> None:
    race = the_race(database)
    key = next(index for index in plain(PapayAttempt).indexes if index.name == "uq_papay_attempts_retry_of")
    with database.engine.begin() as connection:
        key.drop(connection)
    try:
        assert violations(database, race, 1) != []
    finally:  # the next test gets the same database, emptied
        with database.engine.begin() as connection:
            connection.execute(sa.update(PapayAttempt).values(retry_of=None))
            key.create(connection)
