"""收费标准, 收费约定 and 催缴的步骤 at the desk: in words, changed with a reason it rests on, with who changed what; nonsense is told."""

from datetime import date

import pytest
import sqlalchemy as sa

from models.billing.tables import FeeItem, Tariff, TariffPrice
from models.dunning.queries import rules_of
from models.estate.tables import Community
from models.payments.online_tables import PayTerms
from tests.handlers.web.test_desk import CASHIER, MANAGER, ONE_COMPOUND, compound, signed_in
from tests.handlers.web.test_desk_money import clean
from tests.support.repairs import counted
from tests.support.world import World

DAYS = {
    "days0": "5",
    "days1": "3",
    "days2": "15",
    "days3": "30",
    "days4": "60",
    "days_to_pay": "15",
    "threshold": "2000",
}


def test_what_is_charged_is_told_in_words_and_changed_with_its_document(world: World) -> None:
    here, computer = compound(world, "锦绣花园"), signed_in(world)
    with counted(world.services.database) as statements:
        computer.opens(f"/desk/tariffs?compound={here}")
    assert len(statements) <= 12
    for words in ("物业费", "住宅按面积", "每月一收，先交后用", "四舍五入到分", "依据：", "1.85元", "公司收入"):
        assert words in computer.text, words
    with world.services.database.reading() as session:
        tariff = session.scalars(
            sa.select(Tariff.id)
            .join(FeeItem, FeeItem.id == Tariff.item_id)
            .where(Tariff.community_id == here, FeeItem.code == "PROP")
        ).one()
    price = {"price": "1.95", "from": "2026-05-01", "document": "2026年业主大会决议<b>"}
    for wrong, words in (
        ({"price": "贵"}, "单价没看懂"),
        ({"price": "1.23456"}, "单价没看懂"),
        ({"price": "-1"}, "单价没看懂"),
        ({"from": "5月"}, "日期请写成"),
        ({"from": "2026-03-01"}, "账单已经发布"),
        ({"document": " "}, "请写明调价的依据"),
    ):
        computer.presses("记下物业费新单价", **{**price, **wrong})
        assert words in computer.text, wrong
    computer.presses("记下物业费新单价", **price)
    assert "新单价记好了" in computer.text
    assert "2026-05-01起（还没到）" in computer.text
    assert "决议<b>" not in computer.page
    assert "赵经理 物业费改了单价 单价1.95元，从2026-05-01起" in computer.text
    computer.presses("记下物业费新单价", **price)
    assert "已经登记过了" in computer.text
    with world.services.database.reading() as session:
        prices = session.execute(
            sa.select(TariffPrice.valid_from, TariffPrice.price)
            .where(TariffPrice.tariff_id == tariff)
            .order_by(TariffPrice.valid_from)
        ).all()
    assert tuple(prices[-1]) == (date(2026, 5, 1), 19500)
    # Another compound's manager, and the cashier: there is no such page.
    other, cashier = signed_in(world, ONE_COMPOUND), signed_in(world, CASHIER)
    other.opens(f"/desk/tariffs?compound={here}")
    assert "锦绣花园" not in other.page
    token = other.page.split('name="form_token" value="')[1].split('"')[0]
    for path in (f"/desk/tariffs/price/{tariff}", f"/desk/tariffs/terms/{here}", "/desk/tariffs/dunning"):
        assert other.posts(path, form_token=token, **price, **DAYS).status_code == 404, path
    assert cashier.opens("/desk/tariffs").status_code == 404
    clean(world)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_what_the_contract_says_and_the_steps_are_changed_and_written_down(world: World) -> None:
    here, computer = compound(world, "锦绣花园"), signed_in(world, MANAGER)
    computer.opens(f"/desk/tariffs?compound={here}")
    terms = {"principal_first": "1", "prepay_months": "6", "refund_free": "100", "waive_free": "200"}
    for wrong, words in (
        ({"prepay_months": "61"}, "0到60"),
        ({"prepay_months": "x"}, "整数"),
        ({"refund_free": "很多"}, "金额没看懂"),
        ({"refund_free": "99999"}, "10,000.00元"),
    ):
        computer.presses("改收费约定", **{**terms, **wrong})
        assert words in computer.text, wrong
        computer.opens(f"/desk/tariffs?compound={here}")
    computer.presses("改收费约定", **terms)
    assert "收费约定改好了" in computer.text
    assert "先抵本金，再抵违约金" in computer.text
    assert "预存：最多6个月的费用" in computer.text
    computer.opens(f"/desk/tariffs?compound={here}")
    computer.presses("改收费约定", **terms)
    assert "没有改" in computer.text

    computer.presses("改催缴的步骤", **{**DAYS, "days2": "2"})
    assert "一步比一步晚" in computer.text
    computer.presses("改催缴的步骤", **{**DAYS, "days_to_pay": "5"})
    assert "催款函给15到30天" in computer.text
    computer.presses("改催缴的步骤", **DAYS)
    assert "催缴的步骤改好了" in computer.text
    assert "到期提醒：到期前5天" in computer.text
    assert "改了催缴的步骤" in computer.text
    with world.services.database.reading() as session:
        row = session.get_one(PayTerms, here)
        assert (row.principal_first, row.prepay_months, row.refund_free, row.waive_free) == (True, 6, 10_000, 20_000)
        company = session.get_one(Community, here).company_id
        assert rules_of(session, company).steps[0].days == -5
    clean(world)
