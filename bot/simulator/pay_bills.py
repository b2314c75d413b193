"""交易账单 and 资金账单 as the platform writes them: yuan with two decimals, a back-tick before each value, a summary at the end."""

from collections.abc import Sequence
from datetime import date

from bot.clock import SHANGHAI
from bot.simulator.payments import Payments, PayRefusal

TRADE = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_SUM = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FUNDS = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
FUNDS_SUM = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
FEE_IN_THOUSANDTHS = 6


def trade_bill(payments: Payments, day: date) -> str:
    """Raises PayRefusal when nothing was traded that day."""
    rows: list[tuple[str, ...]] = []
    shop, sums = payments.merchant, [0, 0, 0]
    for order in payments.all_orders():
        if order.paid_at is None or order.paid_at.astimezone(SHANGHAI).date() != day:
            continue
        fee = _fee(order.fen)
        rows.append((
            f"{order.paid_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}", shop.appid, shop.mchid, "0", "",
            order.transaction_id, order.number, order.payer, order.way.upper(), "SUCCESS", "OTHERS", "CNY",
            _yuan(order.fen), "0.00", "0", "0", "0.00", "0.00", "", "", order.description, "", _yuan(fee), "0.60%",
            _yuan(order.fen), "0.00", "",
        ))  # fmt: skip
        sums = [sums[0] + order.fen, sums[1], sums[2] + fee]
    for refund in payments.all_refunds():
        if refund.settled_at is None or refund.settled_at.astimezone(SHANGHAI).date() != day:
            continue
        order = payments.find(refund.order)
        fee = _fee(refund.fen)
        rows.append((
            f"{refund.settled_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}", shop.appid, shop.mchid, "0", "",
            order.transaction_id, order.number, order.payer, order.way.upper(), "REFUND", "OTHERS", "CNY", "0.00", "0.00",
            refund.refund_id, refund.number, _yuan(refund.fen), "0.00", "ORIGINAL", refund.state, order.description, "",
            f"-{_yuan(fee)}", "0.60%", "0.00", _yuan(refund.fen), "",
        ))  # fmt: skip
        sums = [sums[0], sums[1] + refund.fen, sums[2] - fee]
    total = (str(len(rows)), _yuan(sums[0]), _yuan(sums[1]), "0.00", _yuan(sums[2]), _yuan(sums[0]), _yuan(sums[1]))
    return _file(TRADE, rows, TRADE_SUM, total)


def fund_flow(payments: Payments, day: date) -> str:
    """Raises PayRefusal when no money moved that day."""
    rows: list[tuple[str, ...]] = []
    balance, came, went = 0, [0, 0], [0, 0]
    moves = [(o.paid_at, o.transaction_id, o.fen, "交易") for o in payments.all_orders() if o.paid_at]
    moves += [(r.settled_at, r.refund_id, -r.fen, "退款") for r in payments.all_refunds() if r.settled_at]
    for at, number, fen, what in sorted(moves):
        balance += fen
        if at.astimezone(SHANGHAI).date() != day:
            continue
        counted = came if fen > 0 else went
        counted[0], counted[1] = counted[0] + 1, counted[1] + abs(fen)
        rows.append((
            f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}", number, number, what, what, "收入" if fen > 0 else "支出",
            _yuan(abs(fen)), _yuan(balance), "system", "", number,
        ))  # fmt: skip
    total = (str(len(rows)), str(came[0]), _yuan(came[1]), str(went[0]), _yuan(went[1]))
    return _file(FUNDS, rows, FUNDS_SUM, total)


def _file(head: str, rows: Sequence[tuple[str, ...]], head_of_sums: str, sums: tuple[str, ...]) -> str:
    if not rows:
        raise PayRefusal(400, "NO_STATEMENT_EXIST", "账单不存在")
    lines = [head, *(_line(row) for row in rows), head_of_sums, _line(sums)]
    return "\ufeff" + "".join(f"{line}\r\n" for line in lines)


def _line(values: tuple[str, ...]) -> str:
    return ",".join(f"`{value}" for value in values)


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _fee(fen: int) -> int:
    return (fen * FEE_IN_THOUSANDTHS + 500) // 1000
