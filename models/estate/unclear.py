"""What a reader raises when a cell could mean more than one thing, or nothing."""


class Unclear(Exception):
    """A cell somebody must be asked about. `reason` is Chinese, one clause, and says what to write instead where that helps."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
