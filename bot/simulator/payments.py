"""The pretend WeChat Pay of one merchant: its orders, what people do with the payment sheet, refunds. No sockets; those are in
api_pay.py. Its rules are those of the platform's own notes: an order is paid once, only by whom it was made for, until it is
closed or its time is over; a number asked for again must say the same."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.simulator import pay_signing
from bot.simulator.errors import NotPossible
from bot.simulator.faults import Faults
from bot.simulator.pay_notices import Notices, Post, post
from bot.simulator.settings import Merchant
from bot.simulator.store import Shelf, Store

PREPAY_LIFE = timedelta(hours=2)


class PayRefusal(Exception):
    """An answer of the platform that says no."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message or code


@dataclass
class PayOrder:
    """`request` is what was asked for, word by word; `token` the prepay_id or what the QR code says."""

    number: str
    way: str
    fen: int
    description: str
    notify_url: str
    openid: str
    request: str
    token: str
    made_at: datetime
    token_at: datetime
    expires_at: datetime
    state: str = "NOTPAY"
    transaction_id: str = ""
    payer: str = ""
    paid_at: datetime | None = None


@dataclass
class PayRefund:
    number: str
    refund_id: str
    order: str
    transaction_id: str
    fen: int
    notify_url: str
    made_at: datetime
    state: str = "PROCESSING"
    settled_at: datetime | None = None
    ends_as: str = "SUCCESS"


