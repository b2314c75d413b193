"""Files for the bank and from it, against what domain rules 1.15 say of them: GBK, parted or fixed, totals that must agree."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.debit.bank_files import FileUnreadable, Wanted, read_return, write_list
from models.debit.profiles import BadProfile, BankProfile, read_profiles

FILE = Path(__file__).parents[3] / "templates" / "bank_profiles.toml"
BANKS = read_profiles(FILE.read_text(encoding="utf-8"))
LINES = [
    Wanted(1, "6222000011112222", "张伟", 16533, "3栋2单元501"),
    Wanted(2, "6222000033334444", "李丗", 12673, "3栋2单元502"),  # 丗 is 0x817C in GBK: its second byte looks like "|"
]
DAY = date(2026, 3, 10)


def test_the_parted_file_is_written_as_the_bank_reads_it() -> None:
    written = write_list(BANKS["pipe"], "2026031000010", DAY, LINES)
    assert written.decode("gbk").split("\r\n") == [
        "2026031000010|20260310|2|29206",
        "1|6222000011112222|张伟|16533|3栋2单元501|物业费",
        "2|6222000033334444|李丗|12673|3栋2单元502|物业费",
        "",
    ]


def test_the_fixed_file_counts_bytes_and_not_letters() -> None:
    head, first, *_ = write_list(BANKS["fixed"], "2026031000010", DAY, LINES).split(b"\r\n")
    assert head == b"2026031000010   20260310000002000000000292.06"
    assert len(first) == 6 + 32 + 40 + 15 + 24 + 20
    assert first[38:78].decode("gbk").rstrip() == "张伟"
    assert first[78:93] == b"000000000165.33"


def parted(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("gbk")


PAID = "1|6222000011112222|张伟|16533|3栋2单元501|物业费|0000||20260311|S001"
POOR = "2|6222000033334444|李丗|12673|3栋2单元502|物业费|E001|可用余额不足||"


def test_an_answer_is_read_line_by_line() -> None:
    returned = read_return(BANKS["pipe"], parted("2026031000010|20260311|2|29206|1|16533", PAID, POOR))
    assert (returned.batch, returned.total) == ("2026031000010", 29206)
    first, second = returned.answers
    assert (first.came, first.fen, first.paid_on, first.serial) == (True, 16533, date(2026, 3, 11), "S001")
    assert (second.came, second.reason, second.words) == (False, "余额不足", "可用余额不足")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\xff\xfe\x00|1", "读不出来"),
        (parted("只有一段", PAID), "表头的格式"),
        (parted("B|20260311|2|29206|1|16533", PAID), "总笔数和明细对不上"),
        (parted("B|20260311|1|16534|1|16533", PAID), "总金额和明细对不上"),
        (parted("B|20260311|1|16533|0|0", PAID), "成功笔数和明细对不上"),
        (parted("B|20260311|1|16533|1|1", PAID), "成功金额和明细对不上"),
        (parted("B|20260311|2|33066|2|33066", PAID, PAID), "序号一样"),
        (parted("B|20260311|1|16533|1|16533", PAID.replace("0000", "Z9")), "状态码「Z9」没见过"),
        (parted("B|20260311|1|16533|1|16533", PAID.replace("16533", "165.33")), "应该是整数"),
        (parted("B|20260311|1|16533|1|16533", PAID.replace("20260311", "20261399")), "扣款日期"),
        (parted("B|20260311|1|16533|1|16533", PAID[:-20]), "第2行的格式"),
        (write_list(BANKS["fixed"], "B", DAY, LINES), "表头的格式"),
    ],
)
def test_a_file_that_does_not_agree_with_itself_is_refused_whole(content: bytes, said: str) -> None:
    with pytest.raises(FileUnreadable, match=said):
        read_return(BANKS["pipe"], content)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Wanted(1, "6222", "张|伟", 1, "3-2-501"), "分隔符"),
        (Wanted(1, "6222", "张\U00020bb7", 1, "3-2-501"), "写不了"),
    ],
)
def test_what_a_bank_cannot_read_is_not_written(line: Wanted, said: str) -> None:
    with pytest.raises(FileUnreadable, match=said):
        write_list(BANKS["pipe"], "B", DAY, [line])
    with pytest.raises(FileUnreadable, match="只有40个字节"):
        write_list(BANKS["fixed"], "B", DAY, [Wanted(1, "6222", "长" * 21, 1, "3-2-501")])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(BANKS)), st.binary(max_size=400), st.integers(0, 200), st.integers(0, 300))
def test_whatever_is_in_a_file_it_is_read_or_refused(bank: str, noise: bytes, at: int, cut: int) -> None:
    good = write_list(BANKS[bank], "2026031000010", DAY, LINES)
    for content in (noise, good[:at] + noise + good[at:], good[:cut]):
        try:
            returned = read_return(BANKS[bank], content)
        except FileUnreadable:
            continue
        else:
            assert returned.total == sum(answer.fen for answer in returned.answers)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('separator = "|"', 'separator = ""'), "width"),
        (('encoding = "gbk"', 'encoding = "gbx"'), "encoding"),
        (('paid = ["0000"]', 'paid = ["E001"]'), "paid or refused"),
        (('E001 = "余额不足"', 'E001 = "没钱"'), "unknown reasons"),
        (('"seq", "account"', '"seq", "amount"'), "part nobody knows"),
        (('unit = "fen"', 'unit = "jiao"'), "unknown"),
        (("[banks.pipe]", "[banks.pipe"), "cannot be read"),
    ],
)
def test_a_profile_that_cannot_work_says_why(change: tuple[str, str], said: str) -> None:
    with pytest.raises(BadProfile, match=said):
        read_profiles(FILE.read_text(encoding="utf-8").replace(*change, 1))


def test_the_example_banks_know_every_reason() -> None:
    assert {bank.name for bank in BANKS.values()} == {"竖线分隔文件（GBK）", "定长文件（GBK）"}
    for bank in BANKS.values():
        assert isinstance(bank, BankProfile)
        assert len(set(bank.refused.values())) == 7
