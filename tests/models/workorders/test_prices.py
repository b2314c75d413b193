"""What the words of a quote come to, and the sheet a price list is read from."""

import pytest

from models.errors import Refusal
from models.sheets.grid import Sheet
from models.workorders.price_sheet import COLUMNS, fen_of, read_prices, yuan_of
from models.workorders.prices import DEMO, read_quote
from tests.support.ledgers import sheet


def test_words_and_amounts_of_a_quote() -> None:
    for text, expected in {
        "换龙头 30 材料 15": [("换龙头", 3000, ""), ("材料", 1500, "")],
        "换龙头30，材料15.5元": [("换龙头", 3000, ""), ("材料", 1550, "")],
        "龙头 20": [("龙头", 2000, "")],
        "钻孔3个 30": [("钻孔×3", 3000, "")],
        "钻孔x2 20块钱+上门检查 0": [("钻孔×2", 2000, ""), ("上门检查", 0, "")],
        "换龙头 30.01": [("换龙头", 3001, "换龙头报30.01元，价目表是换龙头 20.00元到30.00元每个")],
        "换龙头 19": [("换龙头", 1900, "换龙头报19.00元，价目表是换龙头 20.00元到30.00元每个")],
        "钻孔3个 40": [("钻孔×3", 4000, "钻孔×3报40.00元，价目表是钻孔 10.00元每个")],
        "疏通 50": [("疏通", 5000, "疏通不在价目表上")],  # three lines of the list could be meant
        "砌墙 300": [("砌墙", 30000, "砌墙不在价目表上")],
    }.items():
        assert [(work.words, work.fen, work.why_not) for work in read_quote(text, DEMO)] == expected, text


def test_what_is_no_quote_is_refused_in_words() -> None:
    for text in (
        "",
        "换龙头",
        "30",
        "换龙头 30 30",
        "换龙头 30.123",
        "换龙头 -5",
        "换龙头 1234567",
        "上门检查 0",
        "墙 60000",
    ):
        with pytest.raises(Refusal, match="。"):
            read_quote(text, DEMO)


def test_the_sheet_of_a_price_list() -> None:
    read = read_prices(
        [table(["换龙头", "个", "20", "30.5", "2026公示", ""], ["钻孔", "个", "10", "10", "2026公示", "否"])]
    )
    assert [(row.price.low, row.price.high, row.active) for row in read.rows] == [
        (2000, 3050, True),
        (1000, 1000, False),
    ]
    refused = read_prices(
        [
            table(
                ["换2龙头", "个", "20", "30", "公示", ""],
                ["换锁芯", "个", "八十", "90", "公示", ""],
                ["换空开", "个", "30", "20", "公示", "也许"],
                ["钻孔", "", "10", "10", "", ""],
            )
        ]
    )
    assert refused.rows == ()
    for words in ("A2 项目", "C3 最低价", "D4 最高价：比最低价还低", "F4 启用", "B5 单位", "E5 依据"):
        assert any(words in refusal for refusal in refused.refusals), words
    assert "缺少表头" in read_prices([sheet("价目", ["项目", "单位"])]).refusals[0]
    assert (fen_of("20.5"), fen_of("20.555"), fen_of("-1"), yuan_of(2050)) == (2050, None, None, "20.50")


def table(*rows: list[str]) -> Sheet:
    return sheet("价目", list(COLUMNS), *rows)
