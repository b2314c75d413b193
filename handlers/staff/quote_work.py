"""报价, 撤回报价, 价目: what work at home costs, said before it is done; off the price list only with the manager."""

from bot.flow import Again, Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, in_hand, order_slot, said_text
from models.money import shown
from models.workorders.price_settings import prices_of
from models.workorders.prices import HOW
from models.workorders.quoting import quote, withdraw, works_words
from models.workorders.states import IN_HAND

_OURS = in_hand(*sorted(IN_HAND))


def take_works(turn: Turn) -> Outcome:
    if turn.asked == "works":
        return Next(turn.text.strip()) if turn.text.strip() else Again(HOW)
    words = said_text(turn)
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    made = quote(turn.session, order, now=turn.now, actor=person.actor(), text=turn.slots["works"])
    said = f"#{order.id} 报价{shown(made.fen)}：{works_words(made)}。"
    if made.state == "checking":
        return Done(f"{said}\n{made.off_list}，已请经理看，经理同意后才发给住户。先别动手。")
    return Done(f"{said}\n已发给住户，同意后我会告诉您，先别动手。")


def take_back(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    made = withdraw(turn.session, order, now=turn.now, actor=person.actor())
    return Done(f"#{order.id} 的报价{shown(made.fen)}撤回了。可以重新报价；不收钱就直接报完工。")


def tell_prices(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    prices = prices_of(turn.session, person.company_id or 0, turn.now.date())
    if not prices:
        return Done("公司还没有公布有偿服务价目。要收费的活，报价都由经理先看。")
    return Done("\n".join(["有偿服务价目（公共部位一律不收费）：", *(price.words for price in prices)]))


QUOTE = Flow(
    intent="staff_quote",
    title="报价",
    roles=frozenset({"staff"}),
    commands=("报价 {order_no?} {text?}",),
    examples=("报价", "12号单报价换龙头30", "给业主报个价"),
    slots=(
        order_slot(_OURS, "您手上没有可以报价的单。先接单，再报价。", "给哪一单报价？"),
        Slot("works", take=take_works, ask="报什么价？比如「换龙头 30 材料 15」。", free_text=True),
    ),
    finish=finish,
    refusal="报价是师傅用的。想知道收费标准，请回复「价目」。",
)
WITHDRAW = Flow(
    intent="staff_quote_withdraw",
    title="撤回报价",
    roles=frozenset({"staff"}),
    commands=("撤回报价 {order_no?}",),
    slots=(order_slot(_OURS, "您手上没有报过价的单。", "撤回哪一单的报价？"),),
    finish=take_back,
    refusal="撤回报价是师傅用的。不想修了，请回复「不同意」加单号。",
)
PRICES = Flow(
    intent="service_prices",
    title="看有偿服务价目",
    commands=("价目", "有偿服务价目", "维修价目"),
    finish=tell_prices,
    quick=True,
)
FLOWS = (QUOTE, WITHDRAW, PRICES)
