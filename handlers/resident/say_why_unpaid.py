"""没交原因: the answer to the second reminder. It is written down, and whoever is not content is not reminded any more."""

import re

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.purses import purses_of
from handlers.resident.see_bills import NOT_BOUND
from models.billing.queries import open_bills_of
from models.dunning.actions import answer
from models.dunning.steps import REASONS
from models.estate.tables import Home

ANSWERS = {
    1: "好的，谢谢您。看要交多少，回复「账单」。",
    2: "知道了，谢谢您告诉我们。物业会联系您，可以商量分期交。",
    3: "对不起，让您不满意了。物业会先联系您，谈好以前不再提醒。哪里不好也可以直接说，回复「投诉」加上您的话。",
    4: "知道了。房子空着，物业服务还在做，按规定物业费还是要交（民法典第944条）；有没有空置优惠看合同，请回复「人工」问。",
    5: "知道了。物业会先和您核对账单，核对好以前不再提醒。看怎么算的，回复「为什么」。",
}
NOTHING_SEEN = "这要业主或家人来说。"


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason" and turn.choice is not None:
        return Next(turn.choice)
    words = turn.text.strip().removeprefix("没交原因").strip(" ：:，,")
    if match := re.match(r"[1-5](?!\d)", words):
        return Next(int(match[0]))
    meant = [number for number, reason in REASONS.items() if reason in words]
    return Next(meant[0]) if meant else None


def ask_reason(turn: Turn) -> Question:
    return Ask("没交是因为什么？", tuple(Choice(number, reason) for number, reason in REASONS.items()))


def finish(turn: Turn) -> Outcome:
    homes = [purse.home for purse in purses_of(turn.speaker) if purse.payer is None]
    if not homes:
        return Done(NOTHING_SEEN if purses_of(turn.speaker) else NOT_BOUND)
    number = turn.slots["reason"]
    owing = {line.bill.home_id for line in open_bills_of(turn.session, [home.home_id for home in homes])}
    if not owing:
        return Done("您家没有要交的，不用理会提醒，谢谢。")
    for home_id in sorted(owing):
        home = turn.session.get_one(Home, home_id)
        answer(turn.session, home, number, "", by=turn.speaker.log_name, now=turn.now)
    return Done(ANSWERS[number])


FLOW = Flow(
    intent="say_why_unpaid",
    title="说没交的原因",
    roles=frozenset({"resident"}),
    commands=("没交原因 {text?}",),
    slots=(Slot("reason", take=take_reason, ask=ask_reason),),
    finish=finish,
    refusal=NOT_BOUND,
)
