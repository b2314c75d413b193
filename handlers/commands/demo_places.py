"""The demo's public places: every compound has what old compounds have, each with a sticker that is the same every time."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from handlers.commands.cast import JINXIU, WANGJIANG, ZHANG_HOME
from handlers.commands.demo_estate import COMPOUNDS
from handlers.commands.demo_meters import meter_sticker
from models.estate.place_actions import add_places
from models.estate.place_codes import CODE_LENGTH, TAG_LENGTH, code_of_number, tag_of_number
from models.estate.place_sheet import PlaceRow
from models.estate.tables import home_label

# The two newest of the six have lifts.
WITH_LIFTS = frozenset({JINXIU, WANGJIANG})
OF_A_COMPOUND = (
    PlaceRow("大门口", ("正门", "南门", "小区大门", "岗亭")),
    PlaceRow("垃圾房", ("垃圾站", "垃圾屋", "倒垃圾的地方")),
    PlaceRow("水泵房", ("泵房",)),
    PlaceRow("配电房", ("配电室",)),
    PlaceRow("自行车棚", ("车棚", "电动车棚")),
    PlaceRow("健身角", ("健身区", "健身广场", "老年活动角")),
)
OF_AN_ENTRANCE = (
    PlaceRow("楼道灯", ("楼梯灯", "走廊灯", "过道灯", "声控灯")),
    PlaceRow("楼门", ("单元门", "单元大门")),
)
LIFT = PlaceRow("电梯", ("升降机", "轿厢"))


def places_of(compound: str) -> Iterator[PlaceRow]:
    """Everything public in a compound of the demo."""
    yield from OF_A_COMPOUND
    buildings, entrances = COMPOUNDS[compound]
    for building in range(1, buildings + 1):
        for entrance in range(1, entrances + 1):
            for row in (*OF_AN_ENTRANCE, *((LIFT,) if compound in WITH_LIFTS else ())):
                yield PlaceRow(row.name, row.nicknames, str(building), str(entrance))


def sticker_of(compound: str, place: PlaceRow) -> tuple[str, str]:
    """(code, tag) of a demo place. They can be worked out by anybody, so only the demo's are made like this."""
    digest = sha256("\n".join((compound, *place.key)).encode()).digest()
    code = code_of_number(int.from_bytes(digest[:16]) % 32**CODE_LENGTH)
    return code, tag_of_number(int.from_bytes(digest[16:24]) % 18**TAG_LENGTH)


def stickers_to_scan(public_url: str = "") -> tuple[tuple[str, str], ...]:
    """A few of them as the pretend phones see them, as (what the code says, what is printed below it).

    With our own address there is also one of the kind that opens a page.
    """
    shown = (
        (JINXIU, PlaceRow(LIFT.name, (), "3", "2")),
        (JINXIU, PlaceRow("楼道灯", (), "3", "2")),
        (JINXIU, PlaceRow("垃圾房")),
        (JINXIU, PlaceRow("大门口")),
        (WANGJIANG, PlaceRow(LIFT.name, (), "1", "1")),
        (WANGJIANG, PlaceRow("水泵房")),
    )
    codes = tuple(
        (sticker_of(compound, place)[0], f"{compound} {home_label(place.building, place.entrance, '')}{place.name}")
        for compound, place in shown
    )
    codes += ((meter_sticker(ZHANG_HOME), f"{JINXIU} 3栋2单元501水表"),)
    gym = sticker_of(JINXIU, PlaceRow("健身角"))[0]
    return (*codes, (f"{public_url}/q/{gym}", f"{JINXIU} 健身角（网页贴纸）")) if public_url else codes


def add_demo_places(session: Session, communities: dict[str, int], now: datetime) -> int:
    """Put them on the books; returns how many there are."""
    added = 0
    for compound, community_id in communities.items():
        rows = [(place, *sticker_of(compound, place)) for place in places_of(compound)]
        added += len(add_places(session, community_id, rows, now))
    return added
