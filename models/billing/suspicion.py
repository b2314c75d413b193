"""哪些读数要再看一眼 (domain rules 3.6, 5.5): said in a few words, so that whoever stands before the meter looks again."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

TIMES_THE_USUAL = 3
SAME_IN_A_ROW = 5
ENOUGH = 3  # uses that are known before anybody speaks of what is usual
LEAST = 20  # a meter that shows less than this may well grow tenfold


def doubts(before: Sequence[Fraction], now: Fraction) -> list[str]:
    """What is odd about a reading after these earlier ones (oldest first); [] when nothing is. None of it forbids anything."""
    if not before:
        return []
    last = before[-1]
    if now < last:
        missing = "，像是少写了一位" if now * 10 >= last and now * 10 <= last * 2 else ""
        return [f"比上次的读数还小{missing}"]
    found = []
    usual = usual_use(before)
    used = now - last
    if last >= LEAST and now >= 5 * last and now / 10 >= last:
        found.append("比上次多出太多，像是多写了一位")
    elif usual is not None and usual > 0 and used > TIMES_THE_USUAL * usual:
        found.append("用量是平时的3倍以上，可能漏水或者抄错")
    same = [*before, now][-SAME_IN_A_ROW:]
    if len(same) == SAME_IN_A_ROW and len(set(same)) == 1:
        found.append(f"连着{SAME_IN_A_ROW}次读数一样，表可能坏了")
    elif len(before) >= 2 and used == 0 and before[-1] == before[-2]:
        found.append("连着两次没有用量")
    return found


def usual_use(before: Sequence[Fraction]) -> Fraction | None:
    """The average use between these readings, None while too few are known (a step back, as of a new meter, does not count)."""
    uses = [later - earlier for earlier, later in pairwise(before) if later >= earlier]
    return sum(uses, Fraction(0)) / len(uses) if len(uses) >= ENOUGH else None
