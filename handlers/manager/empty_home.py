"""登记空置, 结束空置: a home stands empty, on a proof, and pays less of the service fee from a day on; somebody lives there again."""

from datetime import date

from bot.flow import Again, Done, Flow, Next, Outcome, Slot, Turn
from handlers.day_said import day_said, without_days
from handlers.speaker import Person
from handlers.which_home import HOME
from models.billing import vacancies
from models.billing.vacancies import Relief
from models.db import SHANGHAI
from models.estate.addresses import find_addresses
from models.estate.queries import communities_of
from models.estate.tables import Home
from models.money import shown
from models.payments.terms import terms_of

ASK_SINCE = "从哪天空着的？比如「2025-09-01」，以证明上的日子为准。"
ASK_LIVED = "从哪天起有人住？比如「2026-05-10」。"
ASK_PROOF = "凭什么认定的？说一句就行，比如「申请书，水电表半年没走」。"


def _take_day(turn: Turn, ask: str) -> Outcome:
    found = day_said(turn.text, turn.now.astimezone(SHANGHAI).date()) if turn.asked in ("", "day") else None
    if found is not None:
        return Next(found.isoformat())
    return Again(ask) if turn.asked == "day" else None


def take_since(turn: Turn) -> Outcome:
    return _take_day(turn, ASK_SINCE)


def take_lived(turn: Turn) -> Outcome:
    return _take_day(turn, ASK_LIVED)


def take_proof(turn: Turn) -> Outcome:
    """What was said besides the home and the day."""
    if turn.asked == "proof":
        return Next(turn.text.strip()[:200]) if turn.text.strip() else None
    if turn.asked:
        return None
    names = {community.name for community in communities_of(turn.session, turn.speaker.company_id)}
    words = without_days(turn.text.strip().removeprefix("登记空置")).split()
    rest = [word for word in words if word not in names and not find_addresses(word, bare_room=False)]
    return Next(" ".join(rest)[:200]) if rest else None


def _home(turn: Turn) -> Home:
    return turn.session.get_one(Home, turn.slots["home"]["home_id"])


def _relief(turn: Turn) -> Relief:
    terms = terms_of(turn.session, turn.slots["home"]["community_id"])
    return Relief(terms.vacancy_months, terms.vacancy_pays, terms.vacancy_document)


def ask_empty(turn: Turn) -> str:
    relief, since = _relief(turn), date.fromisoformat(turn.slots["day"])
    begins = vacancies.begins(relief, since, turn.now)
    return (
        f"{turn.slots['home']['label']} {since}起空着（{turn.slots['proof']}）。"
        f"按{relief.document}，从{begins}起物业费收{relief.pays}%，公摊、垃圾费不变，已出的账单不变。对吗？"
    )


def empty(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    row = vacancies.register(
        turn.session, _home(turn), _relief(turn), date.fromisoformat(turn.slots["day"]), turn.slots["proof"],
        by=person.log_name, now=turn.now,
    )  # fmt: skip
    label = turn.slots["home"]["label"]
    return Done(f"登记好了：{label} 从{row.from_day}起物业费收{row.pays}%。有人住了，请说「结束空置」加房号和日子。")


def ask_lived_in(turn: Turn) -> str:
    return f"{turn.slots['home']['label']} 从{turn.slots['day']}起有人住，按原价收，已经按空置价收过的补收差额。对吗？"


def lived_in(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    made = vacancies.end(
        turn.session, _home(turn), date.fromisoformat(turn.slots["day"]), by=person.log_name, now=turn.now
    )
    more = f"补收{shown(sum(bill.amount for bill in made))}，已记入账单。" if made else "不用补收。"
    return Done(f"好的，{turn.slots['home']['label']} 从{turn.slots['day']}起按原价收。{more}")


_MANAGERS = frozenset({"manager"})
_REFUSAL = "空置由物业经理登记。要办，请带上空置申请和水电表读数到物业。"

EMPTY = Flow(
    intent="home_stands_empty",
    title="登记空置",
    roles=_MANAGERS,
    commands=("登记空置 {house?} {text?}",),
    slots=(
        HOME,
        Slot("day", take=take_since, ask=ASK_SINCE),
        Slot("proof", take=take_proof, ask=ASK_PROOF, free_text=True),
    ),
    confirm=ask_empty,
    finish=empty,
    refusal=_REFUSAL,
)
LIVED_IN = Flow(
    intent="home_is_lived_in",
    title="结束空置",
    roles=_MANAGERS,
    commands=("结束空置 {house?} {text?}",),
    slots=(HOME, Slot("day", take=take_lived, ask=ASK_LIVED)),
    confirm=ask_lived_in,
    finish=lived_in,
    refusal=_REFUSAL,
)
FLOWS = (EMPTY, LIVED_IN)
