"""The pretend 委托代扣: who has agreed, what was announced, what is to be taken. No sockets; those are in api_papay.py.

Its rules are those of the platform's own notes: nothing is taken without an agreement that stands and an announcement of one to three
days before, only from 7:00 to 22:00, and a number is taken once. What was accepted is carried out a moment later, and told."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import SHANGHAI
from bot.simulator.errors import NotPossible
from bot.simulator.faults import Faults
from bot.simulator.payments import Payments, PayOrder, PayRefusal
from bot.simulator.store import Shelf, Store

FROM_HOUR, TO_HOUR = 7, 22


@dataclass
class Agreement:
    """`state`: asked, signed, ended. `announced_at` and `days`: when the next charge was said to come."""

    code: str
    plan_id: str
    openid: str
    name: str
    notify_url: str
    state: str = "asked"
    contract_id: str = ""
    signed_at: datetime | None = None
    announced_at: datetime | None = None
    days: int = 0


@dataclass
class PapayCharge:
    number: str
    contract_id: str
    fen: int
    description: str
    notify_url: str
    openid: str
    made_at: datetime
    state: str = "ACCEPT"
    transaction_id: str = ""
    why: str = ""


class Papay:
    def __init__(self, payments: Payments, faults: Faults, store: Store) -> None:
        self._payments = payments
        self._faults = faults
        self._clock = payments.clock
        self._agreements: Shelf[Agreement] = Shelf(store, "papay_agreements", Agreement)
        self._charges: Shelf[PapayCharge] = Shelf(store, "papay_charges", PapayCharge)
        self._first = payments.notices.before
        payments.notices.before = self._carry_out_all

    def _carry_out_all(self) -> None:
        self._first()
        self.carry_out()

    # --- agreements ---------------------------------------------------------------------------------------------------

    def shown(self, asked: Agreement) -> Agreement:
        """Somebody looks at the page that asks them; nothing is agreed by that."""
        known = self._agreements.get(asked.code)
        if known is None:
            self._agreements.put(asked.code, asked)
        return known or asked

    def agree(self, code: str) -> Agreement:
        """The person presses the button."""
        known = self._agreements.get(code)
        if known is None or known.state == "ended":
            raise NotPossible("这一页已经失效，请重新打开")
        if known.state == "asked":
            known.state, known.contract_id = "signed", f"Wx{secrets.randbelow(10**26):026d}"
            known.signed_at = self._clock.now()
            self._agreements.put(code, known)
            self._tell(known, "ADD")
        return known

    def newest_of(self, openid: str) -> Agreement:
        """What this person was asked last."""
        asked = [one for one in self._agreements.all() if one.openid == openid]
        if not asked:
            raise NotPossible("没有要确认的")
        return asked[-1]

    def end(self, code: str) -> Agreement:
        """By the merchant, or by the person in WeChat's own settings. Ended before is ended."""
        known = self.find(code)
        if known.state == "signed":
            known.state = "ended"
            self._agreements.put(code, known)
            self._tell(known, "DELETE")
        return known

    def find(self, code: str) -> Agreement:
        known = self._agreements.get(code)
        if known is None or known.state == "asked":
            raise PayRefusal(200, "CONTRACT_NOT_EXIST", "签约协议不存在")
        return known

    def announce(self, contract_id: str, days: int) -> None:
        known = self._with_number(contract_id)
        if not 1 <= days <= 3:
            raise PayRefusal(400, "PARAM_ERROR", "deduct_duration")
        known.announced_at, known.days = self._clock.now(), days
        self._agreements.put(known.code, known)

    def _with_number(self, contract_id: str) -> Agreement:
        known = next((one for one in self._agreements.all() if one.contract_id == contract_id), None)
        if known is None or known.state != "signed":
            raise PayRefusal(400, "CONTRACT_NOT_EXIST", "签约协议不存在或已解约")
        return known

    def _tell(self, agreement: Agreement, change: str) -> None:
        told = {
            "return_code": "SUCCESS",
            "result_code": "SUCCESS",
            "mch_id": self._payments.merchant.mchid,
            "contract_code": agreement.code,
            "plan_id": agreement.plan_id,
            "openid": agreement.openid,
            "change_type": change,
            "operate_time": f"{self._clock.now():%Y-%m-%d %H:%M:%S}",
            "contract_id": agreement.contract_id,
        }
        self._payments.notices.add(agreement.notify_url, change, "xml", dict(told))

    # --- charges ------------------------------------------------------------------------------------------------------

    def charge(self, asked: PapayCharge) -> None:
        known = self._charges.get(asked.number)
        if known is not None:
            raise PayRefusal(200, "ORDERPAID" if known.state == "SUCCESS" else "OUT_TRADE_NO_USED", "商户订单号重复")
        agreement = self._with_number(asked.contract_id)
        now = self._clock.now().astimezone(SHANGHAI)
        said = agreement.announced_at
        last = said.astimezone(SHANGHAI).date() + timedelta(days=agreement.days) if said is not None else None
        if last is None or said is None or not said.astimezone(SHANGHAI).date() < now.date() <= last:
            raise PayRefusal(200, "RULELIMIT", "没有在预扣费通知的时间内扣款")
        if not FROM_HOUR <= now.hour < TO_HOUR:
            raise PayRefusal(200, "RULELIMIT", "不在可扣款的时间")
        asked.openid = agreement.openid
        self._charges.put(asked.number, asked)

    def find_charge(self, number: str) -> PapayCharge:
        known = self._charges.get(number)
        if known is None:
            raise PayRefusal(200, "ORDERNOTEXIST", "订单不存在")
        return known

    def carry_out(self) -> None:
        """What was accepted is taken, or there is no money; the merchant is told. A fault of the path "charge": no money."""
        for charge in self._charges.all():
            if charge.state != "ACCEPT":
                continue
            if self._faults.take("charge"):
                charge.state, charge.why = "PAY_FAIL", "NOTENOUGH"
            else:
                charge.state, charge.transaction_id = "SUCCESS", f"42{secrets.randbelow(10**26):026d}"
                self._payments.keep(self._as_order(charge))
            self._charges.put(charge.number, charge)
            self._payments.notices.add(charge.notify_url, charge.state, "xml", dict(self.as_notice(charge)))

    def as_notice(self, charge: PapayCharge) -> dict[str, str]:
        shop, came = self._payments.merchant, charge.state == "SUCCESS"
        told = {
            "return_code": "SUCCESS",
            "result_code": "SUCCESS" if came else "FAIL",
            "appid": shop.appid,
            "mch_id": shop.mchid,
            "openid": charge.openid,
            "trade_type": "PAP",
            "total_fee": str(charge.fen),
            "fee_type": "CNY",
            "out_trade_no": charge.number,
            "contract_id": charge.contract_id,
        }
        return {**told, **({"transaction_id": charge.transaction_id} if came else {"err_code": charge.why})}

    def _as_order(self, charge: PapayCharge) -> PayOrder:
        now = self._clock.now()
        return PayOrder(
            charge.number, "pap", charge.fen, charge.description, charge.notify_url, charge.openid, "", "", charge.made_at,
            charge.made_at, now, "SUCCESS", charge.transaction_id, charge.openid, now,
        )  # fmt: skip
