"""Which column of a sheet is what: titles are found by their synonyms, wherever the header stands and in whatever order."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from models.sheets.grid import HEAD, Sheet

# How companies title their columns (domain research 7.1). The longest title that fits wins, so that 租户姓名 is not a 姓名.
TITLES: dict[str, tuple[str, ...]] = {
    "building": ("楼栋", "楼号", "栋号", "楼栋号", "幢号", "栋", "幢", "楼座", "楼宇"),
    "entrance": ("单元", "单元号", "门", "门洞", "梯"),
    "room": ("房号", "室号", "门牌", "门牌号", "房间号", "房间", "房屋", "房屋编号", "房屋地址", "室", "户号"),
    "floor": ("楼层", "所在楼层", "层"),
    "area": ("建筑面积", "面积", "产证面积", "房屋面积", "计费面积", "收费面积"),
    "owner": ("业主姓名", "业主", "户主", "产权人", "房主", "业主名称", "户主姓名", "产权人姓名"),
    "name": ("姓名", "住户姓名", "住户", "成员姓名", "家庭成员"),
    "phone": (
        "联系电话",
        "电话",
        "手机",
        "手机号",
        "手机号码",
        "电话号码",
        "联系方式",
        "业主电话",
        "业主手机",
        "移动电话",
    ),
    "relation": ("与业主关系", "与户主关系", "关系", "身份", "住户类型", "人员类型"),
    "tenant": ("租户姓名", "租户", "租客", "租客姓名", "承租人"),
    "tenant_phone": ("租户电话", "租客电话", "租户手机", "承租人电话", "租户联系电话"),
    "status": ("房屋状态", "状态", "入住状态", "居住情况"),
    "handed_over": ("交房日期", "收房时间", "收房日期", "交房时间"),
    "moved_in": ("入住日期", "入住时间"),
    # Known, and none of our business: listed so that they are not taken for one of the above.
    "other": (
        *(
            "序号",
            "编号",
            "户型",
            "套内面积",
            "公摊面积",
            "用途",
            "房屋类型",
            "装修情况",
            "物业费标准",
            "单价",
            "备注",
            "性别",
        ),
        *("身份证号", "身份证", "紧急联系人", "紧急联系人电话", "紧急联系电话", "家庭人数", "租期", "车牌", "车牌号"),
        *(
            "车位号",
            "车位",
            "宠物",
            "是否独居老人",
            "产权证号",
            "总楼层",
            "电梯",
            "户数",
            "单元数",
            "月物业费",
            "物业费",
            "应收",
            "实收",
            "欠费",
        ),
    ),
}
_FIELD_OF_TITLE = {title: field for field, titles in TITLES.items() for title in titles}
# 手机1 and 手机2 are one field; of two areas only one can be the area.
_SEVERAL = {"phone", "tenant_phone", "other"}
HEADER_WITHIN = HEAD
_LONGEST_TITLE = 60


@dataclass(frozen=True)
class Header:
    """The last row of the header, and the columns of each field from left to right."""

    row: int
    columns: dict[str, tuple[int, ...]]


def find_header(sheet: Sheet, needed: frozenset[str]) -> Header | None:
    """The best header within the first 15 rows: one row, or two where titles stand over each other. None without `needed`."""
    best: Header | None = None
    for row in sorted(sheet.rows):
        if row > HEADER_WITHIN:
            break
        for upper in (None, row - 1) if _own_titles(sheet, row) > 1 else (None,):
            header = Header(row, _columns(sheet, row, upper))
            if needed <= header.columns.keys() and (best is None or _weight(header) > _weight(best)):
                best = header
    return best


def is_repeated_header(sheet: Sheet, row: int, header: Header) -> bool:
    """Whether the row says the titles again, as printed pages do."""
    places = [(name, column) for name, columns in header.columns.items() for column in columns]
    others = 0
    for name, column in places:
        text = sheet.cell(row, column).text
        # No title begins with a digit or is long: most cells of a long ledger are told apart by that alone.
        if not text or text[0].isdecimal() or len(text) > _LONGEST_TITLE or field_of(text) != name:
            others += 1
            if others * 2 >= len(places):
                return False
    return True


@lru_cache(maxsize=4096)  # every row is asked whether it says the titles again
def field_of(title: str) -> str | None:
    """The field a title names, or None: 建筑面积\\n(㎡), 面 积, 手机1 and 业主姓名（产权人） are all understood."""
    words = re.sub(r"\(.*?\)|[\s:*/、]|M2$|㎡$", "", unicodedata.normalize("NFKC", title)).removesuffix("m2")
    words = re.sub(r"[\d一二]$", "", words)
    if words in _FIELD_OF_TITLE:
        return _FIELD_OF_TITLE[words]
    inside = [known for known in _FIELD_OF_TITLE if len(known) > 1 and known in words and len(words) <= len(known) + 4]
    return _FIELD_OF_TITLE[max(inside, key=len)] if inside else None


def _own_titles(sheet: Sheet, row: int) -> int:
    """How many titles begin in this row; the second row of a header has some, a row of data under a header has none."""
    return sum(field_of(cell.text) is not None for cell in sheet.rows[row].values())


def _columns(sheet: Sheet, row: int, upper: int | None) -> dict[str, tuple[int, ...]]:
    last = max(sheet.rows[row] | (sheet.rows.get(upper, {}) if upper else {}))
    columns: dict[str, tuple[int, ...]] = {}
    for column in range(1, last + 1):
        name = _field_at(sheet, row, upper, column)
        if name and (name in _SEVERAL or name not in columns):
            columns[name] = (*columns.get(name, ()), column)
    return columns


def _field_at(sheet: Sheet, row: int, upper: int | None, column: int) -> str | None:
    """联系电话 under 业主 is said by both rows together; a title merged over both rows is said by either."""
    below = "" if sheet.is_filled(row, column) and upper is None else sheet.cell(row, column).text
    if upper is None:
        return field_of(below)
    above = sheet.cell(upper, column).text
    if above == below:
        return field_of(below)
    return field_of(above + below) or field_of(below) or (field_of(above) if not below else None)


def _weight(header: Header) -> int:
    """Columns that mean something count; a title row merged over everything must never look like a header."""
    return sum(4 * (name != "other") + 1 for name in header.columns)
