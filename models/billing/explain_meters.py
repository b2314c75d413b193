"""为什么, for a line by meter and for a share of a common cost: 用量 = 本期 − 上期, the tiers, the part of the whole."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from models.billing.figures import counted, number, yuan
from models.money import shown


def meter_equation(basis: Mapping[str, Any], fen: int) -> list[str]:
    unit = basis["unit"]
    said = []
    for meter in basis["meters"]:
        said += _used(meter, unit)
    quantity = Fraction(basis["quantity"])
    if len(basis["meters"]) > 1:
        said.append(f"{len(basis['meters'])}块表一共用了{counted(quantity)}{unit}")
    said += _priced(basis, unit)
    exact = sum((Fraction(used) * Fraction(price) for used, price in basis["steps"]), Fraction(0))
    said.append(f"应交{shown(fen)}" if exact == fen else f"应交{shown(fen)}（{yuan(exact)}元四舍五入）")
    return said


def meter_compared(this: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """，因为用量从15吨变成18吨"""
    now, then = Fraction(this["quantity"]), Fraction(before["quantity"])
    if now != then:
        return f"，因为用量从{counted(then)}{before['unit']}变成{counted(now)}{this['unit']}"
    return "，用量一样，是单价或档位变了"


def share_equation(basis: Mapping[str, Any], fen: int) -> list[str]:
    """`basis`: what PoolShare and its pool held when the bill was made."""
    weight, whole = Fraction(basis["weight"]), Fraction(basis["whole"])
    said = [f"{basis['name']}：整笔费用{shown(basis['amount'])}"]
    if basis["excluded"]:
        said[0] += f"，减去不该业主分的{shown(basis['excluded'])}，要分{shown(basis['amount'] - basis['excluded'])}"
    said.append(f"一共{basis['homes']}户来分，{basis['by']}")
    said.append(
        f"您家{number(weight)}{basis['unit']}，全部{number(whole)}{basis['unit']}："
        f"{shown(basis['amount'] - basis['excluded'])} × {number(weight)} ÷ {number(whole)} = {yuan(Fraction(basis['exact']))}元"
    )
    said.append(
        f"按分分完还剩几分，您家零头大，多分到1分，是{shown(fen)}" if basis["extra"] else f"您家分到{shown(fen)}"
    )
    return said


def _used(meter: Mapping[str, Any], unit: str) -> list[str]:
    since, upto = meter["since"], meter["upto"]
    name = f"{meter['name']}：" if meter["name"] else ""
    ratio = Fraction(meter["ratio"])
    before, now, used = (Fraction(value) for value in (since[1], upto[1], meter["used"]))
    head = f"{name}本期读数{counted(now)}（{_day(upto[0])}抄），上期读数{counted(before)}（{_day(since[0])}）"
    straight = (now - before) * ratio == used
    times = f" × 倍率{counted(ratio)}" if ratio != 1 else ""
    equation = f"{counted(now)} − {counted(before)}{times} = " if straight and ratio == 1 else ""
    if straight and ratio != 1:
        equation = f"（{counted(now)} − {counted(before)}）{times} = "
    return [head, *meter["remarks"], f"用量 = {equation}{counted(used)}{unit}"]


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%m月%d日}"


def _priced(basis: Mapping[str, Any], unit: str) -> list[str]:
    steps = [(Fraction(used), Fraction(price)) for used, price in basis["steps"]]
    if not basis["span"]:
        return [f"{counted(used)}{unit} × {yuan(price)}元 = {yuan(used * price)}元" for used, price in steps]
    said = []
    if basis["span"] == "year" and Fraction(basis["used_before"]):
        said.append(f"阶梯按年累计，今年到上一期为止已用{counted(Fraction(basis['used_before']))}{unit}")
    said += [
        f"{'落在' if len(steps) == 1 else f'第{place}段'}{yuan(price)}元这一档：{counted(used)}{unit} × {yuan(price)}元 = {yuan(used * price)}元"
        for place, (used, price) in enumerate(steps, 1)
    ]
    return said
