"""减免: what may be taken off, for which reason, and when a second person must agree (domain rules 1.7).

Only the company's own money is taken off: what is passed on (代收) and what belongs to all owners (公共收益) is not its to give.
"""

from collections.abc import Sequence
from typing import Final

REASONS = {"late_repair": "维修延误补偿", "hardship": "困难户", "history": "历史遗留", "error": "误差"}
_WORDS = {
    "late_repair": ("维修", "延误", "没修", "漏水", "停运"),
    "hardship": ("困难", "低保", "残疾", "五保", "重病"),
    "history": ("历史", "遗留", "开发商"),
    "error": ("误差", "算错", "多算", "记错", "抄错", "录错"),
}
OF_OURS: Final = "income"  # the fund that may be waived
FREE = 20_000  # fen that one person may take off alone, unless the contract says otherwise


def reason_in(words: str) -> str | None:
    """The one reason that the words name."""
    meant = [reason for reason, known in _WORDS.items() if any(word in words for word in known)]
    return meant[0] if len(meant) == 1 else None


def needs_another(fen: int, before: int, free: int) -> bool:
    """Must somebody else agree? `before` is what the same home had taken off by one person alone in the last thirty days:
    a large sum in small pieces is still a large sum."""
    return fen + before > free


def spread(fen: int, opens: Sequence[int]) -> list[int]:
    """How much comes off each debt, the oldest first. Raises ValueError for more than is owed, and for nothing."""
    if fen <= 0 or fen > sum(opens):
        raise ValueError("a waiver is more than nothing and no more than is owed")
    parts = []
    for left in opens:
        part = min(left, fen)
        parts.append(part)
        fen -= part
    return parts
