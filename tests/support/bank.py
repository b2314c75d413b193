"""The bank's side in transcripts: agreements, statements and answers come as files, and are brought by the real commands."""

import sqlalchemy as sa

from handlers.bank_profiles import bank_profiles
from models.debit.batches import set_terms
from models.debit.tables import DebitBatch, DebitLine, Mandate
from models.estate.tables import Community
from tests.support.world import World

COMPOUND = "锦绣花园"


def bring(world: World, kind: str, name: str, content: bytes, *more: str) -> None:
    path = world.services.settings.data_dir / name
    path.write_bytes(content)
    result = world.app.test_cli_runner().invoke(args=["import", kind, str(path), *more, "--yes"])
    assert result.exit_code == 0, result.output


def sign(world: World, door: str, holder: str) -> None:
    """An agreement of a home, and the compound collects by direct debit."""
    text = f"房号,户名,账号,协议号,开始日期\n{door},{holder},'6222000011112222,A{door},2026-01-01\n"
    bring(world, "mandates", "协议.csv", text.encode("utf-8-sig"), "--community", COMPOUND)
    with world.services.database.transaction() as session:
        community = session.scalars(sa.select(Community).where(Community.name == COMPOUND)).one()
        set_terms(session, community, "pipe", (10, 20), bank_profiles(), by="test", now=world.clock.now())


def answer(world: World, code: str) -> None:
    """The bank says the same of every line of the list that it has."""
    with world.services.database.reading() as session:
        batch = session.scalars(sa.select(DebitBatch).where(DebitBatch.state == "sent")).one()
        rows = session.execute(
            sa.select(DebitLine.seq, DebitLine.fen, Mandate.sealed)
            .join(Mandate, Mandate.id == DebitLine.mandate_id)
            .where(DebitLine.batch_id == batch.id)
            .order_by(DebitLine.seq)
        ).all()
    lines = [
        f"{seq}|{world.services.vault.open(sealed)}|某|{fen}|x|物业费|{code}||20260311|S{seq}"
        for seq, fen, sealed in rows
    ]
    paid = (batch.count, batch.total) if code == "0000" else (0, 0)
    head = f"{batch.number}|20260311|{batch.count}|{batch.total}|{paid[0]}|{paid[1]}"
    bring(world, "bank-return", "回盘.txt", "\r\n".join([head, *lines]).encode("gbk"))


def credit(world: World, amount: str, payer: str, remark: str) -> None:
    """One credit of the bank's statement of today."""
    day, serial = world.clock.now().date(), f"T{len(payer)}{world.clock.now():%d%H%M%S}"
    text = f"交易日期,收入金额,对方户名,附言,交易流水号\n{day},{amount},{payer},{remark},{serial}\n"
    bring(world, "transfers", "流水.csv", text.encode("utf-8-sig"))
