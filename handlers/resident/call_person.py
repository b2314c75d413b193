"""人工: somebody of the company is told that this person wants to talk, and what they said."""

from datetime import timedelta

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.estate.tables import Company
from models.messaging import outbox
from models.messaging.quiet import is_quiet
from models.people.queries import staff_to_alarm

# One call is enough for a while: the same person asking again within this time does not ring twice.
RING_AGAIN = timedelta(minutes=10)


def call_person(turn: Turn) -> Outcome:
    return Done(hand_over(turn))


def hand_over(turn: Turn) -> str:
    """Tell the staff; returns what the person hears."""
    person: Person = turn.speaker
    company = turn.session.get(Company, person.company_id) if person.company_id else None
    if company is None:
        return "还没有物业公司使用这个公众号，暂时没有人能接待您。"
    slot = int(turn.now.timestamp() // RING_AGAIN.total_seconds())
    home = person.homes[0] if person.homes else None
    managers = staff_to_alarm(turn.session, company.id, [home.community_id] if home else [])
    for member in managers:
        outbox.put(
            turn.session,
            account=member.account,
            openid=member.openid,
            kind="person_wanted",
            data={
                "name": person.name or "一位没有绑定房屋的关注者",
                "home": f"{home.community}{home.label}" if home else "",
                "phone": person.phone,
                "words": turn.text[:100],
            },
            dedupe_key=f"{person.openid}:{slot}",
            now=turn.now,
        )
    phone = f"急事请直接打 {company.hotline}。" if company.hotline else ""
    if is_quiet(turn.session, person.account, turn.now):
        return f"现在是夜里，已经记下了，早上一上班就联系您。{phone}有危险请直接说是什么情况，马上有人管。"
    return f"已经告诉物业的工作人员，会尽快联系您。{phone}"


FLOW = Flow(
    intent="human",
    title="找工作人员",
    commands=("人工",),
    examples=EXAMPLES["human"],
    finish=call_person,
    quick=True,
)
