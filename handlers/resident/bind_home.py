"""绑定: this WeChat speaks for a home, proven by what is on record, by a code, or by a manager's word.

「绑定 锦绣花园 3-2-501 张伟 8000」 does it in one message; what is missing is asked for. Whatever does not fit, the answer is
the same, so that nobody learns from it who lives where.
"""

from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, GoTo, Next, Outcome, Question, Slot, Turn
from bot.understanding.normalise import corrected, is_correction
from handlers.phrases import EXAMPLES
from handlers.speaker import Person, identify
from models.estate.queries import SaidHome, communities_named, communities_of, company_by_id, said_homes
from models.people.codes import purpose_of, read_code
from models.people.introductions import name_in, phone_in, phone_tail_in
from models.people.proofs import Bound, CodeRefused, NotProven, NoTriesLeft, bind_by_code, bind_by_phone
from models.people.requests import ask_manager
from models.people.rights import IN_CHINESE

NOT_NEEDED = "-"

ASK_HOUSE = "请说您的房号，比如「3栋2单元501」。有物业给的绑定码，直接发给我也行。"
ASK_NAME = "请说登记在物业的姓名。"
ASK_PHONE4 = "请说登记手机号的后四位。"
NOT_FITTING = "没有对上，没能绑定。请核对房号、登记的姓名和手机号，连同不对的再说一遍。"
OFFER = "也可以回复「申请审核」，请管理员帮您核对。"
WRONG_CODE = "这个码不对，请再看一看，或请给您码的人重新发一个。"
CODE_FAULTS = {
    "used": "这个绑定码已经用过了。一个码只能用一次，请给您码的人重新发一个。",
    "expired": "这个绑定码过期了，请给您码的人重新发一个。",
}
NOT_OPEN = "还没有物业公司使用这个公众号，暂时不能绑定。"

_ASKS_FOR_REVIEW = (
    "审核", "没登记", "没有登记", "登记不了", "没留过", "换了手机", "换手机", "手机号换", "换了号", "不记得", "忘了",
)  # fmt: skip
_RELATIONS = {"owner": ("业主", "户主", "房东"), "family": ("家人", "家属"), "tenant": ("租户", "租客", "租房")}


# --- hearing ----------------------------------------------------------------------------------------------------------


def take_code(turn: Turn) -> Outcome:
    code = read_code(turn.text)
    if code is None:
        return None
    if purpose_of(code) == "staff":
        return Done(f"这是员工的邀请码。要加入的话，请回复「加入 {code}」。")
    return Next(code)


def take_way(turn: Turn) -> Outcome:
    return Next("manager") if any(words in turn.text for words in _ASKS_FOR_REVIEW) else None


def take_community(turn: Turn) -> Outcome:
    if turn.asked == "community" and turn.choice is not None:
        return Next(turn.choice)
    person: Person = turn.speaker
    if person.company_id is None:
        return Done(NOT_OPEN)
    named = communities_named(turn.text, communities_of(turn.session, person.company_id))
    return Next(named[0].id) if len(named) == 1 else None


def take_house(turn: Turn) -> Outcome:
    """A home in the message. A part of one is put together with what was said before: 「501」, then 「3栋2单元」."""
    heard = _heard_house(turn)
    if heard is None:
        return Again("没听出房号，请像「3栋2单元501」这样说。") if turn.asked == "whole" else None
    known = turn.slots.get("house")
    if isinstance(known, dict) and known["kind"] == heard.kind and not heard.complete:
        return Next({name: part or known[name] for name, part in vars(heard).items()})
    return Next(vars(heard))


def _heard_house(turn: Turn) -> SaidHome | None:
    """「不是502，是501」 speaks of rooms, whatever was asked."""
    bare_room = turn.asked in ("house", "whole") or ("house" in turn.slots and is_correction(turn.text))
    said = said_homes(corrected(turn.text), bare_room=bare_room)
    return said[0] if said else None


def take_name(turn: Turn) -> Outcome:
    if not turn.asked and turn.meaning.intent != "bind_house":
        return None  # the words were meant for something else (a repair that needs the home first)
    name = name_in(turn.text, places=_community_names(turn), asked=turn.asked == "name")
    return Next(name) if name else None


def take_phone4(turn: Turn) -> Outcome:
    house = turn.slots.get("house")
    room = house["room"] if isinstance(house, dict) else ""
    tail = phone_tail_in(turn.text, room=room, asked=turn.asked == "phone4")
    return Next(tail) if tail else None


def take_phone(turn: Turn) -> Outcome:
    phone = phone_in(turn.text)
    if phone is None and turn.asked == "phone" and any(letter.isdigit() for letter in turn.text):
        return Again("这个号码不完整。")
    return Next(phone) if phone else None


def take_relation(turn: Turn) -> Outcome:
    if turn.asked == "relation" and turn.choice is not None:
        return Next(turn.choice)
    meant = [relation for relation, words in _RELATIONS.items() if any(word in turn.text for word in words)]
    return Next(meant[0]) if len(meant) == 1 else None


# --- asking -----------------------------------------------------------------------------------------------------------


def without_code(turn: Turn) -> Any:
    return NOT_NEEDED if "code" in turn.slots else None


def whole_house(turn: Turn) -> Any:
    house = turn.slots["house"]
    return True if house == NOT_NEEDED or SaidHome(**house).complete else None


def ask_rest(turn: Turn) -> Question:
    house = SaidHome(**turn.slots["house"])
    if not house.room:
        return f"{house.label}的几号房？请像「3栋2单元501」这样说。"
    return f"{house.label}是几栋几单元的？请像「3栋2单元501」这样说。"


