"""预存: how much may be held in advance for a home by its contract (12 months of fees unless it says otherwise)."""

from collections.abc import Sequence


def room_in_advance(billed: Sequence[int], months: int, held: int) -> int | None:
    """Fen that may still be put in, by the average of the `billed` months (fen each); None for any sum.

    A home that was never billed has no fee to go by: nothing is refused then, for nothing can be said.
    """
    if not months or not billed:
        return None
    most = -(-sum(billed) * months // len(billed))  # rounded up: a fen more never hurts the payer
    return max(0, most - held)
