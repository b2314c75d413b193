"""`import mandates`: every bad cell is named, nothing by halves, and no account number is shown whole."""

from pathlib import Path

import sqlalchemy as sa

from bot.config import Settings
from models.db import Database
from models.debit.tables import Mandate
from models.vault import Vault
from tests.handlers.commands.conftest import Run

HEAD = "房号,户名,账号,协议号,开始日期,结束日期\n"
GOOD = "3-2-501,张伟,'6222 0000 1111 2222,A1,2026-03-01,\n3-2-502,李娜,6222000033334444,A2,2026/3/1,2027-03-01\n"


def brought(run: Run, path: Path, text: str) -> tuple[int, str]:
    path.write_text(text, encoding="utf-8-sig")
    result = run("import", "mandates", str(path), "--community", "锦绣花园", "--yes")
    return result.exit_code, result.stdout + result.stderr


def test_a_sheet_is_taken_whole_and_again_changes_nothing(
    run_on_copy: Run, demo_copy: Database, tmp_path: Path, settings: Settings
) -> None:
    code, said = brought(run_on_copy, tmp_path / "协议.csv", HEAD + GOOD)
    assert code == 0, said
    assert "登记了 2 份" in said
    assert "****2222" in said
    assert "6222" not in said.replace("****2222", "")
    with demo_copy.reading() as session:
        accounts = session.scalars(sa.select(Mandate.sealed).order_by(Mandate.id)).all()
    assert [Vault(settings.data_keys).open(account) for account in accounts] == ["6222000011112222", "6222000033334444"]
    assert "登记了 0 份；2 份和系统里的一样" in brought(run_on_copy, tmp_path / "协议.csv", HEAD + GOOD)[1]


def test_each_bad_cell_is_named_and_nothing_is_written(run_on_copy: Run, demo_copy: Database, tmp_path: Path) -> None:
    bad = (
        GOOD
        + "9-9-999,某,6222000055556666,A3,2026-03-01,\n"
        + "3-2-501,张伟,6222000077778888,A4,2026-03-01,\n"
        + "3-2-601,张伟,6.222E+15,A5,2026-03-01,\n"
        + "3-2-602,张伟,6222000077778888,A6,明天,\n"
        + "随便,张伟,6222000077778888,A7,2026-03-01,\n"
        + "3-1-101,张|伟,6222000077778888,A8,2026-03-01,2020-01-01\n"
    )
    code, said = brought(run_on_copy, tmp_path / "协议.csv", HEAD + bad)
    assert code == 1
    for words in (
        "系统里没有9栋9单元999", "已经写过一次", "账号要写8到32位数字", "日期请写成 2026-03-01 这样", "请写成 3-2-501 这样",
        "户名请照银行卡上的写", "有 6 处要先改好，什么也没有写入",
    ):  # fmt: skip
        assert words in said
    assert "6222" not in said
    with demo_copy.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mandate)) == 0
    assert "缺少表头：账号" in brought(run_on_copy, tmp_path / "协议.csv", "房号,户名,协议号,开始日期\n")[1]
