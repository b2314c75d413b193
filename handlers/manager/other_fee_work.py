"""减免, 退款, 调价 and the like, in free words: what can be done here is named, and what cannot is said plainly."""

from typing import Any

from bot.flow import Detour, Done, Flow, Next, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.which_home import take_home


def tell(turn: Turn) -> Outcome:
    for word, intent in _DONE_HERE.items():
        if word in turn.text:
            return Done("", then=Detour(intent, _heard(turn)))
    return Done(
        "收款请说「收款 3-2-501 165.33 现金」；看算好的账单说「出账」，发给业主说「发布账单」。\n"
        "减免说「减免 3-2-501 60 维修延误」，退款说「退款 收据号 金额 原因」。\n"
        "账单算错了要冲红、重新出，在电脑上「找房收款」里点开那张账单；调价在「收费标准」。说「登录」告诉您怎么打开。"
    )


_DONE_HERE = {
    "空置": "home_stands_empty",
    "减免": "waive_fee",
    "过户": "hand_over_home",
    "退押金": "return_deposit",
    "押金": "take_deposit",
}


def _heard(turn: Turn) -> dict[str, Any]:
    """The home, if the words name one."""
    found = take_home(turn)
    return {"home": found.value} if isinstance(found, Next) else {}


FLOW = Flow(
    intent="manager_fee_op",
    title="办收费的事",
    roles=frozenset({"manager", "clerk", "cashier"}),
    examples=EXAMPLES["manager_fee_op"],
    finish=tell,
    quick=True,
    refusal="这是物业内部用的。看自己家的，请回复「账单」。",
)
