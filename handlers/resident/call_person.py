"""人工: somebody of the company is told that this person wants to talk, and what they said."""

from datetime import timedelta

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.estate.queries import company_by_id
from models.messaging import outbox
from models.people.queries import staff_to_alarm

# One call is enough for a while: the same person asking again within this time does not ring twice.
RING_AGAIN = timedelta(minutes=10)


def call_person(turn: Turn) -> Outcome:
    return Done(hand_over(turn))


def hand_over(turn: Turn) -> str:
    """Tell the staff; returns what the person hears."""
    person: Person = turn.speaker
    company = company_by_id(turn.session, person.company_id)
    if company is None:
        return "还没有物业公司使用这个公众号，暂时没有人能接待您。"
    slot = int(turn.now.timestamp() // RING_AGAIN.total_seconds())
    for member in staff_to_alarm(turn.session, company.id, community_ids=[home.community_id for home in person.homes]):
        outbox.put(
            turn.session,
            account=member.account,
            openid=member.openid,
            kind="person_wanted",
            data={
                "name": person.name or "一位没有绑定房屋的关注者",
                "home": f"{person.homes[0].community}{person.homes[0].label}" if person.homes else "",
                "phone": person.homes[0].phone if person.homes else "",
                "words": turn.text[:100],
            },
            dedupe_key=f"{person.openid}:{slot}",
            now=turn.now,
        )
    phone = f"急事请直接打 {company.hotline}。" if company.hotline else ""
    return f"已经告诉物业的工作人员，会尽快联系您。{phone}"


FLOW = Flow(
    intent="human",
    title="找工作人员",
    commands=("人工",),
    examples=EXAMPLES["human"],
    finish=call_person,
    quick=True,
)