def by_phone_only(turn: Turn) -> Any:
    return NOT_NEEDED if "code" in turn.slots or turn.slots.get("way") == "manager" else None


def by_manager_only(turn: Turn) -> Any:
    return None if "code" not in turn.slots and turn.slots.get("way") == "manager" else NOT_NEEDED


def known_community(turn: Turn) -> Any:
    if by_manager_only(turn) == NOT_NEEDED:
        return NOT_NEEDED
    communities = communities_of(turn.session, turn.speaker.company_id)
    return communities[0].id if len(communities) == 1 else None


def ask_community(turn: Turn) -> Question:
    communities = communities_of(turn.session, turn.speaker.company_id)
    return Ask("在哪个小区？", tuple(Choice(community.id, community.name) for community in communities))


def ask_relation(turn: Turn) -> Question:
    relations = ("owner", "family", "tenant")
    return Ask("您是这一户的？", tuple(Choice(relation, IN_CHINESE[relation]) for relation in relations))


# --- doing ------------------------------------------------------------------------------------------------------------


def finish(turn: Turn) -> Outcome:
    if "code" in turn.slots:
        return _use_code(turn)
    if turn.slots.get("way") == "manager":
        return _ask_manager(turn)
    return _prove(turn)


def _use_code(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    outcome = bind_by_code(
        turn.session,
        account=person.account,
        openid=person.openid,
        company_id=person.company_id or 0,
        code=turn.slots["code"],
        pepper=turn.settings.secret_key,
        now=turn.now,
    )
    if isinstance(outcome, Bound):
        return _welcome_home(turn, outcome)
    if isinstance(outcome, NoTriesLeft):
        return Done(_no_tries_left(turn))
    if isinstance(outcome, CodeRefused):
        return Done(CODE_FAULTS[outcome.why])
    return Done(WRONG_CODE)


def _prove(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    named = turn.slots["community"]
    everywhere = communities_of(turn.session, person.company_id or 0)
    outcome = bind_by_phone(
        turn.session,
        account=person.account,
        openid=person.openid,
        communities=[community.id for community in everywhere if named in (NOT_NEEDED, community.id)],
        words=SaidHome(**turn.slots["house"]),
        name=turn.slots["name"],
        phone4=turn.slots["phone4"],
        now=turn.now,
    )
    if isinstance(outcome, Bound):
        return _welcome_home(turn, outcome)
    if isinstance(outcome, NotProven):
        return GoTo("phone4", NOT_FITTING + (OFFER if outcome.wrong_today >= 3 else ""))
    return Done(_no_tries_left(turn))


def _ask_manager(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    communities = communities_of(turn.session, person.company_id or 0)
    fresh = ask_manager(
        turn.session,
        account=person.account,
        openid=person.openid,
        company_id=person.company_id or 0,
        community=next(community for community in communities if community.id == turn.slots["community"]),
        words=SaidHome(**turn.slots["house"]),
        name=turn.slots["name"],
        phone=turn.slots["phone"],
        relation=turn.slots["relation"],
        now=turn.now,
    )
    if not fresh:
        return Done("您已经申请过了，管理员正在核对，有结果马上告诉您。")
    return Done("申请交给管理员了，核对好马上告诉您。")


def _welcome_home(turn: Turn, bound: Bound) -> Outcome:
    person: Person = turn.speaker
    # A repair that waits underneath must find the home at once.
    turn.speaker = identify(turn.session, turn.incoming, turn.now)
    if not any(home.fresh for home in bound.homes):
        return Done(f"您已经绑定过{bound.homes[0].place}，不用再绑了。")
    lines = [f"绑定好了：{home.place}，您是{IN_CHINESE[home.relation]}。" for home in bound.homes]
    if not person.homes:
        lines.append("以后哪里坏了，直接说一句就行，比如「厨房水管漏水了」。")
    return Done("\n".join(lines))


def _no_tries_left(turn: Turn) -> str:
    company = company_by_id(turn.session, turn.speaker.company_id)
    phone = f"，或打物业电话 {company.hotline}" if company is not None and company.hotline else ""
    return f"今天核对的次数用完了，请明天再试。着急的话，请回复「申请审核」由管理员核对{phone}。"


def _community_names(turn: Turn) -> list[str]:
    return [community.name for community in communities_of(turn.session, turn.speaker.company_id or 0)]


FLOW = Flow(
    intent="bind_house",
    title="绑定房屋",
    commands=("绑定 {text?}", "申请审核 {text?}"),
    examples=EXAMPLES["bind_house"],
    slots=(
        Slot("code", take=take_code, optional=True),
        Slot("way", take=take_way, optional=True),
        Slot("house", take=take_house, ask=ASK_HOUSE, known=without_code, awaiting="ask_house"),
        Slot("whole", take=lambda turn: None, ask=ask_rest, known=whole_house, awaiting="ask_house"),
        Slot("name", take=take_name, ask=ASK_NAME, known=without_code, awaiting="ask_name"),
        Slot("phone4", take=take_phone4, ask=ASK_PHONE4, known=by_phone_only, awaiting="ask_phone"),
        Slot("phone", take=take_phone, ask="请留一个能找到您的手机号。", known=by_manager_only, awaiting="ask_phone"),
        Slot("relation", take=take_relation, ask=ask_relation, known=by_manager_only),
        Slot("community", take=take_community, ask=ask_community, known=known_community, awaiting="choose_house"),
    ),
    finish=finish,
)
FLOWS = (FLOW,)
