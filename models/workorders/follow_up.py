"""Which finished orders somebody calls about (回访)."""

# 61 shares no factor with 100, so any hundred orders in a row give exactly `percent` calls, spread evenly.
_SPREAD = 61


def is_sampled(order_id: int, percent: int) -> bool:
    """Whether this order is one of the `percent` in a hundred that get a follow-up call; always the same answer."""
    return order_id * _SPREAD % 100 < percent


def needs_visit(*, order_id: int, priority: str, rated: bool, percent: int) -> bool:
    """A satisfied owner is called if sampled; one who never answered also after anything urgent (domain rules T18, T20)."""
    return is_sampled(order_id, percent) or (not rated and priority in ("P0", "P1"))
