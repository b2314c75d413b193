"""Danger to life in somebody's words: what to do right now, and who must know at once (domain rules 2.2)."""

from bot.flow import Turn
from bot.understanding.normalise import standard
from handlers.learned import in_danger
from handlers.speaker import Person
from models.messaging import outbox
from models.people.queries import staff_to_alarm
from models.workorders.urgency import safety_advice

# Where the words give away that there is danger, but not which.
ANY_DANGER = "请先离开危险的地方，也请别人不要靠近。起火请拨 119，有人受伤请拨 120。我们的人马上过去。"


def is_dangerous(words: str) -> bool:
    return in_danger(words)


def advice(words: str) -> str:
    """What to do right now; "" when nobody is in danger."""
    known = safety_advice(words) or safety_advice(standard(words))
    return known or (ANY_DANGER if in_danger(words) else "")


def alarm_at_once(turn: Turn) -> str:
    """Danger is passed on before the compound is known; the advice comes before the question."""
    problem = str(turn.slots.get("problem", ""))
    person: Person = turn.speaker
    if not is_dangerous(problem) or person.company_id is None:
        return ""
    for manager in staff_to_alarm(turn.session, person.company_id):
        outbox.put(
            turn.session,
            account=manager.account,
            openid=manager.openid,
            kind="danger_heard",
            data={"problem": problem, "where": "还没说清在哪里", "name": person.name or "一位没有绑定房屋的关注者"},
            dedupe_key=turn.incoming.key,
            now=turn.now,
        )
    return f"{advice(problem)}\n"
