"""解绑: this WeChat stops speaking for a home. The company's books stay as they are."""

from typing import Any

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import HomeTie, Person, identify
from models.people.binding import unbind

NO_HOME = "您没有绑定房屋，不用解绑。"


def take_home(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if not person.homes:
        return Done(NO_HOME)
    if turn.asked == "home" and turn.choice is not None:
        return Next(turn.choice)
    named = [home for home in person.homes if home.label in turn.text or home.key in turn.text]
    return Next(named[0].home_id) if len(named) == 1 else None


def only_home(turn: Turn) -> Any:
    homes = turn.speaker.homes
    return homes[0].home_id if len(homes) == 1 else None


def ask_home(turn: Turn) -> Question:
    homes = turn.speaker.homes
    return Ask("要解绑哪一套？", tuple(Choice(home.home_id, f"{home.community}{home.label}") for home in homes))


def confirm(turn: Turn) -> str:
    home = _chosen(turn)
    place = f"{home.community}{home.label}" if home is not None else "这套房"
    return f"要解绑{place}吗？解绑后这个微信就收不到这套房的消息了，物业的登记不变。"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home = _chosen(turn)
    if home is None:
        return Done("这套房已经解绑了。")
    unbind(
        turn.session,
        account=person.account,
        openid=person.openid,
        home_id=home.home_id,
        company_id=person.company_id,
        now=turn.now,
    )
    turn.speaker = identify(turn.session, turn.incoming, turn.now)
    return Done(f"已解绑{home.community}{home.label}。以后要再绑定，回复「绑定」就行。")


def _chosen(turn: Turn) -> HomeTie | None:
    person: Person = turn.speaker
    return next((home for home in person.homes if home.home_id == turn.slots["home"]), None)


FLOW = Flow(
    intent="unbind",
    title="解绑房屋",
    commands=("解绑 {text?}",),
    examples=EXAMPLES["unbind"],
    slots=(Slot("home", take=take_home, ask=ask_home, known=only_home),),
    confirm=confirm,
    finish=finish,
)
