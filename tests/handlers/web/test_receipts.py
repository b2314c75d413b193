"""What a receipt says on the phone and on paper; who may open it is asked in tests/faults/test_f49_other_peoples_pages.py."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from handlers.receipt_pdf import fitted, pdf_of
from handlers.receipt_sheet import Sheet
from models.db import Database
from models.payments.tables import Payment, Receipt
from tests.support.album import Album


def test_it_says_what_was_paid_and_shows_each_only_what_is_theirs(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    album = Album(database, tmp_path, now)
    path = f"/m/receipt/{album.receipt}"
    page = album.browser("zhang").get(path).text
    for words in ("0000001", "100.00元", "壹佰元整", "预存款", "现金", "张伟", "系统自动收款"):
        assert words in page
    assert "作废" not in page
    worker = album.browser("chen").get(path).text
    assert ("张伟" in worker, "张*" in worker) == (False, True)
    assert "张伟" in album.browser("clerk").get(path).text

    file = album.browser("zhang").get(f"{path}.pdf")
    assert (file.mimetype, file.data[:4]) == ("application/pdf", b"%PDF")
    assert album.browser("zhang").get(f"{path}.pdf").data == file.data, "the same receipt is the same bytes"

    with database.transaction() as session:
        session.execute(sa.update(Payment).values(account="gh_album", openid="tenant", refunded=0))
    assert album.browser("tenant").get(path).status_code == 404, "another account's follower of the same name"
    with database.transaction() as session:
        account = album.browser("x") and album.cast.resident("tenant").account
        session.execute(sa.update(Payment).values(account=account, refunded=2_500))
        session.execute(sa.update(Receipt).values(voided_at=now, void_reason="抬头<b>写错", reprints=2))
    marked = album.browser("tenant").get(path)
    assert marked.status_code == 200, "who paid it while living there"
    for words in ("作废", "抬头&lt;b&gt;写错", "补打（第2次）", "已退款25.00元"):
        assert words in marked.text
    assert album.browser("zhang").get(f"{path}.pdf").data != file.data


def test_a_long_receipt_goes_on_on_the_next_page() -> None:
    lines = tuple((f"物业费 2024-{month:02d}", "165.33元") for month in range(1, 31))
    sheet = Sheet("收款收据", "0000007", (("房屋", "长" * 90),), lines, "4,959.90元", "肆仟…", ("补打（第1次）",))
    assert pdf_of(sheet).count(b"/Type /Page\n") == 3
    assert fitted("长" * 90, 50.0, 10).endswith("…")
