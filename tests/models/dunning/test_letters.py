"""The demand letter says everything it must, once for each debt, and only the office may open it."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from handlers.demand_letter import letters_of, words_of, wrapped
from models.billing.tables import Bill
from models.dunning.forbidden import threats_in
from models.dunning.letters import issue, letter_of, ready, undelivered
from models.dunning.queries import Late, late_homes
from models.dunning.steps import Rules
from models.dunning.tables import Demand
from models.errors import NotFound
from models.payments.actions import Money, take_in
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

DUE = date(2026, 1, 31)
D30 = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def garden(session: Session) -> int:
    """January was billed, with a late fee of 0.05 % a day, and 501 was reminded twice."""
    community = four_homes(session)
    service_fee(session, community, late_rate=500)
    bill_month(session, community, "2026-01")
    session.execute(sa.update(Bill).values(due_on=DUE))
    for step in (1, 2):
        session.add(
            Demand(
                community_id=community, home_id=home_of(session, "501").id, step=step, round=0, due=DUE, fen=16533,
                way="chat", by="test", at=NOW,
            )
        )  # fmt: skip
    session.flush()
    return community


def due(session: Session, community: int) -> list[Late]:
    return ready(late_homes(session, [community], Rules(), D30))


def test_a_letter_has_every_field_and_is_issued_once(session: Session, garden: int) -> None:
    (one,) = due(session, garden)
    assert one.home.room == "501"
    (demand,) = issue(session, [one], by="staff:1", now=D30)
    assert issue(session, [one], by="staff:2", now=D30) == []
    assert due(session, garden) == []
    assert undelivered(session, [garden]) == [demand]
    assert undelivered(session, [garden + 1]) == []
    letter = letter_of(session, demand, D30, pay_to="工行 安居物业")
    # 165.33 yuan, 30 days at 0.05 %: 2.47995.
    assert (letter.principal, letter.late_fee, letter.total) == (16533, 248, 16781)
    words = "\n".join(words_of(letter))
    for said in (
        "锦绣花园3栋2单元501", "物业费　2026-01-01至2026-01-31　165.33元", "每日万分之5（最高为本金的100%）", "截至2026-03-02",
        "合计：167.81元（大写：壹佰陆拾柒元捌角壹分）", "2026年03月17日前", "工行 安居物业", "第九百四十四条", "有异议",
    ):  # fmt: skip
        assert said in words
    assert letter.number == f"催字〔2026〕第{demand.id:06d}号"
    assert threats_in(words) == []
    assert all(len(line) < 60 for said in words_of(letter) for line in wrapped(said))
    assert letters_of([letter]).startswith(b"%PDF")


def test_whoever_has_paid_gets_no_letter(session: Session, garden: int) -> None:
    (demand,) = issue(session, due(session, garden), by="staff:1", now=D30)
    take_in(session, home_of(session, "501"), Money(20_000, "cash", "1"), by="test", now=D30)
    with pytest.raises(NotFound):
        letter_of(session, demand, D30)
