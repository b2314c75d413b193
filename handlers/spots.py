"""A public place that somebody stands before: it was scanned, or the letters on its sticker were typed. Good for a while only."""

from datetime import datetime, timedelta
from typing import Any

from bot.flow import Turn
from handlers.speaker import Person
from models.estate.place_codes import read_code
from models.estate.places import Spot, place_with_code, place_with_tag
from models.workorders.words import speaks_of_inside

SEE = {"image": "请看照片", "video": "请看视频", "voice": "请听录音"}

# What cannot be a sticker of this company's, whatever it is: nobody learns whether it is somebody else's.
UNKNOWN = "没认出这张贴纸。哪里坏了，直接说一句地方和毛病就行，比如「3栋2单元电梯不动了」。"
TOO_LATE = "刚才扫码过去太久了。请再扫一次，或者连地方一起说，比如「3栋2单元电梯不动了」。"


def scanned(turn: Turn, scene: str) -> Spot | None:
    """The place of a sticker of the company the person speaks with. Looks nowhere for what cannot be a code of ours."""
    person: Person = turn.speaker
    code = read_code(scene)
    return place_with_code(turn.session, person.company_id, code) if code is not None else None


def typed(turn: Turn) -> Spot | None:
    """The place whose five letters were typed in this message."""
    person: Person = turn.speaker
    tag = turn.said("sticker")
    return place_with_tag(turn.session, person.company_id, str(tag)) if tag else None


def kept(turn: Turn, spot: Spot) -> dict[str, Any]:
    """The place as a slot keeps it, with the moment until which it is believed."""
    until = turn.now + timedelta(minutes=turn.settings.scan_valid_minutes)
    return {
        "place_id": spot.place.id,
        "community_id": spot.place.community_id,
        "name": spot.place.name,
        "label": spot.label,
        "until": until.isoformat(),
    }


def here(turn: Turn) -> dict[str, Any] | None:
    """The place the person stands before, unless it was too long ago or the words speak of something at home."""
    spot: dict[str, Any] | None = turn.slots.get("spot")
    if spot is None or is_over(turn, spot) or speaks_of_inside(str(turn.slots.get("problem", ""))):
        return None
    return spot


def shown_problem(turn: Turn) -> str | None:
    """At a place that was scanned a picture or a recording says enough: whoever comes will look."""
    spot = here(turn)
    kinds = {kept["kind"] for kept in turn.slots.get("kept", ())}
    if spot is None or not kinds & set(SEE):
        return None
    return f"{spot['name']}（{'，'.join(SEE[kind] for kind in SEE if kind in kinds)}）"


def is_over(turn: Turn, spot: dict[str, Any]) -> bool:
    return turn.now > datetime.fromisoformat(spot["until"])
