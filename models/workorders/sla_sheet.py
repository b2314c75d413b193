"""A company's own time limits as a sheet: 优先级 接单分钟 上门分钟 修好分钟 时钟."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.sheets.grid import Cell, Sheet
from models.workorders.sla import Limit
from models.workorders.states import PRIORITIES

COLUMNS = ("优先级", "接单分钟", "上门分钟", "修好分钟", "时钟")
CLOCKS = {"全天": True, "上班时间": False}
CLOCK_WORDS = {always: word for word, always in CLOCKS.items()}
BY_APPOINTMENT = "按预约"
LONGEST = 43_200  # thirty days
_WAKING = ("P0", "P1")


@dataclass(frozen=True)
class LimitSheet:
    """What was read; `refusals` name each bad cell by its address with the reason, and then nothing may be written."""

    limits: Mapping[str, Limit]
    refusals: tuple[str, ...]


def read_limits(sheets: Iterable[Sheet]) -> LimitSheet:
    """Read the first sheet that has anything on it."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return LimitSheet({}, ("表里什么都没有",))
    head, *numbers = sorted(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        return LimitSheet({}, (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    limits: dict[str, Limit] = {}
    refusals: list[str] = []
    for number in numbers:
        cells = {name: sheet.cell(number, places[name]) for name in COLUMNS}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        wrong = _wrong(cells, limits)
        refusals += [f"{sheet.name}!{cells[name].address} {name}：{reason}" for name, reason in wrong]
        if not wrong:
            limits[cells["优先级"].text.strip()] = _limit(cells)
    return LimitSheet(limits, tuple(refusals))


def _wrong(cells: Mapping[str, Cell], seen: Mapping[str, Limit]) -> list[tuple[str, str]]:
    """(column, reason) for every cell of a line that cannot be used."""
    said = {name: cell.text.strip() for name, cell in cells.items()}
    minutes = f"请写 1 到 {LONGEST} 的整数分钟"
    checks = [
        ("优先级", said["优先级"] in PRIORITIES, "请写：P0、P1、P2 或 P3"),
        ("优先级", said["优先级"] not in seen, "这一级写了两次"),
        ("接单分钟", _is_minutes(said["接单分钟"]), minutes),
        (
            "上门分钟",
            _is_minutes(said["上门分钟"]) or said["上门分钟"] == BY_APPOINTMENT,
            f"{minutes}，或「{BY_APPOINTMENT}」",
        ),
        ("修好分钟", _is_minutes(said["修好分钟"]), minutes),
        ("时钟", said["时钟"] in CLOCKS, f"请写：{'或'.join(CLOCKS)}"),
        ("时钟", said["优先级"] not in _WAKING or said["时钟"] == "全天", "P0、P1 不能等到上班，请写：全天"),
    ]
    if not any(not right for _, right, _ in checks):
        steps = [int(said[name]) for name in COLUMNS[1:4] if said[name] != BY_APPOINTMENT]
        checks.append(("修好分钟", steps == sorted(steps), "接单、上门、修好的时间要一个不比一个短"))
    formulas = [(name, "是公式，请写成文字") for name, cell in cells.items() if cell.kind in ("formula", "error")]
    return formulas or [(name, reason) for name, right, reason in checks if not right]


def _is_minutes(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= LONGEST


def _limit(cells: Mapping[str, Cell]) -> Limit:
    said = {name: cell.text.strip() for name, cell in cells.items()}
    return Limit(
        response=int(said["接单分钟"]),
        arrive=None if said["上门分钟"] == BY_APPOINTMENT else int(said["上门分钟"]),
        finish=int(said["修好分钟"]),
        always=CLOCKS[said["时钟"]],
    )
