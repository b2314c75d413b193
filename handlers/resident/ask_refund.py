"""押金, 退款: what of somebody's money is with us, and how it goes back."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.payments_seen import homes_of_payments
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from models.money import shown
from models.payments.deposits import Held, held_for
from models.payments.purses import held_of
from models.payments.receipts import number_of

BACK = "装修验收好了，带上押金收据到收费处退；收据丢了，写一份遗失声明也能退。"
OTHERS = "交重了、多交了的，请到收费处或者回复「人工」，核对好就退。"


def tell(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    homes = homes_of_payments(person)
    held = held_for(turn.session, homes, of_today=True) if homes else ()
    lines = [_line(one) for one in held]
    if lines:
        lines.append(BACK)
    elif "押金" in turn.text:
        lines.append(f"{'您家现在没有押金在物业。' if homes else ''}{BACK}")
    in_advance = sum(held_of(turn.session, homes).values()) if homes else 0
    if in_advance and "押金" not in turn.text:
        lines.append(f"您家预存款还有{shown(in_advance)}，出账时自动抵扣，要退也可以。")
    return Done("\n".join([*lines, OTHERS] if "押金" not in turn.text else lines))


def _line(one: Held) -> str:
    return f"{one.name}{shown(one.deposit.fen)}，{one.payment.at:%Y-%m-%d}交的，收据{number_of(one.receipt)}。"


FLOW = Flow(
    intent="refund_query",
    title="问退款和押金",
    commands=("押金",),
    examples=EXAMPLES["refund_query"],
    finish=tell,
    quick=True,
)
