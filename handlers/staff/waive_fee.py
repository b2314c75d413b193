"""减免: staff take something off what a home owes; above what one person may decide, a manager who did not ask for it agrees."""

import re

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from handlers.staff.take_payment import take_amount, words_said
from handlers.which_home import HOME
from models.billing.tariffs import ITEMS
from models.billing.waiving import OF_OURS, REASONS, reason_in
from models.errors import NotFound
from models.estate.tables import Home
from models.money import shown
from models.payments import waivers
from models.payments.waivers import LATE_FEE, Wish

ASK_AMOUNT = "减多少钱？比如「60」。"
NOT_FOUND = "没有找到这笔减免。"
_NUMBER = re.compile(r"\d{1,9}")
_ITEMS = {item.name: item.name for item in ITEMS.values() if item.fund == OF_OURS} | {"滞纳金": LATE_FEE}


def take_item(turn: Turn) -> Outcome:
    """The one item that was named along with it; with none named, all of the company's own."""
    if turn.asked:
        return None
    named = {name for word, name in _ITEMS.items() if word in turn.text}
    return Next(named.pop()) if len(named) == 1 else None


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason" and turn.choice is not None:
        return Next(turn.choice)
    meant = reason_in(turn.text)
    if meant is None:
        return Again("请回复 1–4。") if turn.asked == "reason" else None
    turn.slots["words"] = " ".join(word for word in words_said(turn) if reason_in(word)) or turn.text.strip()
    return Next(meant)


def ask_reason(turn: Turn) -> Question:
    return Ask("为什么减免？", tuple(Choice(reason, words) for reason, words in REASONS.items()))


def _wish(turn: Turn) -> Wish:
    slots = turn.slots
    return Wish(slots["amount"], slots["reason"], slots.get("words", ""), slots.get("item", ""))


def question(turn: Turn) -> str:
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    parts = waivers.preview(turn.session, home, _wish(turn), now=turn.now)
    head = f"{turn.slots['home']['label']}减免{shown(turn.slots['amount'])}（{REASONS[turn.slots['reason']]}）："
    return "\n".join([head, *(f"· {part.words}" for part in parts), "对吗？"])


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home = turn.session.get_one(Home, turn.slots["home"]["home_id"])
    waiver = waivers.ask(turn.session, home, _wish(turn), by=person.log_name, now=turn.now)
    if waiver.state == "wanted":
        return Done(f"减免 {waiver.id} 已报给经理：一个人能定的限额不够，要另一位经理同意才减。")
    return Done(f"减好了：{turn.slots['home']['label']} {shown(waiver.fen)}，业主会收到通知。")


def decide(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    number = _NUMBER.search(turn.text)
    waiver = waivers.waiver_in_scope(
        turn.session, int(number[0]) if number else 0, person.company_id or 0, community_ids=person.community_ids
    )
    if waiver is None:
        raise NotFound(NOT_FOUND)
    if "不同意" in turn.text:
        waivers.refuse(turn.session, waiver, by=person.log_name, now=turn.now)
        return Done(f"减免 {waiver.id} 不减了。")
    waivers.agree(turn.session, waiver, by=person.log_name, now=turn.now)
    return Done(f"减免 {waiver.id} 同意了，已减{shown(waiver.fen)}。")


ASK = Flow(
    intent="waive_fee",
    title="减免",
    roles=frozenset({"cashier", "clerk", "manager"}),
    commands=("减免 {house?} {amount?} {text?}",),
    slots=(
        HOME,
        Slot("item", take=take_item, optional=True),
        Slot("amount", take=take_amount, ask=ASK_AMOUNT),
        Slot("reason", take=take_reason, ask=ask_reason),
    ),
    confirm=question,
    finish=finish,
    refusal="减免由物业办理。有困难或者觉得不该收，请回复「人工」。",
)
DECIDE = Flow(
    intent="decide_waiver",
    title="审减免",
    roles=frozenset({"manager"}),
    commands=("同意减免 {text?}", "不同意减免 {text?}"),
    finish=decide,
    quick=True,
    refusal="减免由经理同意。",
)
FLOWS = (ASK, DECIDE)
