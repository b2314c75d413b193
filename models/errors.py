"""What can go wrong on purpose."""


class Refusal(Exception):
    """A wish that cannot be granted, in words the person reads as they are (Chinese, one or two sentences).

    Raised by rules and actions; whoever catches it undoes what the step began and says `message`.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Refusal):
    """The thing does not exist, or exists and is none of this person's business: both read the same."""


class AlreadyDone(Refusal):
    """Somebody was first (a second tap, a second worker, a stale reply): nothing changed this time."""
