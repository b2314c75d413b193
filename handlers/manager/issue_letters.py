"""催款函, 律师材料: whom a letter is due to is shown first; what is confirmed is written down, and the paper is behind a link."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_compounds import names_meant
from models.dunning.letters import issue, ready, undelivered
from models.dunning.queries import Late, late_homes, rules_of
from models.dunning.steps import LAWYER, LETTER
from models.estate.queries import communities_of
from models.money import shown

AT_ONCE = 200
NAMED = 8
REFUSAL = "这是物业内部用的。看自己家的，请回复「账单」。"
PAGE = "/m/demand-letters"


def _due(turn: Turn, step: int) -> list[Late]:
    rules = rules_of(turn.session, turn.speaker.company_id or 0)
    return ready(late_homes(turn.session, list(names_meant(turn)), rules, turn.now), step)[:AT_ONCE]


def _link(turn: Turn) -> str:
    base = getattr(turn.settings, "public_url", "")
    return f'<a href="{base}{PAGE}">点这里看和打印</a>' if base else "用命令 demand-letters 打印。"


def take_letters(turn: Turn) -> Outcome:
    if "homes" in turn.slots:
        return None
    due = _due(turn, LETTER)
    if due:
        return Next([one.home.id for one in due])
    waiting = undelivered(turn.session, list(names_meant(turn)))
    if waiting:
        return Done(
            f"没有新的要出函。还有{len(waiting)}封没登记送达，{_link(turn)}\n送到了回复「登记催缴 房号 EMS单号」。"
        )
    return Done("没有要出催款函的：提醒过两次、过期30天还没交的才出函。")


def take_files(turn: Turn) -> Outcome:
    if "homes" in turn.slots:
        return None
    due = _due(turn, LAWYER)
    return (
        Next([one.home.id for one in due])
        if due
        else Done("没有要准备律师材料的：送过催款函、过期60天、金额够的才准备。")
    )


def _question(turn: Turn, step: int, words: str) -> str:
    chosen = set(turn.slots["homes"])
    those = [one for one in _of_all(turn, step) if one.home.id in chosen]
    lines = [f"{words} {len(those)}户，{shown(sum(one.fen for one in those))}："]
    lines += [f"· {one.label} {shown(one.fen)}" for one in those[:NAMED]]
    return "\n".join([*lines, f"……共{len(those)}户"] if len(those) > NAMED else lines)


def _of_all(turn: Turn, step: int) -> list[Late]:
    """Of all compounds of the speaker, whatever the last message named: what was shown is what is done."""
    person: Person = turn.speaker
    theirs = [one.id for one in communities_of(turn.session, person.company_id or 0, only=person.community_ids)]
    rules = rules_of(turn.session, person.company_id or 0)
    return ready(late_homes(turn.session, theirs, rules, turn.now, homes=turn.slots["homes"]), step)


def _issue(turn: Turn, step: int) -> int:
    person: Person = turn.speaker
    return len(issue(turn.session, _of_all(turn, step), by=person.log_name, now=turn.now))


def ask_letters(turn: Turn) -> str:
    return _question(turn, LETTER, "要出催款函吗？")


def ask_files(turn: Turn) -> str:
    return _question(turn, LAWYER, "同意准备律师材料吗？只整理材料，不会发给业主。")


def give_letters(turn: Turn) -> Outcome:
    return Done(f"出了{_issue(turn, LETTER)}封催款函，{_link(turn)}\n送到了回复「登记催缴 房号 EMS单号」。")


def give_files(turn: Turn) -> Outcome:
    return Done(f"记下了，{_issue(turn, LAWYER)}户同意准备律师材料。每次催缴的凭据回复「催缴记录 房号」。")


FLOWS = (
    Flow(
        intent="demand_letters",
        title="出催款函",
        roles=frozenset({"manager"}),
        commands=("催款函 {text?}",),
        slots=(Slot("homes", take=take_letters),),
        confirm=ask_letters,
        finish=give_letters,
        refusal=REFUSAL,
    ),
    Flow(
        intent="lawyer_files",
        title="准备律师材料",
        roles=frozenset({"manager"}),
        commands=("律师材料 {text?}",),
        slots=(Slot("homes", take=take_files),),
        confirm=ask_files,
        finish=give_files,
        refusal=REFUSAL,
    ),
)
