"""What the stickers of the demo say: the same in every demo, and known without a database, for the pretend phones scan them, too."""

from hashlib import sha256

from handlers.commands.cast import JINXIU, WANGJIANG, ZHANG_HOME
from models.estate.place_codes import CODE_LENGTH, TAG_LENGTH, code_of_number, tag_of_number
from models.estate.place_sheet import PlaceRow

LIFT = PlaceRow("电梯", ("升降机", "轿厢"))

# Those that the pretend phones offer: (compound, place, what is printed below the code).
SHOWN = (
    (JINXIU, PlaceRow(LIFT.name, (), "3", "2"), "3栋2单元电梯"),
    (JINXIU, PlaceRow("楼道灯", (), "3", "2"), "3栋2单元楼道灯"),
    (JINXIU, PlaceRow("垃圾房"), "垃圾房"),
    (JINXIU, PlaceRow("大门口"), "大门口"),
    (WANGJIANG, PlaceRow(LIFT.name, (), "1", "1"), "1栋1单元电梯"),
    (WANGJIANG, PlaceRow("水泵房"), "水泵房"),
)


def sticker_of(compound: str, place: PlaceRow) -> tuple[str, str]:
    """(code, tag) of a demo place. They can be worked out by anybody, so only the demo's are made like this."""
    return _marks(compound, *place.key)


def sticker_of_meter(*home: str) -> tuple[str, str]:
    """(code, tag) of a home's water meter. `home`: compound, building, entrance, room."""
    return _marks("meter", *home)


def stickers_to_scan(public_url: str = "") -> tuple[tuple[str, str], ...]:
    """A few of them as the pretend phones see them, as (what the code says, what is printed below it).

    With our own address there is also one of the kind that opens a page.
    """
    codes = tuple((sticker_of(compound, place)[0], f"{compound} {printed}") for compound, place, printed in SHOWN)
    codes += ((sticker_of_meter(*ZHANG_HOME)[0], f"{JINXIU} 3栋2单元501水表"),)
    gym = sticker_of(JINXIU, PlaceRow("健身角"))[0]
    return (*codes, (f"{public_url}/q/{gym}", f"{JINXIU} 健身角（网页贴纸）")) if public_url else codes


def _marks(*parts: str) -> tuple[str, str]:
    digest = sha256("\n".join(parts).encode()).digest()
    return code_of_number(int.from_bytes(digest[:16]) % 32**CODE_LENGTH), tag_of_number(
        int.from_bytes(digest[16:24]) % 18**TAG_LENGTH
    )
