"""`import transfers`: what came in goes on the list and on the account of unclaimed money, once; the books of it can be taken away."""

import csv
import io
from decimal import Decimal
from pathlib import Path

from models.db import Database
from models.payments.transfers import unclaimed
from tests.handlers.commands.conftest import Run

STATEMENT = "交易日期,收入金额,对方户名,附言,交易流水号\n2026-03-09,165.33,张伟,3-2-501,'0001\n2026-03-09,1.23,银行,利息,'0002\n"


def test_a_statement_is_entered_once_and_its_account_ties(
    run_on_copy: Run, demo_copy: Database, tmp_path: Path
) -> None:
    file = tmp_path / "流水.csv"
    file.write_text(STATEMENT, encoding="utf-8-sig")
    for said in ("新放进 2 笔，0 笔以前有了", "新放进 0 笔，2 笔以前有了"):
        result = run_on_copy("import", "transfers", str(file), "--yes")
        assert result.exit_code == 0, result.output
        assert said in result.stdout
    with demo_copy.reading() as session:
        assert unclaimed(session, 1) == (2, 16656)
    text = run_on_copy("export", "bank-ledger", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["account"] for row in rows] == ["transfer", "unclaimed"] * 2
    for side in ("debit_yuan", "credit_yuan"):
        assert sum(Decimal(row[side]) for row in rows) == Decimal("166.56")
