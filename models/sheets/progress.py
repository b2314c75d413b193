"""How far the reading of a file has come."""


class Progress:
    """In bytes of what is to be read; `share` is from 0 to 1."""

    def __init__(self) -> None:
        self._all = self._before = self._here = 0

    def expects(self, size: int) -> None:
        """So many more bytes are to be read, in one piece or several."""
        self._all += size

    def at(self, place: int) -> None:
        """The present piece has been read up to there."""
        self._here = place

    def next_piece(self, size: int) -> None:
        """The present piece, of that size, is done."""
        self._before, self._here = self._before + size, 0

    @property
    def share(self) -> float:
        return min((self._before + self._here) / self._all, 1.0) if self._all else 0.0
