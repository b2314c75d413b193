"""往年欠费 and 收费标准 through the desk's page: looked at, agreed to, and taken back while nothing rests on them."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models.billing.tables import Bill, Charge, FeeItem, Tariff
from models.imports.tables import Import
from tests.handlers.web.test_desk import compound, signed_in, upload, work
from tests.handlers.web.test_desk_money import clean, home_number
from tests.support.imports import ledger_file
from tests.support.world import World

HEAD = ["楼栋", "单元", "房号", "业主", "月物业费", "1月", "2月", "3月"]
TARIFF = ["收费项目", "计算方式", "单价", "几个月一收", "先付后付", "适用", "起算日", "依据"]


def arrears(folder: Path, name: str, *rows: list[Any], head: list[str] = HEAD) -> Path:
    return ledger_file(folder, ["望江苑2025年收费台账"], head, *rows, name=name, title="2025年")


def test_old_debts_are_looked_at_written_and_taken_back(world: World, tmp_path: Path) -> None:
    computer, here = signed_in(world), compound(world, "望江苑")
    home = home_number(world, "望江苑", ("1", "1", "101"))
    bad = arrears(
        tmp_path, "坏.xlsx", ["1", "1", "101", "王强", 100, "免", None, "√"], ["9", "9", "999", "谁", 1, 1, 1, 1]
    )
    upload(computer, bad, here, kind="arrears")
    work(world)
    assert "要改好的" in computer.looks_again()
    assert "2025年!F3" in computer.text
    assert "确认写入" not in computer.text

    until = arrears(tmp_path, "缴至.xlsx", ["1", "1", "101", "王强", 100, "2025.2"], head=[*HEAD[:5], "缴至"])
    upload(computer, until, here, kind="arrears")
    work(world)
    assert "写的这个月到底交了没有" in computer.looks_again()

    good = arrears(tmp_path, "好.xlsx", ["1", "1", "101", "王强", 100, "√", 60, None])
    upload(computer, good, here, kind="arrears")
    work(world)
    assert "登记期初欠费 1 户、2 个月，共 140.00元" in computer.looks_again()
    computer.presses("确认写入")
    work(world)
    assert "已写入" in computer.looks_again()
    page = computer.address
    with world.services.database.reading() as session:
        owed = session.scalars(sa.select(Bill.amount).where(Bill.home_id == home, Bill.start < sa.text("'2025-06-01'")))
        assert sorted(owed) == [4000, 10000]
    computer.opens(f"/desk/homes/{home}?months=2025-04")
    assert "应交100.00元，已交60.00元，按台账「好.xlsx」2025年!G3登记" in computer.text
    clean(world)
    computer.opens(page)
    computer.presses("撤销这次导入")
    work(world)
    assert "已撤销" in computer.looks_again()
    with world.services.database.reading() as session:
        states = session.scalars(
            sa.select(Bill.state).where(Bill.home_id == home, Bill.start < sa.text("'2025-06-01'"))
        )
        assert set(states) == {"reversed"}
    clean(world)


def test_tariffs_are_looked_at_written_and_taken_back_unless_billed(world: World, tmp_path: Path) -> None:
    computer, here = signed_in(world), compound(world, "望江苑")
    row = ["电梯费", "按户", "10.5", "1", "先付", "住宅", "2026-04-01", "2026年业主大会决议"]
    upload(computer, ledger_file(tmp_path, TARIFF, [*row[:2], "很贵", *row[3:]], name="坏.xlsx"), here, kind="tariffs")
    work(world)
    assert "请写元，最多四位小数" in computer.looks_again()
    assert "1栋!C2" in computer.text
    upload(
        computer,
        ledger_file(tmp_path, TARIFF, ["物业费", "按面积", "1.9", *row[3:6], "2020-01-01", "x"], name="早.xlsx"),
        here,
        kind="tariffs",
    )
    work(world)
    assert "新标准要从更晚的日子开始" in computer.looks_again()

    upload(computer, ledger_file(tmp_path, TARIFF, row, name="好.xlsx"), here, kind="tariffs")
    work(world)
    assert "电梯费：每月 10.50元，2026-04-01 起" in computer.looks_again()
    computer.presses("确认写入")
    work(world)
    assert "已写入" in computer.looks_again()
    with world.services.database.reading() as session:
        tariff = session.scalars(
            sa.select(Tariff.id)
            .join(FeeItem, FeeItem.id == Tariff.item_id)
            .where(FeeItem.code == "LIFT", Tariff.community_id == here)
        ).one()
        charged = session.scalar(sa.select(sa.func.count()).select_from(Charge).where(Charge.tariff_id == tariff))
    assert charged
    assert charged > 50
    page = computer.address
    computer.presses("撤销这次导入")
    work(world)
    assert "已撤销" in computer.looks_again()
    with world.services.database.reading() as session:
        assert session.get(Tariff, tariff) is None
        assert {one.state for one in session.scalars(sa.select(Import).where(Import.kind == "tariffs"))} == {
            "undone", "refused",
        }  # fmt: skip
    computer.opens(page)
    assert "撤销这次导入" not in computer.page
    clean(world)
