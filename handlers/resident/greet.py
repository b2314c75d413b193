"""Somebody follows (two sentences and three things to say) or unfollows (their WeChat is forgotten)."""

from bot.flow import Done, Outcome, Turn
from handlers.resident.scan_place import arrived
from handlers.speaker import Person
from models.estate.place_codes import read_code
from models.estate.queries import company_by_id
from models.messaging.queue import cancel_waiting
from models.people.following import follow, unfollow
from models.workorders.leaving import forget_reporter, orders_in_hand

TO_SAY = {
    "manager": ("工单", "审核", "邀请 陈师傅 水工"),
    "staff": ("我的任务", "接单", "下班"),
    "owner": ("厨房水管漏水了", "我的报修", "我的家"),
    "tenant": ("厨房水管漏水了", "我的报修", "我的家"),
    "visitor": ("绑定 3-2-501 王小明 1234（房号、登记的姓名、手机后四位）", "楼道的灯不亮", "人工"),
}


def on_follow(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    here = follow(turn.session, account=person.account, openid=person.openid, at=turn.incoming.sent_at)
    if not here:
        return None
    if turn.incoming.scene and read_code(turn.incoming.scene):
        # Whoever came by a sticker has something to report; the rest can wait.
        return arrived(turn, turn.incoming.scene, say=_hello(turn))
    return Done(welcome(turn))


def welcome(turn: Turn) -> str:
    person: Person = turn.speaker
    lines = [f"{_hello(turn)}{_what_for(person)}您可以这样说："]
    lines += [f"· {words}" for words in TO_SAY[person.role]]
    return "\n".join(lines)


def _hello(turn: Turn) -> str:
    person: Person = turn.speaker
    company = company_by_id(turn.session, person.company_id)
    of_company = f"{company.name}的" if company is not None else ""
    begin = f"{person.name}，您好！" if person.name else "您好！"
    return f"{begin}我是{of_company}邻里管家。"


def _what_for(person: Person) -> str:
    if person.is_staff:
        return "派单、接单、完工，都在这里说一句就行。"
    if person.homes:
        return "家里或小区哪里坏了，直接说一句就行。"
    return "绑定房屋后，家里哪里坏了直接说一句就行。"


def on_unfollow(turn: Turn) -> Outcome:
    """Nothing can be answered to somebody who left."""
    person: Person = turn.speaker
    open_orders = len(orders_in_hand(turn.session, person.staff.id)) if person.staff is not None else 0
    gone = unfollow(
        turn.session,
        account=person.account,
        openid=person.openid,
        at=turn.incoming.sent_at,
        open_orders=open_orders,
        now=turn.now,
    )
    if gone:
        forget_reporter(turn.session, person.account, person.openid)
        cancel_waiting(turn.session, person.account, person.openid)
    return None
