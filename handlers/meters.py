"""Which meter somebody speaks of, and what it shows: 「3-2-501水表1234」, 「501电表读数356」, 「3栋总表 8876」, in figures or spoken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.flow import Turn
from bot.understanding.normalise import fold
from bot.understanding.numbers import with_figures
from handlers.speaker import Person
from models.billing.meter_actions import label_of, meter_with_code
from models.billing.meter_tables import Meter
from models.estate.addresses import find_addresses
from models.estate.place_codes import read_code, read_tag
from models.estate.queries import SaidHome
from models.estate.tables import Community

_VERB = re.compile(r"^(?:抄表|抄了|录入读数|报一下读数|报读数)[\s:：,，]*")
_LAST = re.compile(
    r"(?:表|读数|走到|抄到|是|为|室|号|水|电|\s)\D{0,3}?(?<![\d.-])(\d{1,8}(?:\.\d{1,4})?)\s*(?:吨|度|方|字)?[。.!！]?$"
)
_ALONE = re.compile(r"(?:读数)?(?:是|走到|为)?\s*(\d{1,8}(?:\.\d{1,4})?)\s*(?:吨|度|方|字)?[。.!！]?")
_KINDS = (("water", "水"), ("electric", "电"), ("gas", "气"), ("heat", "暖"))


@dataclass(frozen=True)
class HeardMeter:
    """`master`: the words speak of a 总表, of the building in `homes` if there is one. `value` is as written, "" for none."""

    homes: Sequence[SaidHome]
    master: bool
    kind: str
    value: str


def heard_meter(turn: Turn) -> HeardMeter:
    """What this message says of a meter. A lone number is a room only where nothing else can be it."""
    words = _VERB.sub("", with_figures(fold(turn.text)))
    kind = next((kind for kind, word in _KINDS if word in words), "")
    last = _LAST.search(words)
    if last is not None:
        rest = words[: last.start(1)]
        homes = _homes_in(rest)
        master = "总表" in rest
        if master or any(home.room for home in homes):
            return HeardMeter(homes, master, kind, last[1])
    return HeardMeter(_homes_in(words), "总表" in words, kind, "")


def number_alone(turn: Turn) -> str:
    """The reading when the message is nothing else: 1234, 一千二百三十四, 读数是1234.5."""
    match = _ALONE.fullmatch(with_figures(fold(turn.text)).strip())
    return match[1] if match else ""


def kept(turn: Turn, meter: Meter) -> dict[str, Any]:
    """The meter as a slot keeps it."""
    community = turn.session.get_one(Community, meter.community_id)
    return {"meter_id": meter.id, "community_id": meter.community_id, "label": f"{community.name}{label_of(meter)}"}


def scanned_meter(turn: Turn, said: str) -> Meter | None:
    """The meter of this sticker, of the speaker's own company and compounds; None for everything else."""
    person: Person = turn.speaker
    code, tag = read_code(said), read_tag(said)
    if code is None and tag is None:
        return None
    meter = meter_with_code(turn.session, person.company_id, code=code or "", tag=tag or "")
    if meter is None or (person.community_ids is not None and meter.community_id not in person.community_ids):
        return None
    return meter


def _homes_in(words: str) -> list[SaidHome]:
    found = find_addresses(words, bare_room=True)
    return [SaidHome(home.building, home.entrance, home.door, home.kind) for home in found]
