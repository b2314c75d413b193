"""A one-time code or the letters of a sticker sent by themselves: they say what they are for, so nothing else needs to be said."""

from bot.router import Understand
from bot.understanding.meaning import Context, Meaning
from models.estate.place_codes import read_tag
from models.people.codes import LENGTH, purpose_of, read_code

MEANT = {"home": "bind_house", "staff": "staff_join"}


def with_bare_codes(understand: Understand) -> Understand:
    """The same understanding, which also knows 「K7M3PQ2X」 when it is the whole message."""

    def understand_or_read(text: str, role: str, context: Context) -> Meaning:
        code = read_code(text) if len(text.strip()) <= LENGTH + 2 else None
        if code is not None:
            return Meaning(MEANT[purpose_of(code)], {"code": code}, 1.0)
        if (tag := read_tag(text)) is not None:
            return Meaning("place_scanned", {"sticker": tag}, 1.0)
        return understand(text, role, context)

    return understand_or_read
