"""`import bank-return`: the bank's answer by a command; looked at first, taken once, and never by halves."""

from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from bot.config import Settings
from handlers.bank_profiles import bank_profiles
from models.db import Database
from models.debit.agreements import Agreement
from models.debit.batches import make_list
from models.debit.mandates import sign
from models.estate.tables import Community, Home
from models.payments.tables import Payment
from models.vault import Vault
from tests.handlers.commands.conftest import Run

CARD = "6222000011112222"


def sent(database: Database, vault: Vault, now: datetime) -> bytes:
    """张伟's home is on a list at the bank. Returns the answer that the money came."""
    with database.transaction() as session:
        community = session.scalars(sa.select(Community).where(Community.name == "锦绣花园")).one()
        at = (Home.community_id == community.id, Home.building == "3", Home.entrance == "2", Home.room == "501")
        home = session.scalars(sa.select(Home).where(*at)).one()
        sign(session, home, Agreement(CARD, "张伟", "A1", date(2020, 1, 1)), vault, by="test", now=now)
        batch = make_list(session, community, bank_profiles()["pipe"], vault, by="test", now=now)
        head = f"{batch.number}|20260311|1|{batch.total}|1|{batch.total}"
        return f"{head}\r\n1|{CARD}|张伟|{batch.total}|x|物业费|0000||20260311|S1\r\n".encode("gbk")


def posted(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(Payment.channel == "debit")) or 0


def test_an_answer_is_looked_at_taken_once_and_refused_whole(
    run_on_copy: Run, demo_copy: Database, tmp_path: Path, now: datetime, settings: Settings
) -> None:
    file = tmp_path / "回盘.txt"

    def brought(content: bytes, *more: str) -> tuple[int, str]:
        file.write_bytes(content)
        result = run_on_copy("import", "bank-return", str(file), *more)
        return result.exit_code, result.stdout + result.stderr

    assert brought(b"x", "--yes") == (1, "还没有送过代扣名单，没有回盘可以入账。\n")
    answer = sent(demo_copy, Vault(settings.data_keys), now)
    for content, said in (
        (b"\xff\xfe", "读不出来的字"),
        (answer[:-20], "格式和「竖线分隔文件（GBK）」对不上"),
        (answer.replace(CARD.encode(), b"6222999999999999"), "账号或金额和送出去的不一样"),
    ):
        code, words = brought(content, "--yes")
        assert code == 1
        assert said in words
        assert "什么也没有入账" in words
    code, words = brought(answer, "--dry-run", "--community", "锦绣花园")
    assert (code, posted(demo_copy)) == (0, 0)
    assert "扣到 1 户" in words
    assert "只是试看" in words
    assert brought(answer, "--yes", "--community", "望江苑")[0] == 1, "a list of another compound"
    code, words = brought(answer, "--yes")
    assert (code, posted(demo_copy)) == (0, 1), words
    assert CARD not in words
    code, words = brought(answer, "--yes")
    assert (code, posted(demo_copy)) == (0, 1)
    assert "已经用这份文件入过账了" in words
    assert "找不到文件" in run_on_copy("import", "bank-return", str(tmp_path / "no.txt")).stderr
