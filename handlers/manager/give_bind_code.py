"""绑定码: a manager has a one-time code made for somebody who cannot bind their home by themselves."""

from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.estate.queries import communities_named, communities_of, find_homes
from models.estate.tables import Home
from models.people.introductions import name_in
from models.people.names import same_name
from models.people.proofs import make_bind_code
from models.people.queries import residents_of
from models.people.rights import IN_CHINESE

ASK_HOME = "给哪一户？请说房号，比如「锦绣花园 3-2-501」。"
NO_SUCH_HOME = "登记里没有这一户，请核对房号。"
TOO_MANY = 9

_RELATIONS = {"owner": ("业主", "户主"), "family": ("家人", "家属"), "tenant": ("租户", "租客")}


def take_found(turn: Turn) -> Outcome:
    """All the homes the words may mean, within the manager's own compounds."""
    said = said_homes(turn.text, bare_room=turn.asked == "home")
    if not said:
        return None
    person: Person = turn.speaker
    communities = communities_of(turn.session, person.company_id or 0, only=person.community_ids)
    named = communities_named(turn.text, communities) or communities
    homes = find_homes(turn.session, said[0], community_ids=[community.id for community in named])
    if not homes:
        return Again(NO_SUCH_HOME)
    if len(homes) > TOO_MANY:
        return Again("对得上的有好多户，请把小区和楼栋也说上。")
    return Next([home.id for home in homes])


def take_home(turn: Turn) -> Outcome:
    return Next(turn.choice) if turn.asked == "home" and turn.choice is not None else None


def known_home(turn: Turn) -> Any:
    found = turn.slots.get("found", [])
    return found[0] if len(found) == 1 else None


def ask_home(turn: Turn) -> Question:
    found = [turn.session.get_one(Home, id) for id in turn.slots.get("found", [])]
    if not found:
        return ASK_HOME
    names = {c.id: c.name for c in communities_of(turn.session, turn.speaker.company_id)}
    return Ask("是哪一户？", tuple(Choice(home.id, f"{names[home.community_id]}{home.label}") for home in found))


def take_name(turn: Turn) -> Outcome:
    if turn.asked == "name" and turn.choice is not None:
        return Next(turn.choice)
    places = [community.name for community in communities_of(turn.session, turn.speaker.company_id)]
    name = name_in(turn.text, places=places, asked=turn.asked == "name")
    return Next(name) if name else None


def known_name(turn: Turn) -> Any:
    residents = residents_of(turn.session, turn.slots["home"])
    return residents[0][0].name if len(residents) == 1 else None


def ask_name(turn: Turn) -> Question:
    residents = residents_of(turn.session, turn.slots["home"])[:TOO_MANY]
    if not residents:
        return "给谁用？请说姓名。"
    choices = tuple(Choice(person.name, f"{person.name}（{IN_CHINESE[relation]}）") for person, relation in residents)
    return Ask("给谁用？不在下面的，直接说姓名。", choices)


def take_relation(turn: Turn) -> Outcome:
    if turn.asked == "relation" and turn.choice is not None:
        return Next(turn.choice)
    meant = [relation for relation, words in _RELATIONS.items() if any(word in turn.text for word in words)]
    return Next(meant[0]) if len(meant) == 1 else None


def known_relation(turn: Turn) -> Any:
    residents = residents_of(turn.session, turn.slots["home"])
    return next((relation for person, relation in residents if same_name(turn.slots["name"], person.name)), None)


def ask_relation(turn: Turn) -> Question:
    choices = tuple(Choice(relation, IN_CHINESE[relation]) for relation in _RELATIONS)
    return Ask(f"{turn.slots['name']}是这一户的？", choices)


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home = turn.session.get_one(Home, turn.slots["home"])
    name, relation = turn.slots["name"], turn.slots["relation"]
    code = make_bind_code(
        turn.session,
        home_id=home.id,
        relation=relation,
        name=name,
        made_by=person.log_name,
        staff_id=person.staff.id if person.staff is not None else None,
        company_id=person.company_id or 0,
        pepper=turn.settings.secret_key,
        now=turn.now,
    )
    return Done(
        f"{home.label} {name}（{IN_CHINESE[relation]}）的绑定码：{code}\n"
        f"请本人关注公众号，回复「绑定 {code}」。7天内有效，只能用一次。"
    )


FLOW = Flow(
    intent="bind_code",
    title="发绑定码",
    roles=frozenset({"manager"}),
    commands=("绑定码 {text?}",),
    examples=("给业主发绑定码", "生成绑定码", "开一个绑定码", "帮3栋2单元501绑定", "业主绑定不了给个码"),
    slots=(
        Slot("found", take=take_found, optional=True),
        Slot("home", take=take_home, ask=ask_home, known=known_home, awaiting="ask_house"),
        Slot("name", take=take_name, ask=ask_name, known=known_name, awaiting="ask_name"),
        Slot("relation", take=take_relation, ask=ask_relation, known=known_relation),
    ),
    finish=finish,
    refusal="绑定码由物业经理来发。业主可以说「添加家人」给家里人发码。",
)
