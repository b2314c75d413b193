"""我的家: which homes this WeChat speaks for, who else does, and what can be said next; an owner adds family and tenants."""

from typing import Any

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import HomeTie, Person
from models.people.introductions import name_in
from models.people.names import masked_name
from models.people.proofs import make_bind_code
from models.people.queries import members_of
from models.people.rights import IN_CHINESE

NO_HOME = "您还没有绑定房屋。请回复「绑定」，我来帮您。"
ONLY_OWNERS = "添加家人和租户要由业主来办。请业主用自己的微信说「添加家人」或「添加租户」。"


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if not person.homes:
        return Done(NO_HOME)
    lines = [line for home in person.homes for line in _about(turn, person, home)]
    lines.append("还有别的房子，回复「绑定」；不住了，回复「解绑」。")
    if person.homes_where("add_members"):
        lines.append("让家人或租户也能报修，回复「添加家人」或「添加租户」。")
    return Done("\n".join(lines))


def _about(turn: Turn, person: Person, home: HomeTie) -> list[str]:
    others = [
        f"{masked_name(member.name)}（{IN_CHINESE[member.relation]}）"
        for member in members_of(turn.session, home.home_id)
        if (member.account, member.openid) != (person.account, person.openid)
    ]
    also = f"　还绑定了：{'、'.join(others)}" if others else "　只有您一个人绑定"
    return [f"{home.community}{home.label}，您是{IN_CHINESE[home.relation]}", also]


# --- adding family and tenants ----------------------------------------------------------------------------------------


def take_home(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if not person.homes_where("add_members"):
        return Done(ONLY_OWNERS if person.homes else NO_HOME)
    return Next(turn.choice) if turn.asked == "home" and turn.choice is not None else None


def only_home(turn: Turn) -> Any:
    homes = turn.speaker.homes_where("add_members")
    return homes[0].home_id if len(homes) == 1 else None


def ask_home(turn: Turn) -> Question:
    homes = turn.speaker.homes_where("add_members")
    return Ask("给哪一套添加？", tuple(Choice(home.home_id, f"{home.community}{home.label}") for home in homes))


def take_relation(turn: Turn) -> Outcome:
    if turn.asked == "relation" and turn.choice is not None:
        return Next(turn.choice)
    words = {"tenant": ("租户", "租客"), "family": ("家人", "家属")}
    meant = [relation for relation, said in words.items() if any(word in turn.text for word in said)]
    return Next(meant[0]) if len(meant) == 1 else None


def ask_relation(turn: Turn) -> Question:
    return Ask("是您的家人，还是租户？", (Choice("family", "家人"), Choice("tenant", "租户")))


def take_name(turn: Turn) -> Outcome:
    name = name_in(turn.text, asked=turn.asked == "name")
    return Next(name) if name else None


def give_code(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home = next(home for home in person.homes_where("add_members") if home.home_id == turn.slots["home"])
    name, relation = turn.slots["name"], turn.slots["relation"]
    code = make_bind_code(
        turn.session,
        home_id=home.home_id,
        relation=relation,
        name=name,
        made_by=f"resident:{home.person_id}",
        staff_id=None,
        company_id=person.company_id or 0,
        pepper=turn.settings.secret_key,
        now=turn.now,
    )
    return Done(
        f"给{name}（{home.label}的{IN_CHINESE[relation]}）的绑定码：{code}\n"
        f"请{name}关注本公众号，回复「绑定 {code}」。7天内有效，只能用一次，请不要发到群里。"
    )


FLOW = Flow(
    intent="my_homes",
    title="看看绑定的房屋",
    commands=("我的家",),
    examples=EXAMPLES["my_homes"],
    finish=show,
    quick=True,
)
ADD_MEMBER = Flow(
    intent="add_member",
    title="添加家人或租户",
    commands=("添加家人 {text?}", "添加租户 {text?}"),
    examples=(
        "添加家人",
        "添加租户",
        "让我爱人也能报修",
        "我妈也想用",
        "把房子租出去了加个租户",
        "给租客开通",
        "家里人怎么绑定",
    ),
    slots=(
        Slot("home", take=take_home, ask=ask_home, known=only_home),
        Slot("relation", take=take_relation, ask=ask_relation),
        Slot("name", take=take_name, ask="叫什么名字？", awaiting="ask_name"),
    ),
    finish=give_code,
)
FLOWS = (FLOW, ADD_MEMBER)
