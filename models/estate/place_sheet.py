"""A compound's public places, read from a sheet: 名称 别名 楼栋 单元. Other columns are nobody's business here."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.estate.addresses import find_addresses
from models.estate.place_words import spelling, split_nicknames
from models.sheets.grid import Cell, Sheet

COLUMNS = ("名称", "别名", "楼栋", "单元")
_MUST = ("名称",)
LONGEST_NAME = 16
MOST_NICKNAMES = 12
MOST_PLACES = 5000  # of one compound


@dataclass(frozen=True)
class PlaceRow:
    """One line. `nicknames` as written; None when the sheet has no such column, so that nothing is changed about them."""

    name: str
    nicknames: tuple[str, ...] | None = ()
    building: str = ""
    entrance: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it this place and no other."""
        return (self.building, self.entrance, self.name)

    @property
    def words(self) -> frozenset[str]:
        """Everything it is called, as sentences are searched for it."""
        return frozenset(spelling(word) for word in (self.name, *(self.nicknames or ())))


@dataclass(frozen=True)
class PlaceSheet:
    """What was read; `refusals` name each bad cell by its address with the reason, and then nothing may be written."""

    rows: tuple[PlaceRow, ...]
    refusals: tuple[str, ...]


def read_places(sheets: Iterable[Sheet]) -> PlaceSheet:
    """Read the first sheet that has anything on it."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return PlaceSheet((), ("表里什么都没有",))
    head = min(sheet.rows)
    columns = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in _MUST if name not in columns]
    if missing:
        return PlaceSheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    rows: dict[tuple[str, str, str], PlaceRow] = {}
    refusals: list[str] = []
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, columns[name]) for name in COLUMNS if name in columns}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        row, wrong = _row(cells)
        if not wrong and row.key in rows:
            wrong = [("名称", "这一处写了两次")]
        refusals += [f"{sheet.name}!{cells[name].address} {name}：{reason}" for name, reason in wrong]
        rows.setdefault(row.key, row)
        if len(rows) > MOST_PLACES:
            return PlaceSheet((), (f"{sheet.name} 的行太多，一个小区最多 {MOST_PLACES} 处",))
    return PlaceSheet(tuple(rows.values()), tuple(refusals))


def _row(cells: dict[str, Cell]) -> tuple[PlaceRow, list[tuple[str, str]]]:
    """The line, and (column, reason) for every cell of it that cannot be used."""
    formulas = [(name, "是公式，请写成文字") for name, cell in cells.items() if cell.kind in ("formula", "error")]
    said = {name: cell.text.strip().removeprefix("'") for name, cell in cells.items()}
    building, wrong_building = _part(said.get("楼栋", ""), "栋", "building")
    entrance, wrong_entrance = _part(said.get("单元", ""), "单元", "entrance")
    nicknames = split_nicknames(said["别名"]) if "别名" in said else None
    row = PlaceRow(said["名称"], nicknames, building, entrance)
    wrong = [("名称", reason) for reason in _wrong_word(row.name)]
    wrong += [("别名", f"「{word[:20]}」{reason}") for word in nicknames or () for reason in _wrong_word(word)]
    if len(nicknames or ()) > MOST_NICKNAMES:
        wrong.append(("别名", f"太多，最多 {MOST_NICKNAMES} 个"))
    wrong += [("楼栋", wrong_building)] if wrong_building else []
    wrong += [("单元", wrong_entrance)] if wrong_entrance else []
    if entrance and not building and not wrong_building:
        wrong.append(("楼栋", "写了单元就要写楼栋"))
    return row, formulas or wrong


def _wrong_word(word: str) -> list[str]:
    """Why this cannot be what a place is called."""
    if len(spelling(word)) < 2:
        return ["太短，至少两个字"]
    if len(word) > LONGEST_NAME:
        return [f"太长，最多 {LONGEST_NAME} 个字"]
    # A % or _ would stand for anything when sentences are searched.
    if not all(letter.isalnum() or letter in "-()（）#号" for letter in word):
        return ["只能用汉字、字母和数字"]
    return []


def _part(said: str, ending: str, name: str) -> tuple[str, str]:
    """(building or entrance as the books keep it, what is wrong with the cell): 3, 3栋 and 03号楼 are all 3."""
    if not said:
        return "", ""
    if len(said) == 1 and said.isalpha():
        return said.upper(), ""
    plain = said if said.endswith(("栋", "座", "楼", "幢", "单元", "门")) else f"{said}{ending}"
    found = find_addresses(plain if name == "building" else f"1栋{plain}")
    part = str(getattr(found[0], name)) if len(found) == 1 and said.isalnum() else ""
    return (part, "") if part else ("", f"「{said[:20]}」看不懂，请写成 3 或 3{ending}")
