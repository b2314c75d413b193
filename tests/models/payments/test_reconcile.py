"""对账: ten seeded differences are all found and called right, and a thousand clean lines give none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.payments.reconcile import Books, OurRefund, Ours, compare
from models.payments.trade_bill import BillUnreadable, Statement, Trade, read_trade_bill, sums_of

SHOP = "1900000001"
HEAD = "交易时间,商户号,微信订单号,商户订单号,交易状态,商户退款单号,退款金额,退款状态,手续费,订单金额,申请退款金额"
SUMS = "总交易单数,退款总金额,手续费总金额,订单总金额,申请退款总金额"


def trade(place: int, **more: object) -> Trade:
    plain = Trade(
        "2026-03-02 10:00:00", SHOP, f"42{place:08}", f"L{place:06}", "SUCCESS", 10_000 + place, "", 0, "", 60
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def back(place: int, **more: object) -> Trade:
    return trade(place, state="REFUND", fen=0, refund_number=f"R{place:06}", refund=500, refund_state="SUCCESS", **more)


def statement(trades: Sequence[Trade]) -> Statement:
    return Statement(tuple(trades), sums_of(trades))


def books(places: Sequence[int], refunds: Sequence[int] = ()) -> Books:
    orders = {f"L{n:06}": Ours(f"L{n:06}", f"42{n:08}", 10_000 + n, posted=True) for n in places}
    given = {f"R{n:06}": OurRefund(f"R{n:06}", 500, gone=True) for n in refunds}
    return Books(SHOP, orders, given, due=tuple(orders), due_refunds=tuple(given))


def test_a_thousand_clean_lines_give_no_difference() -> None:
    lines = [trade(n) for n in range(900)] + [back(n) for n in range(100)]
    assert compare(statement(lines), books(range(900), range(100))) == []
    assert compare(None, books([])) == []


def test_every_seeded_difference_is_found_and_called_by_its_name() -> None:
    ours = books(range(100), [1, 2, 3])
    never_posted = {"L000006": Ours("L000006", "", 10_006, posted=False)}
    ours = replace(
        ours, orders={**ours.orders, **never_posted}, due=[number for number in ours.due if number != "L000006"]
    )
    lines = [trade(n) for n in range(100) if n != 7] + [back(1), back(2), back(3)]
    lines += [trade(500), trade(8, transaction_id="4299999999"), trade(501, merchant="1900000002")]
    lines[3] = trade(3, fen=9_000)
    lines[4] = trade(4, state="REVOKED")
    lines[4] = replace(lines[4], state="PAYERROR")
    lines[100] = replace(lines[100], refund=400)
    spoiled = replace(statement(lines), summary=replace(sums_of(lines), count=1))
    found = {(one.what, one.number) for one in compare(spoiled, ours)}
    assert found == {
        ("unknown", "L000500"), ("not_posted", "L000006"), ("missing", "L000007"), ("amount", "L000003"),
        ("status", "L000004"), ("refund", "R000002"), ("duplicate", "L000008"), ("merchant", "L000501"), ("summary", ""),
    }  # fmt: skip
    # The tenth and the eleventh: nothing from WeChat though we were paid, and refunds that only we know.
    assert [(one.what, one.ours) for one in compare(None, books([1, 2], [2]))] == [("empty", 10_001 + 10_002 - 500)]
    assert [one.what for one in compare(statement([trade(1)]), books([1], [1]))] == ["refund"]


def file(rows: Sequence[Sequence[str]], *, head: str = HEAD, sums: str = "`1,`0.00,`0.99,`165.33,`0.00") -> bytes:
    return ("\ufeff" + "\r\n".join([head, *(",".join(row) for row in rows), SUMS, sums, ""])).encode()


ROW = [
    f"`{cell}"
    for cell in ("2026-03-02 10:00:00", SHOP, "42", "L1", "SUCCESS", "0", "0.00", "", "0.99000", "165.33", "0.00")
]


def test_columns_are_found_by_name_and_the_summary_is_no_trade() -> None:
    expected = Trade("2026-03-02 10:00:00", SHOP, "42", "L1", "SUCCESS", 16_533, "", 0, "", 99)
    other_order = ",".join(["新加的列", *reversed(HEAD.split(","))])
    turned = file([["`x", *reversed(ROW)]], head=other_order)
    for content in (file([ROW]), turned, file([ROW]).decode("utf-8-sig").encode("gb18030"),
                    file([ROW]).decode("utf-8-sig").encode("utf-16")):  # fmt: skip
        read = read_trade_bill(content)
        assert read.trades == (expected,)
        assert read.summary == sums_of(read.trades)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "空的"),
        (b"\xff\xff\xff", "编码"),
        (file([ROW], head=HEAD.replace("商户订单号", "别的")), "缺少列：商户订单号"),
        ("\r\n".join([HEAD, ",".join(ROW)]).encode(), "没有汇总行"),
        (file([ROW[:4]]), "缺了几格"),
        (file([[*ROW[:9], "`165.333", "`0.00"]]), "金额看不懂"),
        (file([[*ROW[:9], "`壹百", "`0.00"]]), "金额看不懂"),
    ],
)
def test_what_is_no_whole_statement_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(BillUnreadable, match=why):
        read_trade_bill(content)
