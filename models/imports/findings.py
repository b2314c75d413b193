"""What an import found, in words a clerk reads: what was read, what will change, and each refused cell with its address.

Pure: a ledger and a plan in, lines out; the page and the command show the same.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from models.estate.ledger_rows import Ledger
from models.imports.plan import Plan
from models.people.ledger_ties import RELATION_WORDS, TiesPlan

# What the columns are called when a clerk is told about one.
COLUMN_WORDS = {
    "building": "楼栋",
    "entrance": "单元",
    "room": "房号",
    "floor": "楼层",
    "area": "面积",
    "owner": "业主",
    "name": "姓名",
    "phone": "电话",
    "relation": "与业主关系",
    "tenant": "租户",
    "tenant_phone": "租户电话",
    "handed_over": "交房日期",
    "moved_in": "入住日期",
    "header": "表头",
}
SHOWN = 50  # of a long list of changes; the rest is counted
KEPT = 2_000  # refused cells that are kept with the import; who has more than that begins with these

_REFUSAL = re.compile(r"(\S+![A-Z]{1,3}\d+)([^：]*)：(.*)", re.DOTALL)


@dataclass(frozen=True)
class RefusedCell:
    """`where` is 1栋!E7, `value` is masked. `column` is "" where the trouble is with the person and not with one column."""

    where: str
    column: str
    value: str
    reason: str

    @property
    def line(self) -> str:
        about = f"{self.column}「{self.value}」" if self.column and self.value else self.column or self.value
        return f"{self.where} {about}：{self.reason}"


def refused_cells(ledger: Ledger) -> Iterator[RefusedCell]:
    """Every one: whoever mends the ledger must not have to come back for the next fifty."""
    for refusal in ledger.refusals:
        column = COLUMN_WORDS.get(refusal.column, refusal.column)
        yield RefusedCell(refusal.where, column, refusal.value, refusal.reason)


def refused_people(people: TiesPlan) -> Iterator[RefusedCell]:
    for row in people.unknown_homes:
        yield RefusedCell(row.cell, "", row.name, f"系统里没有 {row.address.label} 这一户")
    for row in people.contradictions:
        yield RefusedCell(row.cell, "", row.name, "同一个人写了两种电话或身份，请核对")


def lines_read(name: str, ledger: Ledger) -> list[str]:
    homes = f"{len(ledger.homes)} 户，" if ledger.homes else ""
    lines = [f"读了「{name}」：{ledger.sheets} 张表，{homes}{len(ledger.residents)} 位住户。"]
    agreeing = sum(check.written == check.counted for check in ledger.totals_checked)
    if ledger.totals_checked:
        lines.append(f"合计行核对：{len(ledger.totals_checked)} 处，{agreeing} 处相符。")
    return lines


def lines_changing(plan: Plan) -> list[str]:
    lines = []
    if plan.homes:
        homes = plan.homes
        lines.append(f"房屋：新增 {len(homes.new)} 户，修改 {len(homes.changes)} 户，不变 {homes.unchanged} 户。")
        lines += _first(f"  {change.label}：{change.says}" for change in homes.changes)
    lines.append(f"住户：新增 {_counted(plan.people)}，不变 {plan.people.unchanged} 位。")
    lines += _first(f"  {change}" for change in plan.people.changes)
    return lines


def findings(name: str, ledger: Ledger, plan: Plan | None) -> dict[str, Any]:
    """What is kept with an import and shown on its page."""
    refused = [*refused_cells(ledger), *(refused_people(plan.people) if plan else ())]
    return {
        "read": lines_read(name, ledger),
        "warnings": list(_first(ledger.warnings)),
        "changes": lines_changing(plan) if plan else [],
        "nothing_new": plan is not None and plan.changes_nothing,
        "refused": len(refused),
        "cells": [asdict(cell) for cell in refused[:KEPT]],
    }


def cell_of(refusal: str) -> dict[str, str]:
    """2025!D7 交了：看不懂 taken apart, as the page of an import shows a refused cell; what names no cell is only a reason."""
    named = _REFUSAL.match(refusal)
    if named is None:
        return {"where": "", "column": "", "value": "", "reason": refusal}
    return {"where": named[1], "column": "", "value": named[2].strip(), "reason": named[3]}


def _counted(people: TiesPlan) -> str:
    relations = [row.relation for row, _, _ in people.new_ties]
    said = [f"{word} {relations.count(name)} 位" for name, word in RELATION_WORDS.items() if name in relations]
    return "、".join(said) or "0 位"


def _first(lines: "Iterator[str] | list[str]") -> Iterator[str]:
    lines = list(lines)
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"  …… 还有 {len(lines) - SHOWN} 处"
