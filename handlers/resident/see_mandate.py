"""代扣: what an owner sees of the direct debit of their homes, and ends with a word. Whoever signs one does so on paper."""

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.debit.agreements import masked
from models.debit.mandates import of_homes, revoke
from models.debit.tables import Mandate
from models.errors import Refusal

NONE = "您家没有签银行代扣。想签的话，请带身份证和银行卡到物业办。"
NOT_BOUND = "您还没有绑定房屋，看不了代扣。请回复「绑定」，我来帮您。"


def _theirs(turn: Turn) -> list[tuple[str, Mandate]]:
    person: Person = turn.speaker
    homes = {home.home_id: f"{home.community}{home.label}" for home in person.homes_where("see_bills")}
    found = of_homes(turn.session, list(homes))
    return [(homes[number], mandate) for number, mandate in found.items()]


def show(turn: Turn) -> Outcome:
    lines = [
        f"{label}：从银行卡 {masked(mandate.account)}（{_star(mandate.holder)}）代扣，{mandate.from_day}起。"
        for label, mandate in _theirs(turn)
    ]
    return Done("\n".join([*lines, "不想代扣了，回复「取消代扣」。"]) if lines else NONE)


def _star(name: str) -> str:
    """*伟: the card may be somebody else's."""
    return f"*{name[1:]}" if len(name) > 1 else "*"


def take_home(turn: Turn) -> Outcome:
    if turn.asked != "which":
        return None
    return Next(turn.choice) if turn.choice is not None else Again("请回复前面的数字。")


def known_home(turn: Turn) -> object:
    found = _theirs(turn)
    if not found:
        raise Refusal(NONE)
    return found[0][1].home_id if len(found) == 1 else None


def ask_home(turn: Turn) -> Question:
    return Ask("取消哪一户的代扣？", tuple(Choice(mandate.home_id, label) for label, mandate in _theirs(turn)))


def _chosen(turn: Turn) -> tuple[str, Mandate]:
    """Raises Refusal when it is no longer theirs, or ended meanwhile."""
    for label, mandate in _theirs(turn):
        if mandate.home_id == turn.slots["which"]:
            return label, mandate
    raise Refusal(NONE)


def question(turn: Turn) -> str:
    label, mandate = _chosen(turn)
    return f"取消{label}从银行卡 {masked(mandate.account)} 的代扣？以后要自己交费。"


def end(turn: Turn) -> Outcome:
    label, mandate = _chosen(turn)
    revoke(turn.session, mandate.home_id, "业主取消", by=turn.speaker.log_name, now=turn.now)
    return Done(f"取消了，{label}以后不再代扣。已经交给银行的那一次还会扣。要交费请回复「账单」。")


FLOWS = (
    Flow(
        intent="see_mandate",
        title="看代扣",
        roles=frozenset({"resident"}),
        commands=("代扣", "银行代扣"),
        examples=("我家代扣是哪张卡", "看看代扣", "有没有签代扣"),
        finish=show,
        quick=True,
        refusal=NOT_BOUND,
    ),
    Flow(
        intent="end_mandate",
        title="取消代扣",
        roles=frozenset({"resident"}),
        commands=("取消代扣", "解除代扣"),
        examples=("不要从我卡里扣了", "代扣取消掉", "以后别自动扣款了"),
        slots=(Slot("which", take=take_home, ask=ask_home, known=known_home),),
        confirm=question,
        finish=end,
        refusal=NOT_BOUND,
    ),
)
