"""公摊, as a sheet that every neighbour can follow and anybody can work out again: who takes part, with which weight, and why.

Rules: domain 1.6; 民法典 §283 (as agreed, else by area). The file holds exact fractions as text, so that nothing depends on how a
program rounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from models.billing.allocation import CannotAllocate, Share, allocate, mixed_weights
from models.billing.figures import counted, yuan

FORMAT = "linli-share/1"
Base = Literal["area", "household", "usage", "floor", "mixed"]
BASES: dict[str, str] = {
    "area": "按面积分",
    "household": "按户平均分",
    "usage": "按用量分",
    "floor": "按楼层系数分",
    "mixed": "一部分按面积、其余按户分",
}
UNITS = {"area": "平方米", "household": "户", "usage": "", "floor": "份", "mixed": "份"}
# What an all-in contract must not share out by ordinance in some cities (清远 §37): said, so that somebody looks.
DOUBTFUL = ("绿化", "办公", "岗亭", "喷泉", "值班", "广告", "景观", "节日")


@dataclass(frozen=True)
class Member:
    """A home that may take part. `area` in 0.01 m², `use` in the meter's unit; None: nobody knows."""

    home_id: int
    home: str  # 3-2-501
    area: int | None = None
    floor: int | None = None
    use: Fraction | None = None


@dataclass(frozen=True)
class Weighed:
    """A member with its weight, and in words what that is made of; of a weight of 0 why it pays nothing."""

    member: Member
    weight: Fraction
    why: str


def weighed(
    members: Sequence[Member],
    base: Base,
    *,
    area_part: int = 0,
    floors: Mapping[str, str] | None = None,
    unit: str = "",
) -> list[Weighed]:
    """Every member's weight, in the order handed in. `area_part`: per cent by area, when mixed. Raises CannotAllocate."""
    if base == "mixed":
        areas = [Fraction(member.area or 0, 100) for member in members]
        weights = mixed_weights(areas, Fraction(area_part, 100))
        words = [f"{area_part}%按面积（{counted(area)}平方米），其余按户" for area in areas]
        return [Weighed(*each) for each in zip(members, weights, words, strict=True)]
    return [_weighed(member, base, floors or {}, unit) for member in members]


def _weighed(member: Member, base: Base, floors: Mapping[str, str], unit: str) -> Weighed:
    if base == "household":
        return Weighed(member, Fraction(1), "1户")
    if base == "area":
        if not member.area:
            return Weighed(member, Fraction(0), "没有登记面积")
        return Weighed(member, Fraction(member.area, 100), f"{counted(Fraction(member.area, 100))}平方米")
    if base == "usage":
        if not member.use:
            return Weighed(member, Fraction(0), "没有用量" if member.use == 0 else "没有读数")
        return Weighed(member, member.use, f"用了{counted(member.use)}{unit}")
    part = floors.get(str(member.floor)) if member.floor is not None else None
    if part is None:
        return Weighed(member, Fraction(0), "没有约定这一层的系数")
    return Weighed(member, Fraction(part), f"{member.floor}楼系数{part}")


def share_out(total: int, found: Sequence[Weighed]) -> list[Share]:
    """Fen for each, in order. Raises CannotAllocate without any weight."""
    return allocate(total, [each.weight for each in found])


# --- the file ----------------------------------------------------------------------------------------------------------


def sheet_line(place: int, home: str, weight: Fraction, why: str, share: Share) -> dict[str, Any]:
    return {
        "place": place, "home": home, "weight": str(weight), "why": why, "exact": str(share.exact), "extra": share.extra,
        "fen": share.fen,
    }  # fmt: skip


def flaws(sheet: Mapping[str, Any]) -> list[str]:
    """What does not come out when a sheet is worked out anew from its weights; [] when everything does."""
    try:
        return list(_flaws(sheet))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError):
        return ["文件不完整，或者不是公摊明细文件"]
    except CannotAllocate as cannot:
        return [str(cannot)]


def _flaws(sheet: Mapping[str, Any]) -> list[str]:
    if sheet["format"] != FORMAT:
        return [f"文件格式应是{FORMAT}"]
    lines = sheet["homes"]
    total = int(sheet["amount"]) - int(sheet["excluded"])
    found = []
    if total != int(sheet["total"]):
        found.append(f"费用减去不分的部分是{total}分，表上写要分{sheet['total']}分")
    if [line["place"] for line in lines] != list(range(1, len(lines) + 1)):
        found.append("序号不连续")
    shares = allocate(total, [Fraction(line["weight"]) for line in lines])
    for line, share in zip(lines, shares, strict=True):
        if "exact" in line and Fraction(line["exact"]) != share.exact:
            found.append(f"{line['home']}：精确数应是{yuan(share.exact)}元，表上是{yuan(Fraction(line['exact']))}元")
        if (int(line["fen"]), int(line["extra"])) != (share.fen, share.extra):
            found.append(f"{line['home']}：应分{share.fen}分，表上是{line['fen']}分")
    given = sum(int(line["fen"]) for line in lines)
    if given != total:
        found.append(f"各户加起来是{given}分，要分的是{total}分")
    return found
