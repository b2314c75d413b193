"""Where a home is, out of what people write and say: `3－2－501`, 三栋二单元五〇一, 3#楼2门501, A座1203.

Two readers share one grammar. `read_address` takes a whole cell of a ledger, in a column that holds nothing else, and says why it
will not guess. `find_addresses` looks inside a sentence, where a phone number, a date, an amount or an order number must never
become somebody's home. The spellings are those of the domain research 6.3 and 7.4.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Literal

from models.estate.address_spelling import one_spelling
from models.estate.unclear import Unclear

Kind = Literal["home", "shop", "parking"]
_WORD_OF_KIND: dict[Kind, str] = {"home": "", "shop": "商铺", "parking": "车位"}


class AddressUnclear(Unclear):
    """A cell that could be more than one place, or none."""


@dataclass(frozen=True, slots=True)
class Address:
    """A place inside one community; a part that was not said is "". A parking space's room carries its storey: B1-056."""

    building: str = ""
    entrance: str = ""
    room: str = ""
    kind: Kind = "home"

    @property
    def label(self) -> str:
        """As people read it: 3栋2单元501, A座1203, 商铺12, 车位B1-056."""
        building = self.building and self.building + ("座" if self.building.isalpha() else "栋")
        entrance = self.entrance and self.entrance + "单元"
        return building + entrance + _WORD_OF_KIND[self.kind] + self.room

    @property
    def door(self) -> str:
        """What the homes table keeps as the room: 501, 商铺12, 车位B1-056; "" when no room was said."""
        return _WORD_OF_KIND[self.kind] + self.room if self.room else ""

    def key(self) -> str:
        """As it is written down in short: 3-2-501, 3-501, A-1203, 商铺-12, 车位-B1-056.

        Parts not said leave no gap, so only complete addresses may be compared by it.
        """
        return "-".join(part for part in (self.building, self.entrance, _WORD_OF_KIND[self.kind], self.room) if part)


Reading = tuple[re.Pattern[str], Callable[[re.Match[str]], list[Address]]]


def _home(match: re.Match[str]) -> list[Address]:
    parts = match.groupdict()
    building, entrance = _plain(parts.get("building")), _plain(parts.get("entrance"))
    rooms = [parts.get("room") or "", *re.findall(r"\d{3,4}", parts.get("more") or "")]
    # A long ledger says the same few doors over and over: each is kept once.
    return [Address(building, entrance, intern(_room(room))) for room in rooms]


def _shop(match: re.Match[str]) -> list[Address]:
    parts = match.groupdict()
    return [Address(_plain(parts.get("building")), "", _plain(parts["room"] or parts.get("room_first")), "shop")]


def _parking(match: re.Match[str]) -> list[Address]:
    parts = match.groupdict()
    storey = parts["storey"] if parts["storey"] is not None else parts["storey_first"]
    number = parts["room"] or parts["zeroed"]
    # A B without a number is the only basement there is.
    return [Address("", "", number if storey is None else f"B{storey or 1}-{number}", "parking")]


def _plain(name: str | None) -> str:
    """A building, entrance or shop without leading zeros: 03 is 3."""
    return (name or "").lstrip("0")


def _room(room: str) -> str:
    """0501 is 501, on both sides of every comparison, whatever the plate on the door says."""
    return room.lstrip("0") if len(room.partition("-")[0]) == 4 else room


# ------------------------------------------------------------------------------------------------------------------ whole cells

_BUILDING = r"(?P<building>\d{1,3}|[A-Z]\d{0,2})"
_ENTRANCE = r"(?P<entrance>\d{1,2}|[A-Z]|[甲乙丙丁戊己庚辛东西南北中])"
_ROOM = r"(?P<room>\d{1,4}(?:-\d{1,2})?)"
_DASHED_ROOM = r"(?P<room>\d{3,4}(?:-\d{1,2})?)"
_END = r"(?P<more>(?:[室号房]?[、,/;和及]\d{3,4})*)[室号房户]?"
_SHOP_WORD = r"(?:商铺|门面房?|底商|店铺|铺面|铺位|门市|商业|铺)"
_SHOP = rf"(?:{_BUILDING}栋)?(?:{_SHOP_WORD}-?(?P<room>\d{{1,4}})号?|(?P<room_first>\d{{1,4}})号?{_SHOP_WORD})"
_PARKING_WORD = r"(?:停车位|车位|车库)"
_PARKING = rf"(?:{_PARKING_WORD}-?(?:B(?P<storey>\d?)-?)?(?P<room>[AC-Z]?-?\d{{1,4}})|B(?P<storey_first>\d)-(?P<zeroed>0\d{{1,3}}))号?"
# The name of the community before the address; a ledger belongs to one community, so it says nothing new.
_COMMUNITY = r"(?:[一-鿿]{2,12}?(?:小区|花园|家园|公寓|苑|城|园|里|庭|府|湾|村|院))?"

