"""The demo's public places: every compound has what old compounds have, each with a sticker that is the same every time."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from handlers.commands.cast import JINXIU, WANGJIANG
from handlers.commands.demo_estate import COMPOUNDS
from handlers.commands.demo_stickers import LIFT, sticker_of
from models.estate.place_actions import add_places
from models.estate.place_sheet import PlaceRow

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


def places_of(compound: str) -> Iterator[PlaceRow]:
    """Everything public in a compound of the demo."""
    yield from OF_A_COMPOUND
    buildings, entrances = COMPOUNDS[compound]
    for building in range(1, buildings + 1):
        for entrance in range(1, entrances + 1):
            for row in (*OF_AN_ENTRANCE, *((LIFT,) if compound in WITH_LIFTS else ())):
                yield PlaceRow(row.name, row.nicknames, str(building), str(entrance))


def add_demo_places(session: Session, communities: dict[str, int], now: datetime) -> int:
    """Put them on the books; returns how many there are."""
    added = 0
    for compound, community_id in communities.items():
        rows = [(place, *sticker_of(compound, place)) for place in places_of(compound)]
        added += len(add_places(session, community_id, rows, now))
    return added
