"""代扣: what an owner sees of the direct debit of their homes, by the bank or by WeChat, and ends with a word. Whoever signs with the
bank does so on paper; with WeChat, where it is switched on, on a page."""

from dataclasses import dataclass

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.papay import link, offered
from handlers.speaker import Person
from models.debit.agreements import masked
from models.debit.mandates import of_homes, revoke
from models.errors import Refusal
from models.papay.contracts import signed_of, want_end

NONE = "您家没有签银行代扣。想签的话，请带身份证和银行卡到物业办。"
NOT_BOUND = "您还没有绑定房屋，看不了代扣。请回复「绑定」，我来帮您。"
BY_WECHAT = "从微信自动扣款"


@dataclass(frozen=True)
class Debit:
    """One way by which a home is debited. `key`: bank:<home> or wechat:<contract>."""

    key: str
    home: str
    way: str
    since: str


def _homes(turn: Turn) -> dict[int, str]:
    person: Person = turn.speaker
    return {home.home_id: f"{home.community}{home.label}" for home in person.homes_where("see_bills")}


def _theirs(turn: Turn) -> list[Debit]:
    homes = _homes(turn)
    banks = of_homes(turn.session, list(homes))
    found = [
        Debit(
            f"bank:{number}", homes[number], f"从银行卡 {masked(mandate.tail)}（{_star(mandate.holder)}）代扣",
            str(mandate.from_day),
        )
        for number, mandate in banks.items()
    ]  # fmt: skip
    contracts = signed_of(turn.session, list(homes))
    return [
        *found,
        *(
            Debit(f"wechat:{contract.id}", homes[number], BY_WECHAT, str(contract.from_day))
            for number, contract in contracts.items()
        ),
    ]


def show(turn: Turn) -> Outcome:
    lines = [f"{debit.home}：{debit.way}，{debit.since}起。" for debit in _theirs(turn)]
    if lines:
        return Done("\n".join([*lines, "不想代扣了，回复「取消代扣」。"]))
    homes = _homes(turn)
    if not homes or not offered(turn.settings):
        return Done(NONE)
    return Done(f"{NONE}\n也可以让微信自动扣：\n{link(turn.settings, next(iter(homes)))}")


def _star(name: str) -> str:
    """*伟: the card may be somebody else's."""
    return f"*{name[1:]}" if len(name) > 1 else "*"


def take_which(turn: Turn) -> Outcome:
    if turn.asked != "which":
        return None
    return Next(turn.choice) if turn.choice is not None else Again("请回复前面的数字。")


def known_one(turn: Turn) -> object:
    found = _theirs(turn)
    if not found:
        raise Refusal(NONE)
    return found[0].key if len(found) == 1 else None


def ask_which(turn: Turn) -> Question:
    choices = (Choice(debit.key, f"{debit.home} {debit.way}") for debit in _theirs(turn))
    return Ask("取消哪一个代扣？", tuple(choices))


def _chosen(turn: Turn) -> Debit:
    """Raises Refusal when it is no longer theirs, or ended meanwhile."""
    for debit in _theirs(turn):
        if debit.key == turn.slots["which"]:
            return debit
    raise Refusal(NONE)


def question(turn: Turn) -> str:
    debit = _chosen(turn)
    return f"取消{debit.home}{debit.way}？以后要自己交费。"


def end(turn: Turn) -> Outcome:
    debit = _chosen(turn)
    kind, _, number = debit.key.partition(":")
    if kind == "wechat":
        want_end(turn.session, int(number), "业主取消", by=turn.speaker.log_name, now=turn.now)
        return Done(f"取消了，{debit.home}以后不再从微信自动扣。微信正在扣的那一次还会扣。要交费请回复「账单」。")
    revoke(turn.session, int(number), "业主取消", by=turn.speaker.log_name, now=turn.now)
    return Done(f"取消了，{debit.home}以后不再代扣。已经交给银行的那一次还会扣。要交费请回复「账单」。")


FLOWS = (
    Flow(
        intent="see_mandate",
        title="看代扣",
        roles=frozenset({"resident"}),
        commands=("代扣", "银行代扣", "自动扣款"),
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
        slots=(Slot("which", take=take_which, ask=ask_which, known=known_one),),
        confirm=question,
        finish=end,
        refusal=NOT_BOUND,
    ),
)