_CELL_READINGS: tuple[Reading, ...] = tuple(
    (re.compile(_COMMUNITY + pattern), make)
    for pattern, make in (
        (_SHOP, _shop),
        (r"S-?(?P<room>\d{1,3})", _shop),
        (_PARKING, _parking),
        (rf"{_BUILDING}栋-?(?:{_ENTRANCE}(?:单元-?|-))?{_ROOM}{_END}", _home),
        (rf"{_BUILDING}栋(?:-?{_ENTRANCE}单元)?", _home),
        (rf"(?:{_BUILDING}-)?{_ENTRANCE}单元-?{_ROOM}{_END}", _home),
        (rf"(?:{_BUILDING}-)?{_ENTRANCE}单元", _home),
        (rf"{_BUILDING}-(?P<entrance>\d{{1,2}}|[A-Z甲乙丙丁])-(?P<room>\d{{1,4}}){_END}", _home),
        (rf"{_BUILDING}(?P<dot>[./ ])(?P<entrance>\d{{1,2}})(?P=dot)(?P<room>\d{{3,4}}){_END}", _home),
        (rf"0(?P<building>\d)(?P<entrance>\d\d)-(?P<room>\d{{3,4}}){_END}", _home),
        (rf"(?P<building>\d{{1,2}}|[A-Z]\d?)-{_DASHED_ROOM}{_END}", _home),
        (rf"(?P<entrance>[甲乙丙丁戊己庚辛])-?{_DASHED_ROOM}{_END}", _home),
        (r"(?P<building>\d{1,2})-(?P<entrance>\d{1,2})", _home),
        (r"(?P<room>\d{1,4}|\d{3,4}-\d{1,2})" + _END, _home),
    )
)

_SPACE_OR_BUILDING = r"B\d-[1-9]\d\d"

# What is asked back about a cell nobody should guess.
_REASONS: tuple[tuple[str, str], ...] = (
    (
        r"(?:19|20)\d\d[-/.年]\d{1,2}(?:[-/.月]\d{1,2})?.*|\d{1,2}月\d{1,2}[日号]?",
        "像是日期，可能是表格把房号改成了日期",
    ),
    (_SPACE_OR_BUILDING, "分不清是车位还是住房，请写成「车位B1-101」或「B1栋101」"),
    (r"[^-]+(?:-[^-]+){3,}", "横杠隔成了四段以上，分不清哪段是房号"),
    (r".*(?:[东西中南北]边?[户室]?|顶楼|楼上|楼下)", "只写了方位，没有写房号"),
    (r"\d{3,4}[-~至到]\d{3,4}", "写的是一段房号，请一户一行"),
)


def read_address(cell: str) -> list[Address]:
    """The homes one cell names: almost always one, several for merged flats (`501、502`, `3-2-501/601`).

    Parts the cell does not say stay empty; the ledger's other columns may know them. Raises AddressUnclear.
    """
    text = one_spelling(cell)
    if not text:
        raise AddressUnclear("没有写房号")
    for pattern, make in _CELL_READINGS:
        if (match := pattern.fullmatch(text)) and not re.fullmatch(_SPACE_OR_BUILDING, text):
            return make(match)
    for reason_pattern, reason in _REASONS:
        if re.fullmatch(reason_pattern, text):
            raise AddressUnclear(reason)
    raise AddressUnclear("看不懂这个房号，请写成「3-2-501」这样")


@lru_cache(maxsize=1024)  # the same few words in every row of a ledger
def read_building(cell: str) -> str:
    """A cell of a column of buildings: 3, 3栋, 三号楼, A座. Raises AddressUnclear."""
    match = re.fullmatch(rf"{_COMMUNITY}{_BUILDING}栋?", re.sub(r"(?<=[\dA-Z])[号楼]$", "", one_spelling(cell)))
    if not match or not _plain(match["building"]):
        raise AddressUnclear("看不懂这个楼栋，请写成「3栋」这样")
    return _plain(match["building"])


