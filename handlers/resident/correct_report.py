"""「不对，是卫生间」 right after a report: it is put down on the order, and whoever is on the way hears of it."""

import re
from datetime import timedelta

from bot.flow import Done, Outcome, Turn
from handlers.speaker import Person
from models.workorders.actions import add_attachment
from models.workorders.attachments import Sent
from models.workorders.queries import orders_of_person
from models.workorders.states import OPEN

JUST = timedelta(minutes=10)

_TAKES_BACK = re.compile(
    r"^[\s,，.。!！]*(?:[哦噢啊呃嗯哎唉][\s,，.。]*)?"
    r"(?:不对|不是|[说报打写搞弄记]错了?|错了|更正|改一下|应该是|我是说|准确[说点])"
)


def correct_report(turn: Turn) -> Outcome:
    """Words that take something back, of somebody who reported within the last minutes; None when they are about something else."""
    words = turn.text.strip()
    said = _TAKES_BACK.match(words)
    if said is None or not words[said.end() :].strip(" ,，.。!！?？的了啊吧"):
        return None
    person: Person = turn.speaker
    newest = orders_of_person(turn.session, person.account, person.openid, states=OPEN, limit=1)
    order = newest[0].order if newest else None
    if order is None or order.openid != person.openid or turn.now - order.created_at > JUST:
        return None
    add_attachment(turn.session, order, [Sent("text", text=words)], now=turn.now, actor=person.actor())
    return Done(f"记下了，工单 #{order.id} 补上了：{words}\n师傅看得到。不用修了请回复「取消报修 {order.id}」。")
