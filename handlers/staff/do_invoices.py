"""待开发票, 发票已开 3 号码, 发票已发 3, 红冲发票 3: the cashier's list of what was asked for, and how far each is."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import said_text
from models.errors import Refusal
from models.money import shown
from models.payments import invoicing
from models.payments.invoice_rules import KINDS, STATES

_OFFICE = frozenset({"cashier", "clerk", "manager"})
_REFUSAL = "这是收费员用的。要开发票，请回复「开发票」。"


def tell(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    found = invoicing.waiting(turn.session, person.company_id or 0, person.community_ids)
    if not found:
        return Done("没有等着开的发票。")
    lines = [
        f"{one.id}号（{STATES[one.state]}）{KINDS[one.kind]} {shown(one.fen)} {one.title} {one.tax_number} {one.email}"
        for one in found
    ]
    return Done("\n".join([*lines, "开好了回复「发票已开 号 发票号码」，发走了回复「发票已发 号」。"]))


def take_request(turn: Turn) -> Outcome:
    said = turn.said("order_no")
    return Next(int(said)) if said is not None else Done("是几号申请？回复「待开发票」看清单。")


def _step(turn: Turn, state: str, number: str = "") -> str:
    person: Person = turn.speaker
    invoice = invoicing.find(
        turn.session, int(turn.slots["request"]), company_id=person.company_id or 0, community_ids=person.community_ids
    )
    invoicing.go_on(turn.session, invoice, state, number=number, by=person.log_name, now=turn.now)
    return f"{invoice.id}号发票现在是「{STATES[state]}」。"


def issued(turn: Turn) -> Outcome:
    number = said_text(turn)
    if not number.isalnum() or len(number) > 32:
        raise Refusal("请写发票号码，比如「发票已开 3 26312000000012345678」。")
    return Done(_step(turn, "issued", number))


def sent(turn: Turn) -> Outcome:
    return Done(_step(turn, "sent"))


def reversed_(turn: Turn) -> Outcome:
    return Done(f"{_step(turn, 'reversed')}账单可以重新申请发票。")


_REQUEST = Slot("request", take=take_request)

FLOWS = (
    Flow(
        intent="invoice_list", title="看待开发票", roles=_OFFICE, commands=("待开发票",), finish=tell, refusal=_REFUSAL
    ),
    Flow(
        intent="invoice_issued",
        title="登记发票已开",
        roles=_OFFICE,
        commands=("发票已开 {order_no?} {text?}",),
        slots=(_REQUEST,),
        finish=issued,
        refusal=_REFUSAL,
    ),
    Flow(
        intent="invoice_sent",
        title="登记发票已发",
        roles=_OFFICE,
        commands=("发票已发 {order_no?}",),
        slots=(_REQUEST,),
        finish=sent,
        refusal=_REFUSAL,
    ),
    Flow(
        intent="invoice_reversed",
        title="红冲发票",
        roles=_OFFICE,
        commands=("红冲发票 {order_no?}",),
        slots=(_REQUEST,),
        confirm=lambda turn: f"要登记{turn.slots['request']}号发票已红冲吗？",
        finish=reversed_,
        refusal=_REFUSAL,
    ),
)
