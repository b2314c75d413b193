"""公摊 that closes: the worked examples, a cost shared out and billed with the month, and the master meter, on both databases."""

import json
from datetime import date, datetime
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.allocation import CannotAllocate
from models.billing.explain import equation
from models.billing.invariants import violations
from models.billing.ledger import balance
from models.billing.meter_actions import new_meter
from models.billing.meter_tables import Reading
from models.billing.publish import discard, publish
from models.billing.queries import bills_of
from models.billing.run import begin_run
from models.billing.share_actions import PoolPlan, Wanted, drop_pool, keep_pool, plan_pool, write_shares
from models.billing.share_file import sheet_from, table_of
from models.billing.share_sheet import sheet_of
from models.billing.share_tables import Pool, PoolShare
from models.billing.shares import Base, Member, flaws, share_out, weighed
from models.billing.tables import Bill, BillingRun
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import Rounding
from tests.support.fees import four_homes, home_of

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI)
F = Fraction
AREAS = (5632, 6850, 6850, 7518, 8937, 10246, 12000)
FLOORS = {"1": "0", "2": "0.5", "3": "1", "4": "1.2", "5": "1.4", "6": "1.6"}


def fen(total: int, members: list[Member], base: Base, **more: object) -> list[int]:
    return [share.fen for share in share_out(total, weighed(members, base, **more))]  # type: ignore[arg-type]


def test_the_worked_examples_of_sharing() -> None:
    homes = [Member(place, f"1-1-{place}01", area=area) for place, area in enumerate(AREAS, 1)]
    assert fen(123457, homes, "area") == [11981, 14573, 14572, 15994, 19012, 21797, 25528]  # E3
    assert fen(123457, homes, "household") == [17637] * 5 + [17636] * 2  # E4
    used = [Member(place, "", use=F(use)) for place, use in enumerate(("23", "41", "0", "17", "9.5"), 1)]
    assert fen(33120, used, "usage", unit="吨") == [8417, 15005, 0, 6221, 3477]  # E5
    lift = [Member(floor, "", floor=floor) for floor in range(1, 7) for _ in range(2)]
    assert fen(246000, lift, "floor", floors=FLOORS)[::2] == [0, 10789, 21579, 25895, 30211, 34526]  # E6
    assert sum(fen(246000, lift, "floor", floors=FLOORS)) == 246000
    with pytest.raises(CannotAllocate):  # E23
        fen(50000, [Member(1, "1-1-101"), Member(2, "1-1-102")], "area")
    mixed = [Member(1, "", area=3000), Member(2, "", area=1000)]
    assert fen(1000, mixed, "mixed", area_part=60) == [650, 350]


@pytest.fixture
def garden(session: Session) -> int:
    return four_homes(session)


def cost(**more: object) -> Wanted:
    usual = {"name": "电梯电费", "amount": 10_001, "period": "2026-02", "document": "供电局2月电费单"}
    return Wanted(**{**usual, **more})  # type: ignore[arg-type]


def keep(session: Session, garden: int, wanted: Wanted) -> Pool:
    plan: PoolPlan = plan_pool(session, garden, wanted)
    return keep_pool(session, session.get_one(Community, garden), plan, by="test", now=NOW)


def month(session: Session, garden: int, period: str = "2026-03") -> BillingRun:
    run = begin_run(session, garden, period, by="test", now=NOW)
    write_shares(session, run)
    return run


def test_a_cost_is_shared_out_shown_to_everybody_and_billed_with_the_month(session: Session, garden: int) -> None:
    pool = keep(session, garden, cost(excluded=1, excluded_why="商铺"))
    shares = dict(
        session.execute(
            sa.select(Home.room, PoolShare.fen).join(Home, Home.id == PoolShare.home_id).order_by(PoolShare.place)
        ).all()
    )
    # 56.32, nobody knows, 89.37 and 68.50 m² of 214.19: 2629.44, 0, 4172.46 and 3198.09 fen
    assert shares == {"101": 2629, "102": 0, "501": 4173, "502": 3198}
    with pytest.raises(AlreadyDone, match="已经登记过"):
        keep(session, garden, cost())
    run = month(session, garden)
    assert write_shares(session, run) == 0, "a share is billed once"
    with pytest.raises(Refusal, match="已经进了账单"):
        drop_pool(session, pool, company_id=1, by="test", now=NOW)
    # A draft that is thrown away sets the cost free again.
    discard(session, run)
    run = month(session, garden)
    publish(session, run, by="test", now=NOW)
    assert (run.bills, run.total, balance(session, garden, "agency")) == (3, 10_000, -10_000)
    (line,) = bills_of(session, [home_of(session, "501").id], "2026-03")
    assert (line.item, line.bill.amount, line.bill.start) == ("公摊电费·电梯电费", 4173, date(2026, 2, 1))
    assert equation(line.bill.basis, 4173, Rounding.FEN_HALF_UP) == [
        "电梯电费：整笔费用100.01元，减去不该业主分的0.01元，要分100.00元",
        "一共3户来分，按面积分",
        "您家89.37平方米，全部214.19平方米：100.00元 × 89.37 ÷ 214.19 = 41.724637…元",
        "按分分完还剩几分，您家零头大，多分到1分，是41.73元",
    ]


