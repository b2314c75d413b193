"""缴费记录, 收据: what was paid, and the receipt for it."""

from bot.flow import Detour, Done, Flow, Outcome, Turn
from handlers.links import receipt_link
from handlers.phrases import EXAMPLES
from handlers.purses import purses_of
from handlers.resident.see_bills import NOT_BOUND
from models.money import shown
from models.payments.purses import held_of
from models.payments.queries import payments_of
from models.payments.receipts import CHANNELS, number_of

NOTHING = "还没有缴费记录。"


def _homes(turn: Turn) -> list[int]:
    """The homes all of whose money this person may see: what an owner paid is not the tenant's business."""
    return [purse.home.home_id for purse in purses_of(turn.speaker) if purse.payer is None]


def show(turn: Turn) -> Outcome:
    homes = _homes(turn)
    if not homes:
        return Done("缴费记录要业主或家人来看。" if purses_of(turn.speaker) else NOT_BOUND)
    names = {purse.home.home_id: purse.name for purse in purses_of(turn.speaker)}
    found = payments_of(turn.session, homes)
    lines = [f"{name}：" for name in names.values()] if len(names) == 1 else []
    for payment, receipt in found:
        where = "" if len(names) == 1 else f"{names[payment.home_id]} "
        back = f"（已退{shown(payment.refunded)}）" if payment.refunded else ""
        lines.append(
            f"{payment.at:%Y-%m-%d} {where}{shown(payment.fen)} {CHANNELS[payment.channel]} 收据{number_of(receipt)}{back}"
        )
    if not found:
        lines.append(NOTHING)
    held = held_of(turn.session, homes)
    lines += [f"预存款还有{shown(sum(held.values()))}，出账时自动抵扣。"] if held else []
    return Done("\n".join([*lines, "看最近一张收据，回复「收据」。"] if found else lines))


def show_receipt(turn: Turn) -> Outcome:
    if any(word in turn.text for word in ("发票", "开票", "专票", "普票")):
        return Done("", then=Detour("invoice_request"))
    homes = _homes(turn)
    if not homes:
        return Done("收据要业主或家人来看。" if purses_of(turn.speaker) else NOT_BOUND)
    found = payments_of(turn.session, homes, limit=1)
    if not found:
        return Done(NOTHING)
    payment, receipt = found[0]
    content = receipt.content
    lines = [f"收据 {number_of(receipt)}", f"房屋：{content['home']}", f"交款人：{content['payer']}"]
    lines += [f"{words}　{shown(fen)}" for words, fen in content["positions"]]
    lines += [f"合计：{content['shown']}（{content['capitals']}）", f"{content['channel']}，{payment.at:%Y-%m-%d}"]
    lines += [link] if (link := receipt_link(turn, receipt.id)) else []
    return Done("\n".join([*lines, "要发票请回复「开发票」，要纸质收据请回复「人工」。"]))


_RESIDENTS = frozenset({"resident"})

HISTORY = Flow(
    intent="bill_history",
    title="看缴费记录",
    roles=_RESIDENTS,
    commands=("缴费记录",),
    examples=EXAMPLES["bill_history"],
    finish=show,
    quick=True,
    refusal=NOT_BOUND,
)
RECEIPT = Flow(
    intent="receipt",
    title="看收据",
    roles=_RESIDENTS,
    commands=("收据",),
    examples=EXAMPLES["receipt"],
    finish=show_receipt,
    quick=True,
    refusal=NOT_BOUND,
)
FLOWS = (HISTORY, RECEIPT)
