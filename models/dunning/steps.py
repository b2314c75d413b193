"""The steps of reminding somebody, and when which one comes (domain rules 1.11). Pure; days count from the due day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

COMING, FIRST, SECOND, LETTER, LAWYER = range(5)

# A home hears of its debts once in seven days at most, whatever the steps say.
BETWEEN = timedelta(days=7)

# Why somebody has not paid, as they are asked in the second reminder.
REASONS = {1: "忘记了", 2: "手头困难", 3: "对服务不满意", 4: "房子空着", 5: "对账单有疑问"}
# Whoever is not content is talked to first and reminded afterwards.
DISPUTES = frozenset({3, 5})

# What stops every reminder of a home.
TRYING = "debit"  # its money is about to be taken once more (written by whoever takes it, with the day until which)
STOPS = {
    "dispute": "有争议", "plan": "分期", "hardship": "困难户", "bereavement": "家有丧事", "asked": "经理要求",
    TRYING: "等着再自动扣一次",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """`days` after the due day, before it when negative. `way`: chat, letter (on paper), file (for the lawyer)."""

    number: int
    days: int
    name: str
    way: str


DEFAULT = (
    Step(COMING, -7, "到期提醒", "chat"),
    Step(FIRST, 3, "第一次提醒", "chat"),
    Step(SECOND, 15, "第二次提醒", "chat"),
    Step(LETTER, 30, "催款函", "letter"),
    Step(LAWYER, 60, "律师材料", "file"),
)


@dataclass(frozen=True)
class Rules:
    """How one company reminds. `threshold` in fen: less is never a matter for the lawyer. `days_to_pay` after a letter."""

    steps: tuple[Step, ...] = field(default=DEFAULT)
    threshold: int = 200_000
    days_to_pay: int = 15

    def step(self, number: int) -> Step:
        return self.steps[number]


def rules_from(value: Mapping[str, Any]) -> Rules:
    """A company's own numbers over the defaults: {"days": {"1": 5}, "threshold": 500000, "days_to_pay": 30}.

    Raises ValueError for steps out of order and for days a letter may not set (15 to 30).
    """
    days = {int(number): int(after) for number, after in value.get("days", {}).items()}
    steps = tuple(replace(step, days=days.get(step.number, step.days)) for step in DEFAULT)
    if [step.days for step in steps] != sorted({step.days for step in steps}) or steps[COMING].days > 0:
        raise ValueError("every step comes after the one before it, the first before the due day")
    to_pay = int(value.get("days_to_pay", Rules.days_to_pay))
    if not 15 <= to_pay <= 30:
        raise ValueError("a letter gives 15 to 30 days")
    return Rules(steps, int(value.get("threshold", Rules.threshold)), to_pay)


def next_step(rules: Rules, due: date, today: date, done: int | None, fen: int) -> Step | None:
    """What is to be done next about a debt that was due on `due`; None while nothing is.

    One after the other: a debt of years, too, begins with a friendly word. `done` is the last step that was taken for it.
    """
    late = (today - due).days
    if late <= 0:
        return None
    following = max((COMING if done is None else done) + 1, FIRST)
    if following > LAWYER or late < rules.step(following).days:
        return None
    if following == LAWYER and fen < rules.threshold:
        return None
    return rules.step(following)


def may_remind(last: date | None, today: date) -> bool:
    """Seven days have passed since the home last heard of its debts."""
    return last is None or today - last >= BETWEEN


def stopped_by(stops: Collection[str]) -> str:
    """In words, "" when nothing stops a reminder."""
    return "、".join(STOPS[stop] for stop in STOPS if stop in stops)


# --- 诉讼时效 -----------------------------------------------------------------------------------------------------------

LIMITATION_MONTHS, ALERT_MONTHS = 36, 30


def months_since(day: date, today: date) -> int:
    """Whole months."""
    return (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)


def running_out(due: date, demands: Sequence[date], today: date) -> bool:
    """Thirty months have passed since the last demand that can be proven, or since the due day: three years, then it is lost."""
    return months_since(max([due, *demands]), today) >= ALERT_MONTHS
