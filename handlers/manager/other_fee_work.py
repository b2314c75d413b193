"""减免, 退款, 调价 and the like, in free words: what can be done here is named, and what cannot is said plainly."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES


def tell(turn: Turn) -> Outcome:
    return Done(
        "收款请说「收款 3-2-501 165.33 现金」；看算好的账单说「出账」，发给业主说「发布账单」。\n"
        "减免、退款、冲红和调价还不能在聊天里办。"
    )


FLOW = Flow(
    intent="manager_fee_op",
    title="办收费的事",
    roles=frozenset({"manager", "clerk", "cashier"}),
    examples=EXAMPLES["manager_fee_op"],
    finish=tell,
    quick=True,
    refusal="这是物业内部用的。看自己家的，请回复「账单」。",
)
