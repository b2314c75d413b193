"""What people send besides words, as it is kept with an order: pictures, recordings, places.

A file is written down the moment it comes, whatever becomes of the talk: WeChat keeps it for three days only.
"""

from typing import Any

from bot.flow import Next, Outcome, Turn
from bot.incoming import Incoming
from handlers.speaker import Person
from models.media.queue import note_received

WORDLESS = frozenset({"image", "voice", "video", "location"})
WITH_FILE = frozenset({"image", "voice", "video"})


def keepsake(incoming: Incoming) -> dict[str, Any] | None:
    """The message as something to keep, or None when it is only words."""
    if incoming.kind not in WORDLESS:
        return None
    return {
        "kind": incoming.kind,
        "media_id": incoming.media_id,
        "text": incoming.text,
        "latitude": "" if incoming.latitude is None else str(incoming.latitude),
        "longitude": "" if incoming.longitude is None else str(incoming.longitude),
    }


def keep(turn: Turn) -> dict[str, Any] | None:
    """The same, and its file is to be fetched at once: for whoever keeps it."""
    kept = keepsake(turn.incoming)
    person: Person = turn.speaker
    if kept is None or kept["kind"] not in WITH_FILE or not kept["media_id"] or person.company_id is None:
        return kept
    medium_id = note_received(
        turn.session,
        company_id=person.company_id,
        account=person.account,
        openid=person.openid,
        media_id=kept["media_id"],
        kind=kept["kind"],
        now=turn.now,
    )
    return {**kept, "medium_id": medium_id}


def take_keepsakes(turn: Turn) -> Outcome:
    """A slot that gathers whatever is sent while the flow is open."""
    kept, before = keep(turn), turn.slots.get("kept", [])
    # A message that began the flow has been gathered already.
    if kept is None or kept in before:
        return None
    return Next([*before, kept])
