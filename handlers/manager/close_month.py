"""月结, 重开月结: a month is looked at as a whole, signed, and from then on left alone."""

import re
from datetime import timedelta

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.billing.months import month_meant
from models.estate.queries import communities_named, communities_of
from models.estate.tables import Community
from models.money import shown
from models.payments import month_close
from models.payments.month_ties import Month

_MONTH = re.compile(r"(?:20)?\d{2}[-年./]\d{1,2}月?|(?<![\d-])\d{1,2}月|上个?月")
_VERB = re.compile(r"^\s*(?:重开)?月结")
ASK_MONTH = "哪个月的？比如「2026-03」。"


def take_period(turn: Turn) -> Outcome:
    """The month that was said; without one, closing means the last month."""
    if turn.asked not in ("", "period"):
        return None
    said = _MONTH.search(turn.text)
    if said is None:
        if turn.asked == "period":
            return Again(ASK_MONTH)
        return None if "重开" in turn.text else Next(f"{turn.now.replace(day=1) - timedelta(days=1):%Y-%m}")
    word = "last_month" if said[0].startswith("上") else said[0]
    period = month_meant(word, turn.now.date())
    return Next(period) if period else Again(ASK_MONTH)


def take_compound(turn: Turn) -> Outcome:
    theirs = _theirs(turn)
    if turn.asked == "compound" and turn.choice is not None:
        return Next(turn.choice) if turn.choice in {community.id for community in theirs} else None
    named = communities_named(turn.text, theirs)
    if len(named) == 1:
        return Next(named[0].id)
    return Next(theirs[0].id) if len(theirs) == 1 else None


def ask_compound(turn: Turn) -> Question:
    return Ask("哪个小区？", tuple(Choice(community.id, community.name) for community in _theirs(turn)))


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason":
        return Next(turn.text.strip()[:100]) if turn.text.strip() else None
    if turn.asked:
        return None
    words = _VERB.sub("", _MONTH.sub("", turn.text))
    for community in _theirs(turn):
        words = words.replace(community.name, "")
    return Next(words.strip(" ，,：:")[:100]) if words.strip(" ，,：:") else None


def _theirs(turn: Turn) -> list[Community]:
    person: Person = turn.speaker
    return list(communities_of(turn.session, person.company_id or 0, only=person.community_ids))


def _community(turn: Turn) -> Community:
    return turn.session.get_one(Community, turn.slots["compound"])


def ask_close(turn: Turn) -> str:
    community, period = _community(turn), turn.slots["period"]
    month = month_close.preview(turn.session, community, period, now=turn.now)
    return "\n".join(
        [
            f"{community.name} {period} 月结：",
            *_lines(month),
            *_unclaimed(turn, month),
            "都对得上。月结以后这个月不再入账，要月结吗？",
        ]
    )


def _lines(month: Month) -> list[str]:
    channels = "、".join(f"{name}{shown(fen)}" for name, fen in month.channels.items()) or "没有收款"
    ages = "、".join(f"{name}{shown(fen)}" for name, fen in month.ages.items())
    return [
        f"· 当月应收{shown(month.due)}，已收{shown(month.received)}",
        f"· 收款{shown(month.came)}：{channels}",
        f"· 其中当月{shown(month.current)}，往期{shown(month.arrears)}，违约金{shown(month.late_fees)}，预存{shown(month.prepaid)}",
        f"· 期初欠费{shown(month.opening)}，期末欠费{shown(month.closing)}" + (f"（{ages}）" if ages else ""),
    ]


def _unclaimed(turn: Turn, month: Month) -> list[str]:
    """The account is the whole company's: nothing for who looks after a part only."""
    if not month.unclaimed or turn.speaker.community_ids is not None:
        return []
    return [f"· 银行账户里还有{shown(month.unclaimed)}没人认领（全公司的），以后认了记在认的那个月"]


def close(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    community, period = _community(turn), turn.slots["period"]
    month_close.close(turn.session, community, period, by=person.log_name, now=turn.now)
    return Done(f"{community.name} {period} 月结好了。以后的收款都记在下个月。")


def ask_reopen(turn: Turn) -> str:
    return f"要重开{_community(turn).name} {turn.slots['period']} 的月结，原因：{turn.slots['reason']}。对吗？"


def reopen(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    community, period = _community(turn), turn.slots["period"]
    month_close.reopen(turn.session, community, period, turn.slots["reason"], by=person.log_name, now=turn.now)
    return Done(f"{community.name} {period} 重开了。改好以后记得再月结。")


_PERIOD = Slot("period", take=take_period, ask=ASK_MONTH)
_COMPOUND = Slot("compound", take=take_compound, ask=ask_compound)
_REFUSAL = "月结是物业内部用的。看自己家的账单，请回复「账单」。"

CLOSE = Flow(
    intent="close_month",
    title="月结",
    roles=frozenset({"cashier", "manager"}),
    commands=("月结 {text?}",),
    slots=(_PERIOD, _COMPOUND),
    confirm=ask_close,
    finish=close,
    refusal=_REFUSAL,
)
REOPEN = Flow(
    intent="reopen_month",
    title="重开月结",
    roles=frozenset({"manager"}),
    commands=("重开月结 {text?}",),
    slots=(_PERIOD, _COMPOUND, Slot("reason", take=take_reason, ask="为什么要重开？说一句就行。", free_text=True)),
    confirm=ask_reopen,
    finish=reopen,
    refusal="重开月结是经理用的。",
)
FLOWS = (CLOSE, REOPEN)
