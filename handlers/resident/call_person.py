"""人工: somebody of the company is told that this person wants to talk; who takes it and the person then talk here."""

from datetime import datetime, timedelta

from bot.flow import Again, Detour, Done, Flow, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.talking import FOR_THE_OTHER, ONLY_WORDS, OPEN_FOR
from models.calendar import at_work, next_opening
from models.estate.tables import Company
from models.estate.working_days import calendars_of
from models.messaging import outbox
from models.messaging.quiet import is_quiet
from models.people.queries import staff_to_alarm
from models.people.talks import Talk, Wanting, close, open_talk, person_says, still_open
from models.workorders.time_words import moment

# One call is enough for a while: the same person asking again within this time does not ring twice.
RING_AGAIN = timedelta(minutes=10)
SURE = 0.8  # while nobody has come yet, what the program can answer is answered

NOBODY_YET = "记下了，接待您的人来了就能看到。不找了请回复「结束」。"
OVER = "好的，和工作人员的对话结束了。有事随时说。"
WAS_OVER = "刚才和工作人员的对话已经结束了。还要找人，请再回复「人工」。"


def call_person(turn: Turn) -> Outcome:
    """Staff are called, and from now on the person's words are for them."""
    said, talk = _called(turn)
    return Done(said, then=Detour("talk_with_staff", {"talk": talk.id})) if talk is not None else Done(said)


def hand_over(turn: Turn) -> str:
    """Staff are called because the program does not get on; returns what the person hears."""
    return _called(turn)[0]


def _called(turn: Turn) -> tuple[str, Talk | None]:
    person: Person = turn.speaker
    company = turn.session.get(Company, person.company_id) if person.company_id else None
    if company is None:
        return "还没有物业公司使用这个公众号，暂时没有人能接待您。", None
    home = person.homes[0] if person.homes else None
    talk = open_talk(
        turn.session,
        Wanting(
            company.id, home.community_id if home else None, person.account, person.openid,
            person.name or "一位没有绑定房屋的关注者", f"{home.community}{home.label}" if home else "",
        ),
        turn.text,
        now=turn.now,
    )  # fmt: skip
    if talk.staff_id is not None:
        person_says(turn.session, talk, turn.text, now=turn.now)
        return "已经转给正在接待您的人，请接着说。", talk
    _ring(turn, company, talk)
    phone = f"急事请直接打 {company.hotline}。" if company.hotline else ""
    return f"{_when(turn, company, talk)}{phone}", talk


def _ring(turn: Turn, company: Company, talk: Talk) -> None:
    person: Person = turn.speaker
    slot = int(turn.now.timestamp() // RING_AGAIN.total_seconds())
    for member in staff_to_alarm(turn.session, company.id, [talk.community_id] if talk.community_id else []):
        outbox.put(
            turn.session,
            account=member.account,
            openid=member.openid,
            kind="person_wanted",
            data={
                "number": talk.id, "name": talk.name, "home": talk.home, "phone": person.phone, "words": turn.text[:100],
            },
            dedupe_key=f"{person.openid}:{slot}",
            now=turn.now,
        )  # fmt: skip


def _when(turn: Turn, company: Company, talk: Talk) -> str:
    """An honest word about when somebody will come."""
    if is_quiet(turn.session, turn.speaker.account, turn.now):
        return "现在是夜里，已经记下了，早上一上班就联系您。有危险请直接说是什么情况，马上有人管。"
    opening = _opening(turn, company, talk)
    if opening is not None:
        return f"现在不是上班时间，已经记下了，{moment(opening, turn.now)}上班后联系您。要说的话可以先留在这里。"
    return "已经告诉物业的工作人员，会尽快联系您。要说的话可以先留在这里，不找了请回复「结束」。"


def _opening(turn: Turn, company: Company, talk: Talk) -> datetime | None:
    """When the office opens next; None while it is open, or when it never does."""
    calendar = calendars_of(turn.session, company.id, turn.now).of(talk.community_id or 0)
    try:
        return None if at_work(calendar, turn.now) else next_opening(calendar, turn.now)
    except ValueError:
        return None


# --- while they talk --------------------------------------------------------------------------------------------------


def take_words(turn: Turn) -> Outcome:
    """What is said is for the member of staff. While nobody has come, the program still answers what it can."""
    if turn.asked != "words":
        return None
    talk = still_open(turn.session, turn.slots["talk"])
    if talk is None:
        return None
    if not turn.text:
        return Again(ONLY_WORDS)
    if talk.staff_id is None and turn.meaning.confidence >= SURE and turn.meaning.intent not in FOR_THE_OTHER:
        return None
    passed_on = person_says(turn.session, talk, turn.text, now=turn.now)
    return Again("" if passed_on else NOBODY_YET)


def keep_open(turn: Turn) -> Question:
    """Nothing is asked: the person speaks when they like. Once it is over, so is this."""
    return "" if still_open(turn.session, turn.slots["talk"]) is not None else Done(WAS_OVER)


def end(turn: Turn) -> Outcome:
    talk = still_open(turn.session, turn.slots["talk"])
    if talk is None:
        return Done(WAS_OVER)
    close(turn.session, talk, "person", now=turn.now)
    return Done(OVER)


def never(turn: Turn) -> Outcome:
    return Done(WAS_OVER)


FLOWS = (
    Flow(
        intent="human",
        title="找工作人员",
        commands=("人工",),
        examples=EXAMPLES["human"],
        finish=call_person,
        quick=True,
    ),
    Flow(
        intent="talk_with_staff",
        title="和工作人员说话",
        slots=(
            Slot("talk", take=lambda turn: None, known=lambda turn: Done(WAS_OVER)),
            Slot("words", take=take_words, ask=keep_open, free_text=True, only_commands=True, answers=FOR_THE_OTHER),
        ),
        finish=never,
        put_down=end,
        open_for=OPEN_FOR,
    ),
)
