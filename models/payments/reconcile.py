"""对账: a day of WeChat's statement held against our own books, and every difference called by its name (domain rules 1.14)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from models.payments.trade_bill import Statement, Trade, sums_of

# what → how staff call it. The order is that in which they are listed.
WORDS = {
    "not_posted": "掉单（微信已收，我们没入账）",
    "unknown": "长款（微信有，我们没有这张单）",
    "missing": "短款（我们入了账，微信账单里没有）",
    "amount": "金额不符",
    "status": "状态不符",
    "refund": "退款不符",
    "duplicate": "重复支付",
    "merchant": "不是我们的商户号",
    "summary": "账单合计对不上",
    "empty": "微信说当天没有交易，我们却入了账",
    "over": "点钱比账上多（长款）",
    "short": "点钱比账上少（短款）",
}

# what → what a cashier does about it, step by step.
WHAT_TO_DO = {
    "not_posted": "系统会再问微信，查到就自动补记。过一天还在这里，请到微信商户平台查这个单号，再告诉经理。",
    "unknown": "到微信商户平台查这个单号是谁付的。不是交物业费的，在商户平台退款；退好了写上原因。",
    "missing": "到微信商户平台查这个单号有没有收到钱。没有收到，请经理处理这笔入账；收到了，写上哪天到的。",
    "amount": "以微信的金额为准。到商户平台核对这个单号，差的钱补收或者退给业主，再写上怎么处理的。",
    "status": "到微信商户平台看这个单号现在是什么状态。已经退了的，在系统里也要退。",
    "refund": "到微信商户平台查这笔退款。没退成的再退一次；不是我们退的，问清是谁退的。",
    "duplicate": "同一张单付了两次。多的那笔会存作预存款；业主要退，就退给他，再写上原因。",
    "merchant": "这笔钱不是我们商户号收的。核对商户号的设置，再问微信支付。",
    "summary": "账单下载不完整。到微信商户平台重新下载当天的账单，核对合计。",
    "empty": "微信说当天没有交易，我们却有入账。到微信商户平台查当天的交易，再告诉经理。",
    "over": "再点一遍钱，翻当天的收据，看有没有收了钱没开收据的，补记上。",
    "short": "再点一遍钱，翻当天的收据，看有没有开错金额、找错钱的。找到原因写上。",
}


@dataclass(frozen=True)
class Ours:
    """An order of ours: `posted` with this transaction, over `fen`; an order that was never paid is not posted."""

    number: str
    transaction_id: str
    fen: int
    posted: bool


@dataclass(frozen=True)
class OurRefund:
    """A refund of ours. `gone`: it is in our books as given back."""

    number: str
    fen: int
    gone: bool


@dataclass(frozen=True)
class Found:
    """One difference. Fen with WeChat and with us; None where that side knows nothing."""

    what: str
    number: str
    transaction_id: str = ""
    theirs: int | None = None
    ours: int | None = None


@dataclass(frozen=True)
class Books:
    """What we know: `orders` by number (all that the statement names, and those `due`), `refunds` in the same way.

    `due` are the numbers of payments and refunds that this statement must have, because no earlier one had them.
    """

    merchant: str
    orders: Mapping[str, Ours]
    refunds: Mapping[str, OurRefund]
    due: Collection[str] = ()
    due_refunds: Collection[str] = ()


def compare(statement: Statement | None, books: Books) -> list[Found]:
    """Every difference of a day, each once. None is the word of WeChat that there were no trades; a failed download is not."""
    if statement is None:
        fen = sum(books.orders[number].fen for number in books.due)
        back = sum(books.refunds[number].fen for number in books.due_refunds)
        return [Found("empty", "", theirs=0, ours=fen - back)] if books.due or books.due_refunds else []
    found = list(_summary(statement))
    ours = [trade for trade in statement.trades if trade.merchant == books.merchant]
    found += [
        Found("merchant", trade.number, trade.transaction_id, theirs=trade.refund if trade.is_refund else trade.fen)
        for trade in statement.trades
        if trade.merchant != books.merchant
    ]
    found += _payments([trade for trade in ours if not trade.is_refund], books)
    found += _refunds([trade for trade in ours if trade.is_refund], books)
    return found


def _summary(statement: Statement) -> Iterator[Found]:
    """A statement that does not add up has lost a line, or has one too many."""
    said, added = statement.summary, sums_of(statement.trades)
    same = (said.count, said.ordered, said.refunded) == (added.count, added.ordered, added.refunded)
    if not same or said.fees not in (None, added.fees):
        yield Found("summary", "", theirs=said.ordered - said.refunded, ours=added.ordered - added.refunded)


def _payments(trades: Collection[Trade], books: Books) -> Iterator[Found]:
    times = Counter(trade.number for trade in trades)
    seen: set[str] = set()
    for trade in trades:
        order = books.orders.get(trade.number)
        if order is not None and times[trade.number] > 1 and _is_extra(trade, order, seen):
            yield Found("duplicate", trade.number, trade.transaction_id, theirs=trade.fen, ours=order.fen)
            continue
        if trade.number in seen:
            yield Found("duplicate", trade.number, trade.transaction_id, theirs=trade.fen)
            continue
        seen.add(trade.number)
        difference = _payment(trade, order)
        if difference is not None:
            yield difference
    for number in books.due:
        if number not in times:
            order = books.orders[number]
            yield Found("missing", number, order.transaction_id, ours=order.fen)


def _is_extra(trade: Trade, order: Ours, seen: Collection[str]) -> bool:
    """Of several lines for one order, the one we posted is the right one; with none posted, the first is."""
    return trade.transaction_id != order.transaction_id if order.posted else trade.number in seen


def _payment(trade: Trade, order: Ours | None) -> Found | None:
    if order is None:
        return Found("unknown", trade.number, trade.transaction_id, theirs=trade.fen)
    if trade.fen != order.fen:
        return Found("amount", trade.number, trade.transaction_id, theirs=trade.fen, ours=order.fen)
    if trade.state != "SUCCESS":
        return Found(
            "status", trade.number, trade.transaction_id, theirs=trade.fen, ours=order.fen if order.posted else 0
        )
    if not order.posted:
        return Found("not_posted", trade.number, trade.transaction_id, theirs=trade.fen)
    if trade.transaction_id != order.transaction_id:
        return Found("duplicate", trade.number, trade.transaction_id, theirs=trade.fen, ours=order.fen)
    return None


def _refunds(trades: Collection[Trade], books: Books) -> Iterator[Found]:
    seen: set[str] = set()
    for trade in trades:
        known = books.refunds.get(trade.refund_number)
        if trade.refund_number in seen:
            yield Found("duplicate", trade.refund_number, trade.transaction_id, theirs=trade.refund)
        elif known is None or trade.refund != known.fen or known.gone != _goes(trade):
            mine = known.fen if known is not None and known.gone else None
            yield Found("refund", trade.refund_number, trade.transaction_id, theirs=trade.refund, ours=mine)
        seen.add(trade.refund_number)
    for number in books.due_refunds:
        if number not in seen:
            yield Found("refund", number, ours=books.refunds[number].fen)


def _goes(trade: Trade) -> bool:
    """Has the money gone back, or is it on its way? A refund that failed has not."""
    return trade.refund_state in ("SUCCESS", "PROCESSING", "")
