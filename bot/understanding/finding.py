"""What is in a sentence besides its wish: every recogniser is asked, those of the business before the general ones of the same name."""

from collections.abc import Iterator, Sequence

from bot.understanding import recognise
from bot.understanding.meaning import Context
from bot.understanding.spec import Recogniser


class Finder:
    """Asks recognisers. An empty answer is none."""

    def __init__(self, recognisers: Sequence[Recogniser]) -> None:
        own = {recogniser.name for recogniser in recognisers}
        self._recognisers = (*recognisers, *(r for r in recognise.GENERIC if r.name not in own))

    def find(self, name: str, text: str, role: str, context: Context) -> object | None:
        """What one of them finds; None where there is no recogniser of this name."""
        return next((one.find(text, role, context) for one in self._recognisers if one.name == name), None)

    def slots(self, words: str, role: str, context: Context) -> dict[str, object]:
        """What all of them find, by name."""
        return dict(self._found(words, role, context))

    def _found(self, words: str, role: str, context: Context) -> Iterator[tuple[str, object]]:
        for recogniser in self._recognisers:
            value = recogniser.find(words, role, context)
            if value is not None and value not in ((), [], ""):
                yield recogniser.name, value
