"""待通知: what neither WeChat nor a text message could carry, for the office to tell by phone or slip; 已通知 N ticks it off."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.words_of_messages import first_line, moment, words_of
from models.people.names import masked_phone
from models.people.telling import Scope, Told, how_many_untold, open_untold, told_by_hand, untold

SHOWN = 8
NONE_LEFT = "没有要人工通知的事。"


def take_number(turn: Turn) -> Outcome:
    said = turn.said("order_no")
    bare = turn.text.strip().lstrip("#＃")
    if said is None and turn.asked == "number" and bare.isdecimal():
        said = bare
    return Next(int(said)) if said else None


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    scope = Scope(person.company_id or 0, person.community_ids)
    if "number" in turn.slots:
        return Done(_whole(open_untold(turn.session, turn.slots["number"], scope, by=person.log_name, now=turn.now)))
    found = untold(turn.session, scope, limit=SHOWN)
    if not found:
        return Done(NONE_LEFT)
    total = how_many_untold(turn.session, scope)
    lines = [f"要人工通知的 {total} 条：", *(_line(message) for message in found)]
    if total > len(found):
        lines.append(f"先列最早的 {len(found)} 条。")
    number = found[0].id
    lines.append(f"看电话和内容回复「待通知 {number}」，通知到了回复「已通知 {number}」。")
    return Done("\n".join(lines))


def tick_off(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    scope = Scope(person.company_id or 0, person.community_ids)
    message = told_by_hand(turn.session, turn.slots["number"], scope, by=person.log_name, now=turn.now)
    left = how_many_untold(turn.session, scope)
    more = f"还有 {left} 条，回复「待通知」接着看。" if left else NONE_LEFT
    return Done(f"记下了：{message.to.where} {message.to.name} 已通知。{more}")


def _line(message: Told) -> str:
    to = message.to
    who = " ".join(part for part in (to.where, to.name, masked_phone(to.phone)) if part)
    return f"#{message.id} {who}：{first_line(message)}（{moment(message.created_at)}）"


def _whole(message: Told) -> str:
    to = message.to
    return "\n".join(
        [
            f"#{message.id} {to.where} {to.name}",
            f"电话：{to.phone or '没有登记电话，请上门或贴通知'}",
            f"要说的：{words_of(message)}",
            f"通知到了请回复「已通知 {message.id}」。",
        ]
    )


FLOWS = (
    Flow(
        intent="manager_untold",
        title="人工通知",
        roles=frozenset({"manager"}),
        commands=("待通知 {order_no?}",),
        examples=("待通知", "还有谁没通知到", "哪些人没收到消息", "要打电话通知的有哪些"),
        slots=(Slot("number", take=take_number, optional=True),),
        finish=show,
        quick=True,
        refusal="这是物业办公室用的。要找物业的人，请回复「人工」。",
    ),
    Flow(
        intent="manager_told",
        title="登记已通知",
        roles=frozenset({"manager"}),
        commands=("已通知 {order_no?}",),
        examples=("已通知", "12号已经打电话通知了", "登记已通知"),
        slots=(Slot("number", take=take_number, ask="通知到的是哪一条？请说编号，比如「已通知 12」。"),),
        finish=tick_off,
        refusal="这是物业办公室用的。要找物业的人，请回复「人工」。",
    ),
)
