"""A month's bills on both databases: drafted in slices, checked, published once, and never changed afterwards."""

import json
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.due import due_tariffs
from models.billing.ledger import LedgerEntry, Side, balance, post, unbalanced
from models.billing.publish import check, discard, publish, reverse
from models.billing.queries import bills_of, open_bills_of, periods_of
from models.billing.run import begin_run, write_slice
from models.billing.tables import Bill, Charge, SkippedHome, Tariff
from models.billing.tariffs import Agreement, agree, change_price, charge_all, charge_homes
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from tests.support.fees import NOW, PAPER, bill_month, draft_month, four_homes, home_of, service_fee


@pytest.fixture
def garden(session: Session) -> int:
    return four_homes(session)


def home(session: Session, room: str) -> int:
    return home_of(session, room).id


def test_every_home_with_an_area_is_billed_and_the_other_is_listed(session: Session, garden: int) -> None:
    service_fee(session, garden)
    run = bill_month(session, garden, "2026-03")
    amounts = dict(session.execute(sa.select(Home.room, Bill.amount).join(Home, Home.id == Bill.home_id)).all())
    # 89.37, 68.50 and 56.32 m² × 1.85 yuan
    assert amounts == {"501": 16533, "502": 12673, "101": 10419}
    assert session.scalars(sa.select(SkippedHome.reason)).all() == ["没有登记面积"]
    assert (run.bills, run.total) == (3, 39625)
    assert balance(session, garden, "receivable") == 39625
    assert balance(session, garden, "income") == -39625
    assert list(unbalanced(session)) == []


def test_a_run_that_stopped_half_way_goes_on_to_the_same_rows(session: Session, garden: int) -> None:
    service_fee(session, garden)
    run = begin_run(session, garden, "2026-03", by="test", now=NOW)
    (due,) = due_tariffs(session, garden, "2026-03")
    assert write_slice(session, run, due, limit=2).written == 2
    again = draft_month(session, garden, "2026-03", limit=3)
    assert again.id == run.id
    assert check(session, again).bills == 3
    assert write_slice(session, run, due, limit=10).written == 0, "nothing is billed twice"


def test_a_slice_is_written_by_one_statement_in_the_order_of_its_homes(session: Session, garden: int) -> None:
    service_fee(session, garden, anchor=date(2026, 3, 1), cycle_months=12, offer={"pays": "0.95"})
    run = begin_run(session, garden, "2026-03", by="test", now=NOW)
    (due,) = due_tariffs(session, garden, "2026-03")
    statements: list[str] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    write_slice(session, run, due)
    assert sum(one.startswith("INSERT INTO bills") for one in statements) == 1
    rows = session.execute(
        sa.select(Home.room, Bill, sa.cast(Bill.basis, sa.Text).label("kept")).join(Home).order_by(Bill.id)
    ).all()
    assert [room for room, _, _ in rows] == ["501", "502", "101"]
    for _, bill, kept in rows:
        assert kept == json.dumps(bill.basis), "as it has always been kept, to the letter"
        assert bill.basis["offer"]["gross"] - bill.basis["offer"]["off"] == bill.amount