def test_two_costs_of_one_month_and_item_are_two_bills(session: Session, garden: int) -> None:
    keep(session, garden, cost(base="household"))
    keep(session, garden, cost(name="楼道照明电费", base="household", amount=800))
    publish(session, month(session, garden), by="test", now=NOW)
    lines = bills_of(session, [home_of(session, "501").id], "2026-03")
    assert [(line.item, line.bill.amount) for line in lines] == [
        ("公摊电费·电梯电费", 2500),
        ("公摊电费·楼道照明电费", 200),
    ]
    assert month(session, garden, "2026-04").bills == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"amount": 0}, "大于0"),
        ({"excluded": 10_001}, "大于0"),
        ({"document": " "}, "单据"),
        ({"building": "9"}, "没有住户"),
        ({"base": "floor"}, "楼层系数"),
        ({"base": "usage"}, "没有一户有权重"),
        ({"period": "2026-2-1"}, "2026-03 这样"),
    ],
)
def test_what_cannot_be_shared_out_says_why_and_leaves_nothing(
    session: Session, garden: int, more: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        keep(session, garden, cost(**more))
    assert session.scalars(sa.select(Pool)).all() == []


def test_the_sheet_can_be_recomputed_from_either_file_and_names_nobody(session: Session, garden: int) -> None:
    sheet = json.loads(json.dumps(sheet_of(session, keep(session, garden, cost()))))
    assert flaws(sheet) == []
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in table_of(sheet))
    assert flaws(sheet_from("\ufeff" + text)) == []
    assert [home["home"] for home in sheet["homes"]] == ["3-2-101", "3-2-102", "3-2-501", "3-2-502"]
    assert sheet["homes"][1]["why"] == "没有登记面积"
    for place, (name, value) in enumerate((("fen", 1), ("weight", "80"), ("extra", 1), ("exact", "7"))):
        broken = json.loads(json.dumps(sheet))
        broken["homes"][place % 4 if name != "extra" else 1][name] = value
        assert flaws(broken), name
    assert flaws({**sheet, "total": 1})
    assert flaws({}) == ["文件不完整，或者不是公摊明细文件"]


def test_the_master_meter_must_bear_the_others_out(session: Session, garden: int) -> None:
    begin, end = date(2026, 1, 31), date(2026, 2, 27)

    def meter(home: Home | None, used: int, day: date = end) -> None:
        one = new_meter(home, garden, "water", now=NOW, start=0, start_on=begin, name="" if home else f"总{used}")
        session.add(one)
        session.flush()
        session.add(Reading(meter_id=one.id, on=day, value=used * 10_000, source="chat", by="test", at=NOW, seq=0))
        session.flush()

    loss = cost(name="水损", base="usage", amount=33_120)
    meter(home_of(session, "501"), 23)
    assert "没有总表读数" in " ".join(plan_pool(session, garden, loss).facts["warnings"])
    meter(home_of(session, "502"), 63, date(2026, 2, 20))
    meter(None, 100)
    plan = plan_pool(session, garden, loss)
    assert plan.facts["meters"][-1] == "分表合计86吨，损耗14吨"
    assert "差了3天以上" in " ".join(plan.facts["warnings"])
    assert [share.fen for share in plan.shares] == [0, 0, 8858, 24262]
    meter(None, 2)  # another 2 m³: 16 of 102 are lost, more than 15 %
    with pytest.raises(Refusal, match="总表102吨，分表合计86吨"):
        plan_pool(session, garden, loss)
    meter(home_of(session, "101"), 17)
    with pytest.raises(Refusal, match="比总表还多"):
        plan_pool(session, garden, loss)


def test_what_was_not_billed_can_be_taken_back(session: Session, garden: int) -> None:
    pool = keep(session, garden, cost())
    drop_pool(session, pool, company_id=1, by="test", now=NOW)
    assert keep(session, garden, cost()).id != pool.id
    month(session, garden)
    assert session.scalar(sa.select(sa.func.count()).select_from(Bill)) == 3


def test_an_audit_finds_every_fen_that_was_moved_by_hand(session: Session, garden: int) -> None:
    pool = keep(session, garden, cost())
    publish(session, month(session, garden), by="test", now=NOW)
    assert list(violations(session)) == []
    home = home_of(session, "501").id
    for change, words in (
        (sa.update(PoolShare).where(PoolShare.home_id == home).values(fen=PoolShare.fen + 1), "are to be shared"),
        (sa.update(PoolShare).where(PoolShare.home_id == home).values(weight="1"), "not what its weights say"),
        (sa.update(Bill).where(Bill.home_id == home).values(amount=Bill.amount - 1), f"pool {pool.id}: home {home}"),
    ):
        with session.begin_nested() as point:
            session.execute(change.execution_options(synchronize_session=False))
            session.expire_all()
            assert words in " ".join(violations(session))
            point.rollback()
    assert list(violations(session)) == []
