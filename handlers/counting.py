"""What is counted at the end of a day, beside what the books say came in."""

import re
from collections.abc import Collection

from bot.flow import Done, Outcome, Turn
from handlers.speaker import Person
from handlers.which_compounds import theirs_meant
from models.db import SHANGHAI
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.money import shown
from models.payments import cash_counts
from models.payments.receipts import CHANNELS

_COUNT = re.compile(r"^\s*日清[\s,，:：]*(现金|刷卡|POS|pos|转账)[\s,，:：]*(\S+)(?:\s.*)?$", re.DOTALL)
_CHANNEL = {"现金": "cash", "刷卡": "pos", "pos": "pos", "转账": "transfer"}
HOW_TO_COUNT = "点好钱以后回复「日清 现金 1550.50」；刷卡、转账也一样。"


def count_money(turn: Turn) -> Outcome:
    """「日清 现金 1550.50」 writes down what was counted; None when the words are not about that."""
    compounds = theirs_meant(turn)
    words = turn.text
    for compound in compounds:
        words = words.replace(compound.name, " ")
    said = _COUNT.match(words)
    if said is None:
        return None
    try:
        fen = read_amount(said[2])
    except Unclear as unclear:
        return Done(f"{unclear}。{HOW_TO_COUNT}")
    if fen is None:
        return Done(HOW_TO_COUNT)
    if len(compounds) != 1:
        names = "、".join(compound.name for compound in compounds)
        return Done(
            f"是哪个小区的？请写上名字，比如「日清 {compounds[0].name} {said[1]} {said[2]}」。您管着：{names}。"
        )
    channel = _CHANNEL[said[1].lower()]
    person: Person = turn.speaker
    found = cash_counts.count(
        turn.session, compounds[0], channel, fen, day=turn.now.date(), by=person.log_name, now=turn.now
    )
    where = f"{compounds[0].name}今天{CHANNELS[channel]}：账上{shown(found.booked)}，点了{shown(fen)}"
    if not found.over:
        return Done(f"{where}，正好。")
    more = "多了" if found.over > 0 else "少了"
    name = "长款" if found.over > 0 else "短款"
    return Done(
        f"{where}，{more}{shown(abs(found.over))}（{name}）。\n再点一遍；查清以后回复「对账 {found.difference_id} 原因」。"
    )


def counted_today(turn: Turn, communities: Collection[int]) -> list[str]:
    """What was counted today, for the list of the day, and how to count."""
    counts = cash_counts.last_counts(turn.session, communities, turn.now.date())
    lines = [
        f"· {CHANNELS[channel]}点了{shown(row.counted)}，{row.at.astimezone(SHANGHAI):%H:%M}"
        for (_, channel), row in counts.items()
    ]
    return [*lines, HOW_TO_COUNT]