def test_what_was_published_is_not_published_or_drafted_again(session: Session, garden: int) -> None:
    service_fee(session, garden)
    run = bill_month(session, garden, "2026-03")
    with pytest.raises(AlreadyDone):
        publish(session, run, by="test", now=NOW)
    with pytest.raises(AlreadyDone):
        begin_run(session, garden, "2026-03", by="test", now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_draft_is_posted_where_it_stands(session: Session, garden: int) -> None:
    """No index gets a new entry: none looks at the state, and each page has room for its bills once more."""
    for number in range(200):
        session.add(Home(community_id=garden, building="8", entrance="1", room=str(number), area=5_000, created_at=NOW))
    session.flush()
    service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    changed = session.execute(
        sa.text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'bills'")
    )
    assert changed.one() == (203, 203)


def test_nobody_sees_a_draft_and_it_can_be_thrown_away(session: Session, garden: int) -> None:
    service_fee(session, garden)
    run = draft_month(session, garden, "2026-03")
    assert bills_of(session, [home(session, "501")], "2026-03") == []
    assert discard(session, run) == 3
    assert session.scalar(sa.select(sa.func.count()).select_from(Bill)) == 0
    with pytest.raises(AlreadyDone):
        discard(session, bill_month(session, garden, "2026-03"))


def test_an_empty_run_is_not_published(session: Session, garden: int) -> None:
    with pytest.raises(Refusal, match="没有可以发布的账单"):
        bill_month(session, garden, "2026-03")


@pytest.mark.parametrize("period", ["2026-13", "03", "", "明年", "2026-3-1"])
def test_a_month_is_written_one_way(session: Session, garden: int, period: str) -> None:
    with pytest.raises(Refusal, match="2026-03 这样"):
        begin_run(session, garden, period, by="test", now=NOW)


def test_a_quarter_in_advance_is_billed_in_its_first_month_only(session: Session, garden: int) -> None:
    service_fee(session, garden, cycle_months=3)
    bill_month(session, garden, "2026-01")
    assert due_tariffs(session, garden, "2026-02") == []
    (line,) = bills_of(session, [home(session, "501")], "2026-01")
    assert (line.bill.start, line.bill.end, line.bill.amount) == (date(2026, 1, 1), date(2026, 3, 31), 49599)
    assert line.bill.due_on == date(2026, 1, 31)


def test_what_is_paid_afterwards_is_billed_in_the_month_after(session: Session, garden: int) -> None:
    service_fee(session, garden, in_advance=False, due_days=15)
    bill_month(session, garden, "2026-03")
    (line,) = bills_of(session, [home(session, "501")], "2026-03")
    assert (line.bill.start, line.bill.end, line.bill.due_on) == (
        date(2026, 2, 1),
        date(2026, 2, 28),
        date(2026, 3, 16),
    )


def test_a_period_that_ends_within_a_month_is_billed_in_the_month_after(session: Session, garden: int) -> None:
    service_fee(session, garden, in_advance=False, from_day=date(2024, 1, 15), anchor=date(2024, 1, 15))
    bill_month(session, garden, "2026-03")
    (line,) = bills_of(session, [home(session, "501")], "2026-03")
    assert (line.bill.start, line.bill.end, line.bill.amount) == (date(2026, 1, 15), date(2026, 2, 14), 16533)


def test_a_lift_costs_by_floor(session: Session, garden: int) -> None:
    agreement = Agreement("floor", 300000, PAPER, date(2024, 1, 1), floors={"1": "0", "5": "1.4"})
    tariff = agree(session, garden, "LIFT", agreement, by="test", now=NOW)
    charge_all(session, tariff, date(2024, 1, 1))
    bill_month(session, garden, "2026-03")
    amounts = session.execute(sa.select(Home.room, Bill.amount).join(Home, Home.id == Bill.home_id)).all()
    # 30 yuan × 1.4; the ground floor owes nothing and gets no bill
    assert dict(amounts) == {"501": 4200, "502": 4200}


def test_two_parking_spaces_cost_twice_as_much_and_are_the_owners_common_money(session: Session, garden: int) -> None:
    agreement = Agreement("fixed", 1500000, PAPER, date(2024, 1, 1))
    tariff = agree(session, garden, "PARK_RENT", agreement, by="test", now=NOW)
    charge_homes(session, tariff, [home(session, "501")], date(2024, 1, 1), pieces=2)
    bill_month(session, garden, "2026-03")
    assert session.scalars(sa.select(Bill.amount)).all() == [30000]
    assert balance(session, garden, "public") == -30000
    assert balance(session, garden, "income") == 0


def test_a_new_agreement_ends_the_old_one_and_a_gap_is_not_billed(session: Session, garden: int) -> None:
    service_fee(session, garden)
    agree(session, garden, "PROP", Agreement("area", 20000, PAPER, date(2026, 3, 1)), by="test", now=NOW)
    tariffs = session.scalars(sa.select(Tariff).order_by(Tariff.from_day)).all()
    assert [tariff.until_day for tariff in tariffs] == [date(2026, 2, 28), None]
    with pytest.raises(Refusal, match="更晚的日子"):
        agree(session, garden, "PROP", Agreement("area", 20000, PAPER, date(2026, 3, 1)), by="test", now=NOW)


def test_a_price_needs_a_paper_and_does_not_reach_back(session: Session, garden: int) -> None:
    tariff = service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    with pytest.raises(Refusal, match="依据"):
        change_price(session, tariff, price=20000, valid_from=date(2026, 4, 1), document=" ", by="test", now=NOW)
    with pytest.raises(Refusal, match="已经发布"):
        change_price(session, tariff, price=20000, valid_from=date(2026, 3, 15), document=PAPER, by="test", now=NOW)
    change_price(session, tariff, price=20000, valid_from=date(2026, 4, 11), document=PAPER, by="test", now=NOW)
    bill_month(session, garden, "2026-04")
    (line,) = bills_of(session, [home(session, "501")], "2026-04")
    # 10 of 30 days at 1.85, 20 at 2.00: 5511.15 + 11916 fen
    assert line.bill.amount == 17427


def test_the_clerk_sees_what_is_unusual_before_publishing(session: Session, garden: int) -> None:
    tariff = service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    session.execute(sa.delete(SkippedHome))
    session.execute(sa.delete(Charge).where(Charge.home_id == home(session, "102")))
    change_price(session, tariff, price=20000, valid_from=date(2026, 4, 1), document=PAPER, by="test", now=NOW)
    seen = check(session, draft_month(session, garden, "2026-04"))
    assert [(item.name, item.bills, item.fen, item.before) for item in seen.items] == [("物业费", 3, 42838, 39625)]
    assert seen.uncharged == {"物业费": 1}


def test_a_mistake_is_taken_back_to_the_fen_and_billed_anew(session: Session, garden: int) -> None:
    service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    (line,) = bills_of(session, [home(session, "501")], "2026-03")
    against = reverse(session, line.bill, reason="面积登记错了", by="test", now=NOW)
    assert (against.amount, against.reverses, against.seq) == (-16533, line.bill.id, 1)
    assert open_bills_of(session, [home(session, "501")]) == []
    assert balance(session, garden, "receivable") == 39625 - 16533
    assert balance(session, garden, "income") == -(39625 - 16533)
    with pytest.raises(Refusal, match="已经冲红"):
        reverse(session, line.bill, reason="再来一次", by="test", now=NOW)


def test_a_bill_somebody_paid_on_is_not_taken_back(session: Session, garden: int) -> None:
    service_fee(session, garden)
    bill_month(session, garden, "2026-03")
    (line,) = bills_of(session, [home(session, "501")], "2026-03")
    line.bill.paid = 1
    session.flush()
    with pytest.raises(Refusal, match="收了钱"):
        reverse(session, line.bill, reason="面积登记错了", by="test", now=NOW)


def test_a_home_sees_its_months_and_no_other_homes(session: Session, garden: int) -> None:
    service_fee(session, garden)
    for period in ("2026-01", "2026-02", "2026-03"):
        bill_month(session, garden, period)
    assert periods_of(session, [home(session, "501")], limit=2) == [
        ("2026-03", 16533, 16533),
        ("2026-02", 16533, 16533),
    ]
    assert [line.bill.home_id for line in open_bills_of(session, [home(session, "502")])] == [home(session, "502")] * 3


def test_a_ledger_entry_that_does_not_sum_to_zero_is_never_written(session: Session, garden: int) -> None:
    with pytest.raises(ValueError, match="sums to zero"):
        post(session, community_id=garden, what="bill", document="run:9", sides=[Side("cash", 1)], by="test", now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) == 0
