"""同意 12, 不同意 12: the home's answer to a quote, before anything is done; the manager's to one off the price list."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import said_text
from models.money import shown
from models.workorders.queries import find
from models.workorders.quoting import agree, approve, decides_there, live_quote, refuse
from models.workorders.tables import WorkOrder

NOTHING = "现在没有等您同意的报价。"


def take_order(turn: Turn) -> Outcome:
    """The number that was said, or for a bare 1 the quote that waits for this person."""
    said = turn.said("order_no")
    if said is not None:
        return Next(int(said))
    person: Person = turn.speaker
    if person.awaiting == "quote_offered" and person.awaiting_order is not None:
        return Next(person.awaiting_order)
    return Done(NOTHING)


def take_reason(turn: Turn) -> Outcome:
    words = said_text(turn)
    return Next(words) if words else None


def _order(turn: Turn) -> WorkOrder:
    person: Person = turn.speaker
    return find(turn.session, person.actor(), int(turn.slots["order"]))


def say_yes(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, actor = _order(turn), person.actor()
    live = live_quote(turn.session, order.id)
    if person.is_manager and not (live and live.state == "offered" and decides_there(turn.session, order, actor)):
        made = approve(turn.session, order, now=turn.now, actor=actor)
        return Done(f"#{order.id} 的报价{shown(made.fen)}您同意了，已发给住户，等住户答复。")
    made = agree(turn.session, order, now=turn.now, actor=actor)
    return Done(f"好的，#{order.id} 按{shown(made.fen)}做，已告诉师傅。修好后再交费，交了就有收据。")


def say_no(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = _order(turn)
    reason = str(turn.slots.get("reason", ""))
    live = live_quote(turn.session, order.id)
    by_manager = live is not None and live.state == "checking"
    made = refuse(turn.session, order, now=turn.now, actor=person.actor(), reason=reason)
    if by_manager:
        return Done(f"#{order.id} 的报价{shown(made.fen)}没有同意，已告诉师傅。")
    return Done(f"好的，#{order.id} 不按这个价做，已告诉师傅先别动手。不修了请回复「取消报修 {order.id}」。")


_ORDER = Slot("order", take=take_order)

AGREE = Flow(
    intent="quote_agree",
    title="同意报价",
    commands=("同意 {order_no!}", "同意报价 {order_no?}"),
    examples=("1",),
    awaiting=frozenset({"quote_offered"}),
    slots=(_ORDER,),
    finish=say_yes,
)
REFUSE = Flow(
    intent="quote_refuse",
    title="不同意报价",
    commands=("不同意 {order_no!} {text?}", "不同意报价 {order_no?} {text?}"),
    slots=(_ORDER, Slot("reason", take=take_reason, optional=True)),
    finish=say_no,
)
FLOWS = (AGREE, REFUSE)