@lru_cache(maxsize=1024)
def read_entrance(cell: str) -> str:
    """A cell of a column of entrances: 2, 2单元, 二门, 甲. Raises AddressUnclear."""
    match = re.fullmatch(rf"{_ENTRANCE}(?:单元|门洞|门|梯|号)?", one_spelling(cell))
    if not match or not _plain(match["entrance"]):
        raise AddressUnclear("看不懂这个单元，请写成「2单元」这样")
    return _plain(match["entrance"])


# -------------------------------------------------------------------------------------------------------------------- sentences

# Nothing that reads on to the left or right may be cut in two: phones, dates, amounts, orders (#12), addresses of machines.
_LEFT = r"(?<![\dA-Z#./:￥¥$-])"
_RIGHT = r"(?![\d%:]|[.-]\d|[年元块度吨万]|\s*元)"
# Hundreds are amounts; no door ends in 00.
_SAID_ROOM = rf"(?P<room>(?!\d{{1,2}}00(?!\d))\d{{3,4}}(?:-\d(?!\d))?){_RIGHT}"
_SAID_MORE = rf"(?P<more>(?:[室号]?[、/和](?!\d{{1,2}}00(?!\d))\d{{3,4}}{_RIGHT})*)"
_NOT_COUNTED = r"(?![\d.]|[元块个年月日平米])"
_LONG_SHOP_WORD = r"(?:商铺|门面房?|底商|店铺|铺面|铺位|门市)"

_SAID_READINGS: tuple[Reading, ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (
            rf"(?:{_LEFT}{_BUILDING}栋)?(?:{_LONG_SHOP_WORD}-?(?P<room>\d{{1,4}}){_NOT_COUNTED}"
            rf"|{_LEFT}(?P<room_first>\d{{1,4}})号(?:{_LONG_SHOP_WORD}|铺))",
            _shop,
        ),
        (_LEFT + _PARKING + _NOT_COUNTED, _parking),
        (
            rf"{_LEFT}{_BUILDING}栋(?!楼[都全共])-?(?:{_ENTRANCE}(?:单元-?|-(?=\d{{3}})))?(?:{_SAID_ROOM}{_SAID_MORE})?",
            _home,
        ),
        (rf"{_LEFT}(?:{_BUILDING}-)?{_ENTRANCE}单元-?(?:{_SAID_ROOM}{_SAID_MORE})?", _home),
        (
            rf"{_LEFT}(?P<building>\d{{1,2}}|[A-Z])(?P<dash>[-. ])(?P<entrance>\d{{1,2}}|[甲乙丙丁])(?P=dash){_SAID_ROOM}{_SAID_MORE}",
            _home,
        ),
        (rf"{_LEFT}0(?P<building>\d)(?P<entrance>\d\d)-{_SAID_ROOM}", _home),
        (rf"{_LEFT}(?P<building>\d{{1,2}}|[A-Z])-{_SAID_ROOM}{_SAID_MORE}", _home),
        (rf"(?P<entrance>[甲乙丙丁])-{_SAID_ROOM}", _home),
    )
)
_BARE_LEFT = _LEFT + r"(?<!工单)(?<!订单)(?<!单号)(?<!尾号)(?<!电话)(?<!编号)"
_BARE_READINGS: tuple[Reading, ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"{_BARE_LEFT}(?<!\d ){_SAID_ROOM}(?! \d|[月日天次分点平方米个人])", _home),
        (rf"{_BARE_LEFT}(?P<building>\d{{1,2}})-(?P<entrance>\d{{1,2}})(?![\d.-]|[月日号天次分点个人元块])", _home),
        (rf"{_LEFT}S(?P<room>\d{{1,3}})(?!\d)", _shop),
    )
)


def find_addresses(text: str, *, bare_room: bool = False) -> list[Address]:
    """The places a sentence names, in the order said; parts not said stay empty (`3栋电梯坏了` is building 3).

    A lone number (`501`, 五零一) is a room only when the talk was just about rooms: then pass `bare_room=True`.
    """
    return list(_addresses_in(text, bare_room))


@lru_cache(maxsize=256)  # one message is looked at from several sides
def _addresses_in(text: str, bare_room: bool) -> tuple[Address, ...]:
    spelled = one_spelling(text)
    found: list[tuple[int, list[Address]]] = []
    for pattern, make in _SAID_READINGS + (_BARE_READINGS if bare_room else ()):
        for match in pattern.finditer(spelled):
            found.append((match.start(), make(match)))
        # What one reading took, a looser one below must not take again.
        spelled = pattern.sub(lambda match: "。" * len(match.group()), spelled)
    addresses = [address for _, said in sorted(found, key=lambda item: item[0]) for address in said]
    return tuple(dict.fromkeys(addresses))
