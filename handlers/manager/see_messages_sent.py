"""通知记录 3-2-501, 通知记录 张伟: what somebody was sent, how, and what became of it."""

from bot.flow import Again, Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.words_of_messages import fate_of, first_line, moment
from models.estate.queries import communities_named, communities_of, find_homes, said_homes
from models.people.telling import Scope, Told, history, wechats_at, wechats_named

SHOWN = 8
ASK = "看谁的？请说房号或姓名，比如「通知记录 3-2-501」。"
NOT_FOUND = "没找到绑定了微信的人。请核对房号或姓名。"
TOO_MANY = 9


def take_people(turn: Turn) -> Outcome:
    """The WeChats meant, within the speaker's own compounds. Homes and people outside it do not exist."""
    words = str(turn.said("text") or (turn.text if turn.asked == "people" else "")).strip()
    if not words:
        return None
    person: Person = turn.speaker
    company_id = person.company_id or 0
    if said := said_homes(words):
        communities = communities_of(turn.session, company_id, only=person.community_ids)
        named = communities_named(words, communities) or communities
        homes = find_homes(turn.session, said[0], community_ids=[community.id for community in named])
        if len(homes) > TOO_MANY:
            return Again("对得上的有好多户，请把小区和楼栋也说上。")
        found = wechats_at(turn.session, [home.id for home in homes])
    else:
        found = wechats_named(turn.session, words.removesuffix("的"), Scope(company_id, person.community_ids))
    return Next([list(who) for who in found]) if found else Done(NOT_FOUND)


def show(turn: Turn) -> Outcome:
    people = [(account, openid) for account, openid in turn.slots["people"]]
    found = history(turn.session, people, limit=SHOWN)
    if not found:
        return Done("还没有给他们发过通知。")
    return Done("\n".join([f"最近 {len(found)} 条通知：", *(_line(message) for message in found)]))


def _line(message: Told) -> str:
    return f"{moment(message.created_at)} {message.to.name}：{first_line(message)}（{fate_of(message)}）"


FLOW = Flow(
    intent="manager_message_history",
    title="看通知记录",
    roles=frozenset({"manager"}),
    commands=("通知记录 {text?}",),
    examples=("通知记录", "张伟收到通知了吗", "给3-2-501发过什么消息", "看看他的通知发出去没有"),
    slots=(Slot("people", take=take_people, ask=ASK),),
    finish=show,
    quick=True,
    refusal="通知记录由物业办公室查看。看您自己的报修，请回复「我的报修」。",
)
