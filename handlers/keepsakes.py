"""What people send besides words, as it is kept with an order: pictures, recordings, places."""

from typing import Any

from bot.flow import Next, Outcome, Turn
from bot.incoming import Incoming

WORDLESS = frozenset({"image", "voice", "video", "location"})


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


def take_keepsakes(turn: Turn) -> Outcome:
    """A slot that gathers whatever is sent while the flow is open."""
    kept = keepsake(turn.incoming)
    if kept is None:
        return None
    return Next([*turn.slots.get("kept", []), kept])
