"""Homes that stand empty and years that are prepaid, as the drafts take them, on both databases."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing import vacancies
from models.billing.queries import bills_of
from models.billing.tables import Bill
from models.billing.tariffs import Agreement, agree, charge_all
from models.billing.vacancies import Relief
from models.errors import AlreadyDone, Refusal
from models.payments.invariants import violations
from tests.support.fees import NOW, bill_month, four_homes, home_of, service_fee

RELIEF = Relief(6, 70, "物业服务合同第12条")


@pytest.fixture
def garden(session: Session) -> Iterator[int]:
    community = four_homes(session)
    yield community
    session.flush()
    assert list(violations(session)) == []


def billed(session: Session, period: str, room: str = "501") -> list[tuple[str, int]]:
    return [(line.item, line.bill.amount) for line in bills_of(session, [home_of(session, room).id], period)]


def register(session: Session, since: date = date(2025, 9, 1), relief: Relief = RELIEF) -> vacancies.Vacancy:
    return vacancies.register(session, home_of(session, "501"), relief, since, "水电表没走", by="staff:1", now=NOW)


def test_the_drafts_after_the_approval_ask_for_less_of_the_service_fee_alone(session: Session, garden: int) -> None:
    service_fee(session, garden)
    lift = Agreement("fixed", 100_000, "合同", date(2024, 1, 1))
    charge_all(session, agree(session, garden, "LIFT", lift, by="test", now=NOW), date(2024, 1, 1))
    bill_month(session, garden, "2026-03")
    assert register(session).from_day == date(2026, 4, 1)
    bill_month(session, garden, "2026-04")
    assert sorted(billed(session, "2026-03")) == sorted([("物业费", 16_533), ("电梯费", 1_000)])
    assert sorted(billed(session, "2026-04")) == sorted([("物业费", 11_573), ("电梯费", 1_000)])
    assert billed(session, "2026-04", "502")[0] == ("物业费", 12_673), "the neighbour pays as before"


def test_who_moves_in_again_pays_the_rest_of_what_was_billed(session: Session, garden: int) -> None:
    service_fee(session, garden)
    register(session)
    bill_month(session, garden, "2026-04")
    made = vacancies.end(
        session, home_of(session, "501"), date(2026, 4, 16), by="staff:1", now=datetime(2026, 4, 20, tzinfo=SHANGHAI)
    )
    assert [(bill.start, bill.amount) for bill in made] == [(date(2026, 4, 16), 2_480)]
    bill_month(session, garden, "2026-05")
    assert billed(session, "2026-05") == [("物业费", 16_533)]


def test_nothing_is_given_where_nothing_was_agreed_and_never_twice(session: Session, garden: int) -> None:
    with pytest.raises(Refusal, match="没有空置优惠"):
        register(session, relief=Relief(6, 100, ""))
    with pytest.raises(Refusal, match="还没到"):
        register(session, date(2026, 3, 2))
    register(session)
    with pytest.raises(AlreadyDone):
        register(session)
    home = home_of(session, "502")
    with pytest.raises(Refusal, match="没有登记空置"):
        vacancies.end(session, home, date(2026, 3, 1), by="staff:1", now=NOW)
    with pytest.raises(Refusal, match="凭什么"):
        vacancies.register(session, home, RELIEF, date(2025, 9, 1), " ", by="staff:1", now=NOW)


@pytest.mark.parametrize(("offer", "fen"), [({"pays": "0.95"}, 188_476), ({"free_months": 1}, 181_863), ({}, 198_396)])
def test_a_year_in_advance_is_drafted_at_what_the_contract_asks_for(
    session: Session, garden: int, offer: dict[str, object], fen: int
) -> None:
    service_fee(session, garden, cycle_months=12, anchor=date(2026, 3, 1), from_day=date(2026, 3, 1), offer=offer)
    session.execute(sa.text("UPDATE charges SET from_day = '2026-03-01'"))
    bill_month(session, garden, "2026-03")
    assert billed(session, "2026-03") == [("物业费", fen)]
    basis = session.scalars(sa.select(Bill.basis).where(Bill.amount == fen)).one()
    assert basis.get("offer", {}).get("gross", fen) == (198_396 if offer else fen)


def test_no_offer_for_less_than_a_year_in_advance(session: Session, garden: int) -> None:
    agreement = Agreement("area", 18_500, "合同", date(2026, 3, 1), cycle_months=3, offer={"pays": "0.95"})
    with pytest.raises(Refusal, match="一年一收、先付"):
        agree(session, garden, "PROP", agreement, by="test", now=NOW)
