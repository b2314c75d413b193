"""F46: whatever a clerk's program wrote is decoded right or refused in one sentence, and never becomes other letters."""

import itertools
from pathlib import Path

import pytest

from models.errors import Refusal
from models.estate.ledger import read_ledger
from models.sheets.files import read_file
from tests.support.workbooks import cells_of

LINES = "房号,业主姓名,联系电话\r\n3-2-501,张伟,13912345678\r\n3-2-502,李娜,13912345679\r\n"
ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
DELIMITERS = (",", "\t", ";", "|", "，")


def written(folder: Path, content: bytes, name: str = "台账.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def people(path: Path) -> list[tuple[str, str, str]]:
    ledger = read_ledger(read_file(path).sheets, "homes")
    assert ledger.refusals == []
    return [(person.address.key(), person.name, person.phones[0]) for person in ledger.residents]


@pytest.mark.parametrize(("encoding", "delimiter"), list(itertools.product(ENCODINGS, DELIMITERS)))
def test_f46_every_usual_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = written(tmp_path, LINES.replace(",", delimiter).encode(encoding))
    assert people(path) == [("3-2-501", "张伟", "13912345678"), ("3-2-502", "李娜", "13912345679")]


@pytest.mark.parametrize("name", ["㐂三", "𠮷田", "龘靐", "李䶮", "〇三"])
def test_f46_rare_letters_survive(tmp_path: Path, name: str) -> None:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        path = written(tmp_path, f"房号,备注\n3-2-501,{name}\n".encode(encoding))
        assert cells_of(path)["B2"].value == name


@pytest.mark.parametrize(
    "content",
    [
        "房号,业主\n".encode() + "501,张三\n".encode("gbk"),  # the second line pasted from elsewhere
        "房号,业主\n".encode("gbk") + "501,张三李四\n".encode(),
        "房号,业主\n".encode("gb18030") + b"501,ok\n" + "502,王五,上海市\n".encode(),
        "房号,业主\n501,张三\n".encode() + b"\xff",
        "房号,业主\n".encode("utf-16") + "501,张三\n".encode(),
        "房号,业主\n501,张\0三\n".encode(),
        "房号,业主\n501,张\x01三\n".encode(),
        "房號,業主\n501,張三\n".encode("big5") + b"\x80\xff",
        "房号,业主\n".encode("utf-16-le")[:-1],
        b"\x89PNG\r\n\x1a\n\0\0",
    ],
)
def test_f46_a_mixture_is_refused_and_never_becomes_other_letters(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refusal, match=r"编码"):
        cells_of(written(tmp_path, content))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_f46_columns_are_known_by_their_titles(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = [line.split(",") for line in LINES.split("\r\n") if line]
    text = "\n".join(",".join(values[place] for place in order) for values in rows)
    assert people(written(tmp_path, text.encode("gbk")))[0] == ("3-2-501", "张伟", "13912345678")


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_f46_every_ending_of_a_line(tmp_path: Path, ending: str) -> None:
    assert len(people(written(tmp_path, LINES.replace("\r\n", ending).encode()))) == 2


def test_f46_a_separator_inside_a_sentence_ends_no_row(tmp_path: Path) -> None:
    cells = cells_of(written(tmp_path, "房号,备注\n501,一\u2028二\x85三\n".encode()))
    assert cells["B2"].value == "一\u2028二\x85三"


def test_f46_a_file_without_its_titles_is_refused(tmp_path: Path) -> None:
    ledger = read_ledger(read_file(written(tmp_path, b"501,80\n502,90\n")).sheets, "homes")
    assert [refusal.reason for refusal in ledger.refusals] == ["没有找到房屋：表里要有一行表头，其中一列叫「房号」"]


def test_f46_rows_of_totals_are_never_homes(tmp_path: Path) -> None:
    text = "房号,面积\n3-101,80\n3-102,90\n小计,170\n本页合计,170\n总计,170.00\n"
    ledger = read_ledger(read_file(written(tmp_path, text.encode("gbk"))).sheets, "homes")
    assert [home.address.room for home in ledger.homes] == ["101", "102"]
