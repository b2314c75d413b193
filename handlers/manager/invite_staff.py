"""邀请: a manager has a code made for somebody who is to work here: 「邀请 陈师傅 水工 锦绣花园」."""

import re
from datetime import date
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from models.estate.queries import communities_named, communities_of, said_homes
from models.people.introductions import name_in, phone_in
from models.people.staffing import ROLES, invite
from models.people.trades import CERTIFIED, TRADES, WORDS, trades_in

ALL = "all"
NOT_NEEDED = "-"
WITH_TRADES = ("worker", "lead")
ONLY_MANAGERS = "邀请经理要由经理来办。"

_ROLE_WORDS = {
    "班长": "lead", "领班": "lead", "客服": "clerk", "前台": "clerk", "收费员": "cashier", "收费": "cashier", "会计": "cashier",
    "经理": "manager", "主任": "manager",
}  # fmt: skip
_DATE = re.compile(r"(20\d\d)\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})")


def take_role(turn: Turn) -> Outcome:
    """Said as a word of its own: 赵经理 is a name, 「赵芳 经理」 a name and a role."""
    role = next((_ROLE_WORDS[word] for word in turn.text.split() if word in _ROLE_WORDS), None)
    person: Person = turn.speaker
    if role == "manager" and person.staff is not None and person.staff.role != "manager":
        return Done(ONLY_MANAGERS)
    return Next(role) if role else None


def take_name(turn: Turn) -> Outcome:
    words = [word for word in turn.text.split() if word not in _ROLE_WORDS]
    places = [*(community.name for community in _communities(turn)), *WORDS]
    name = name_in(" ".join(words), places=places, asked=turn.asked == "name")
    return Next(name) if name else None


def take_trades(turn: Turn) -> Outcome:
    if turn.asked == "trades" and turn.choice is not None:
        return Next([turn.choice])
    trades = trades_in(turn.text)
    return Next(trades) if trades else None


def known_trades(turn: Turn) -> Any:
    return None if turn.slots["role"] in WITH_TRADES else []


def take_certificate(turn: Turn) -> Outcome:
    match = _DATE.search(turn.text)
    if match is None:
        return None
    try:
        until = date(*(int(part) for part in match.groups()))
    except ValueError:
        return Again("没有这一天。")
    return Next(until.isoformat())


def known_certificate(turn: Turn) -> Any:
    return None if CERTIFIED & set(turn.slots["trades"]) else NOT_NEEDED


def take_areas(turn: Turn) -> Outcome:
    communities = _communities(turn)
    named = communities_named(turn.text, communities)
    buildings = [home.building for home in said_homes(turn.text) if home.building and not home.room]
    if not named and len(communities) == 1 and buildings:
        named = list(communities)
    if len(named) == 1 and buildings:
        return Next([[named[0].id, building] for building in buildings])
    return Next([[community.id, ""] for community in named]) if named else None


def take_phone(turn: Turn) -> Outcome:
    phone = phone_in(turn.text)
    return Next(phone) if phone else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    until = turn.slots["certificate"]
    code = invite(
        turn.session,
        company_id=person.company_id or 0,
        name=turn.slots["name"],
        role=turn.slots["role"],
        trades=turn.slots["trades"],
        certified_until=None if until == NOT_NEEDED else date.fromisoformat(until),
        areas=[(community_id, building) for community_id, building in _areas(turn)],
        phone=turn.slots.get("phone", ""),
        made_by=person.log_name,
        pepper=turn.settings.secret_key,
        now=turn.now,
    )
    name = turn.slots["name"]
    about = "，".join(
        part for part in (ROLES[turn.slots["role"]], "、".join(turn.slots["trades"]), _area_words(turn)) if part
    )
    return Done(
        f"给{name}的邀请码（{about}）：{code}\n"
        f"请{name}关注本公众号，回复「加入 {code}」。7天内有效，只能用一次，请不要发到群里。"
    )


def _areas(turn: Turn) -> list[list[Any]]:
    """Everything the manager has, unless said otherwise: of somebody with three compounds these three."""
    areas: Any = turn.slots["areas"]
    if areas != ALL:
        return list(areas)
    if turn.speaker.community_ids is None:
        return []
    return [[community.id, ""] for community in _communities(turn)]


def _area_words(turn: Turn) -> str:
    if turn.slots["areas"] == ALL:
        return "全部小区"
    names = {community.id: community.name for community in _communities(turn)}
    return "、".join(names[id] + (f"{building}栋" if building else "") for id, building in turn.slots["areas"])


def _communities(turn: Turn) -> list[Any]:
    person: Person = turn.speaker
    return list(communities_of(turn.session, person.company_id or 0, only=person.community_ids))


FLOW = Flow(
    intent="staff_invite",
    title="邀请员工",
    roles=frozenset({"manager"}),
    commands=("邀请 {text?}",),
    examples=(
        "邀请新员工",
        "来了个新师傅",
        "招了一个水工",
        "给新来的电工开通",
        "加一个维修师傅",
        "邀请师傅加入",
        "添加员工",
    ),
    slots=(
        Slot("role", take=take_role, known=lambda turn: "worker"),
        Slot("name", take=take_name, ask="请说员工的姓名，比如「陈建国」。", awaiting="ask_name"),
        Slot(
            "trades",
            take=take_trades,
            known=known_trades,
            ask=lambda turn: Ask("做什么工种？可以一次说几个。", tuple(Choice(trade, trade) for trade in TRADES)),
        ),
        Slot(
            "certificate",
            take=take_certificate,
            known=known_certificate,
            ask="电工证有效到哪一天？比如「2027-05-31」。",
        ),
        Slot("areas", take=take_areas, known=lambda turn: ALL),
        Slot("phone", take=take_phone, optional=True),
    ),
    finish=finish,
    refusal="邀请员工由物业经理来办。",
)