class Payments:
    def __init__(
        self,
        merchant: Merchant,
        store: Store,
        clock: Clock,
        faults: Faults,
        *,
        paid: Callable[[str, str], None],
        deliver: Post = post,
        background: bool = False,
    ) -> None:
        """`paid(openid, words)` hears of each payment, for the person's screen and message window."""
        self.merchant = merchant
        self.lock = threading.RLock()
        self.clock = self._clock = clock
        self._faults = faults
        self._paid = paid
        self._orders: Shelf[PayOrder] = Shelf(store, "pay_orders", PayOrder)
        self._refunds: Shelf[PayRefund] = Shelf(store, "pay_refunds", PayRefund)
        self.notices = Notices(merchant, clock, faults, deliver=deliver, background=background)
        self.notices.before = self.settle_refunds
        self._merchant_key = pay_signing.public_key("merchant")

    # --- what the merchant asks for -----------------------------------------------------------------------------------

    def order(self, way: str, asked: dict[str, Any], words: str) -> PayOrder:
        """A new order, or the same again with a fresh token. `words` is the request as it was written."""
        now = self._clock.now()
        expires = datetime.fromisoformat(asked["time_expire"]) if "time_expire" in asked else now + timedelta(days=7)
        token = (
            f"wx{secrets.token_hex(17)}" if way == "jsapi" else f"weixin://wxpay/bizpayurl?pr={secrets.token_hex(5)}"
        )
        known = self._orders.get(asked["out_trade_no"])
        if known is not None:
            if known.state in ("SUCCESS", "REFUND"):
                raise PayRefusal(400, "ORDERPAID", "该订单已支付")
            if known.state == "CLOSED":
                raise PayRefusal(400, "ORDER_CLOSED", "该订单已关闭")
            if known.request != words:
                raise PayRefusal(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")
            if now - known.token_at >= PREPAY_LIFE:
                known.token, known.token_at = token, now
            self._orders.put(known.number, known)
            return known
        order = PayOrder(
            asked["out_trade_no"], way, asked["amount"]["total"], asked["description"], asked["notify_url"],
            asked.get("payer", {}).get("openid", ""), words, token, now, now, expires,
        )  # fmt: skip
        self._orders.put(order.number, order)
        return order

    def find(self, number: str) -> PayOrder:
        order = self._orders.get(number)
        if order is None:
            raise PayRefusal(404, "ORDER_NOT_EXIST", "订单不存在")
        if order.state == "NOTPAY" and self._clock.now() >= order.expires_at:
            order.state = "CLOSED"
            self._orders.put(order.number, order)
        return order

    def find_transaction(self, transaction_id: str) -> PayOrder:
        found = next((order for order in self._orders.all() if order.transaction_id == transaction_id), None)
        if found is None or not transaction_id:
            raise PayRefusal(404, "ORDER_NOT_EXIST", "订单不存在")
        return found

    def end(self, number: str) -> None:
        order = self.find(number)
        if order.state in ("SUCCESS", "REFUND"):
            raise PayRefusal(400, "ORDERPAID", "订单已支付，不能关闭")
        order.state = "CLOSED"
        self._orders.put(number, order)

    def refund(self, asked: dict[str, Any]) -> PayRefund:
        """A refund under way, or the same one as before for the same number."""
        known = self._refunds.get(asked["out_refund_no"])
        if known is not None:
            if known.fen != asked["amount"]["refund"]:
                raise PayRefusal(400, "INVALID_REQUEST", "退款金额与首次请求不一致")
            return known
        order = (
            self.find_transaction(asked["transaction_id"])
            if "transaction_id" in asked
            else self.find(asked["out_trade_no"])
        )
        before = sum(each.fen for each in self._refunds.all() if each.order == order.number and each.state != "CLOSED")
        if order.state not in ("SUCCESS", "REFUND") or asked["amount"]["total"] != order.fen:
            raise PayRefusal(400, "INVALID_REQUEST", "订单未支付或金额不符")
        if before + asked["amount"]["refund"] > order.fen:
            raise PayRefusal(403, "NOT_ENOUGH", "退款金额超过可退金额")
        fault = self._faults.take("refund")
        refund = PayRefund(
            asked["out_refund_no"], f"50{secrets.randbelow(10**26):026d}", order.number, order.transaction_id,
            asked["amount"]["refund"], asked.get("notify_url", ""), self._clock.now(),
            ends_as="ABNORMAL" if fault else "SUCCESS",
        )  # fmt: skip
        order.state = "REFUND"
        self._orders.put(order.number, order)
        self._refunds.put(refund.number, refund)
        return refund

    def find_refund(self, number: str) -> PayRefund:
        found = self._refunds.get(number)
        if found is None:
            raise PayRefusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return found

    # --- what people do -----------------------------------------------------------------------------------------------

    def shown_on_sheet(self, sheet: dict[str, str], openid: str) -> PayOrder:
        """The order behind what a page handed to WeChat. Raises NotPossible for what the real sheet would not open."""
        prepay_id = sheet.get("package", "").removeprefix("prepay_id=")
        lines = (
            sheet.get("appId", ""),
            sheet.get("timeStamp", ""),
            sheet.get("nonceStr", ""),
            sheet.get("package", ""),
        )
        signed = pay_signing.verifies(self._merchant_key, sheet.get("paySign", ""), *lines)
        if sheet.get("signType") != "RSA" or not signed or sheet.get("appId") != self.merchant.appid:
            raise NotPossible("支付验证签名失败")
        order = self._with_token(prepay_id)
        if order.openid != openid:
            raise NotPossible("下单账号与支付账号不一致，请核实后再支付")
        return order

    def pay(self, token: str, openid: str) -> PayOrder:
        """Pay what a sheet or a code asks for. Raises NotPossible when it can no longer be paid."""
        with self.lock:
            order = self._with_token(token)
            order.state, order.payer, order.paid_at = "SUCCESS", openid, self._clock.now()
            order.transaction_id = f"42{secrets.randbelow(10**26):026d}"
            self._orders.put(order.number, order)
        self._paid(openid, f"支付成功 ¥{order.fen // 100}.{order.fen % 100:02d}（{order.description}）")
        self.notices.add(order.notify_url, "TRANSACTION.SUCCESS", "transaction", self.as_transaction(order))
        return order

    def settle_refunds(self) -> None:
        """What was accepted is carried out, and the merchant is told."""
        for refund in self._refunds.all():
            if refund.state != "PROCESSING":
                continue
            refund.state, refund.settled_at = refund.ends_as, self._clock.now()
            self._refunds.put(refund.number, refund)
            if refund.notify_url:
                self.notices.add(refund.notify_url, f"REFUND.{refund.state}", "refund", self._as_notice(refund))

    def _with_token(self, token: str) -> PayOrder:
        found = next((order for order in self._orders.all() if order.token == token), None)
        if found is None:
            raise NotPossible("这个二维码或支付页不认得")
        order = self.find(found.number)
        if order.state in ("SUCCESS", "REFUND"):
            raise NotPossible("该订单已支付")
        if order.state == "CLOSED":
            raise NotPossible("该订单已关闭，请重新下单")
        if self._clock.now() - order.token_at >= PREPAY_LIFE:
            raise NotPossible("支付页已过期，请重新下单")
        return order

    # --- how it is told -----------------------------------------------------------------------------------------------

    def as_transaction(self, order: PayOrder) -> dict[str, Any]:
        told: dict[str, Any] = {
            "appid": self.merchant.appid,
            "mchid": self.merchant.mchid,
            "out_trade_no": order.number,
            "trade_state": order.state,
            "trade_state_desc": {"NOTPAY": "订单未支付", "SUCCESS": "支付成功"}.get(order.state, order.state),
            "amount": {"total": order.fen, "currency": "CNY"},
        }
        if order.paid_at is not None:
            told |= {
                "transaction_id": order.transaction_id,
                "trade_type": order.way.upper(),
                "bank_type": "OTHERS",
                "attach": "",
                "success_time": order.paid_at.isoformat(timespec="seconds"),
                "payer": {"openid": order.payer},
                "amount": {
                    "total": order.fen, "payer_total": order.fen, "currency": "CNY", "payer_currency": "CNY",
                },
            }  # fmt: skip
        return told

    def as_refund(self, refund: PayRefund) -> dict[str, Any]:
        total = self._orders_fen(refund.order)
        told = {
            "refund_id": refund.refund_id,
            "out_refund_no": refund.number,
            "transaction_id": refund.transaction_id,
            "out_trade_no": refund.order,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": refund.made_at.isoformat(timespec="seconds"),
            "status": refund.state,
            "funds_account": "UNSETTLED",
            "amount": {
                "total": total, "refund": refund.fen, "payer_total": total, "payer_refund": refund.fen,
                "settlement_refund": refund.fen, "settlement_total": total, "discount_refund": 0, "currency": "CNY",
                "from": [],
            },
        }  # fmt: skip
        if refund.settled_at is not None:
            told["success_time"] = refund.settled_at.isoformat(timespec="seconds")
        return told

    def keep(self, order: PayOrder) -> None:
        """What was taken without anybody's finger on a sheet."""
        self._orders.put(order.number, order)
        self._paid(order.payer, f"自动扣款 ¥{order.fen // 100}.{order.fen % 100:02d}（{order.description}）")

    def all_orders(self) -> list[PayOrder]:
        return self._orders.all()

    def all_refunds(self) -> list[PayRefund]:
        return self._refunds.all()

    def _as_notice(self, refund: PayRefund) -> dict[str, Any]:
        told = self.as_refund(refund)
        amount = {name: told["amount"][name] for name in ("total", "refund", "payer_total", "payer_refund")}
        kept = ("refund_id", "out_refund_no", "transaction_id", "out_trade_no", "user_received_account", "success_time")
        return {
            "mchid": self.merchant.mchid,
            **{name: told[name] for name in kept if name in told},
            "refund_status": refund.state,
            "amount": amount,
        }

    def _orders_fen(self, number: str) -> int:
        order = self._orders.get(number)
        return order.fen if order else 0
