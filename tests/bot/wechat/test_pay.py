"""WeChat Pay's adapter against the pretend one, which has its own way of signing: what is taken, and what is refused."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests

from bot.clock import SHANGHAI, FixedClock
from bot.config import load_settings
from bot.simulator import Platform
from bot.simulator.app import app_of
from bot.simulator.errors import NotPossible
from bot.simulator.pay_notices import Notice
from bot.wechat.pay import Pay
from bot.wechat.pay_terms import Account, NotFromWeChat, PayError, RefundWish, Wish
from handlers.commands.cast import simulator_settings
from tests.support.world import WsgiAdapter

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
WISH = Wish(
    "L202603100001",
    33066,
    "物业费 锦绣花园3栋2单元501",
    "http://127.0.0.1:8000/wxpay/notify",
    NOW + timedelta(minutes=30),
    "demo-zhang",
)


class Shop:
    def __init__(self, folder: Path) -> None:
        settings = load_settings({"SIMULATOR": "1", "DATA_DIR": str(folder)})
        self.clock = FixedClock(NOW)
        pretend = replace(simulator_settings(settings), state_file=None, clock_file=None)
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.platform = Platform(pretend, self.clock, notify=self.notify, wait=lambda _seconds: None)
        http = requests.Session()
        http.mount("http://", WsgiAdapter(app_of(self.platform)))
        self.account = Account(
            mchid=settings.wxpay_mchid,
            appid=settings.wechat_appid,
            apiv3_key=settings.wxpay_apiv3_key,
            private_key=Path(settings.wxpay_private_key_file).read_text(),
            cert_serial=settings.wxpay_cert_serial,
            public_key=Path(settings.wxpay_public_key_file).read_text(),
            key_id=settings.wxpay_public_key_id,
        )
        self.pay = Pay(self.account, api_base=settings.wxpay_api_base, http=http, now=self.clock.now)

    def notify(self, _url: str, headers: dict[str, str], body: bytes) -> int:
        self.told.append((headers, body))
        return 200

    def paid(self) -> None:
        prepay = self.pay.order_in_wechat(WISH)
        self.platform.pay_sheet("demo-zhang", self.pay.sheet(prepay))

    def notice(self, fault: str = "") -> tuple[dict[str, str], bytes]:
        content = {"out_trade_no": WISH.number, "amount": {"total": WISH.fen}}
        return self.platform.payments.notices.envelope(
            Notice("", "TRANSACTION.SUCCESS", "transaction", content, NOW, fault=fault)
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.platform.close()


def test_an_order_is_paid_on_the_sheet_and_the_notice_says_what_the_query_says(shop: Shop) -> None:
    prepay = shop.pay.order_in_wechat(WISH)
    assert shop.pay.order_in_wechat(WISH) == prepay, "the same number with the same words is the same order"
    with pytest.raises(PayError, match="INVALID_REQUEST"):
        shop.pay.order_in_wechat(replace(WISH, fen=1))
    assert (shop.pay.look_up(WISH.number) or {})["trade_state"] == "NOTPAY"
    sheet = shop.pay.sheet(prepay)
    with pytest.raises(NotPossible, match="下单账号与支付账号不一致"):
        shop.platform.pay_sheet("demo-li", sheet)
    with pytest.raises(NotPossible, match="签名"):
        shop.platform.pay_sheet("demo-zhang", {**sheet, "timeStamp": "1"})
    shop.platform.pay_sheet("demo-zhang", sheet)
    shop.platform.deliver_pending()
    told = shop.pay.open_notice(*shop.told[0])["resource"]
    assert told == shop.pay.look_up(WISH.number)
    assert (told["amount"]["total"], told["trade_state"]) == (33066, "SUCCESS")
    assert shop.pay.end(WISH.number)["trade_state"] == "SUCCESS", "what is paid cannot be closed"
    assert shop.pay.look_up("L-nobody-knows") is None


def test_a_code_is_paid_by_whoever_scans_it_and_a_closed_one_by_nobody(shop: Shop) -> None:
    code = shop.pay.order_by_code(replace(WISH, openid=""))
    assert shop.pay.end(WISH.number)["trade_state"] == "CLOSED"
    assert shop.pay.end(WISH.number)["trade_state"] == "CLOSED", "closing again does no harm"
    with pytest.raises(NotPossible, match="已关闭"):
        shop.platform.scan("demo-li", code)
    code = shop.pay.order_by_code(replace(WISH, openid="", number="L202603100002"))
    shop.platform.scan("demo-li", code)
    assert (shop.pay.look_up("L202603100002") or {})["payer"] == {"openid": "demo-li"}


@pytest.mark.parametrize(
    "fault", ["old_timestamp", "unknown_serial", "probe", "body", "signature", "type", "missing", "algorithm", "xml"]
)
def test_f18_a_forged_notice_is_refused_and_only_a_probe_is_no_alarm(shop: Shop, fault: str) -> None:
    headers, body = shop.notice(fault)
    shop.pay.open_notice(*shop.notice())
    change = {
        "body": ({}, body.replace(b"TRANSACTION", b"TRANSACTIOM")),
        "signature": ({"Wechatpay-Signature": "AAAA"}, body),
        "type": ({"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}, body),
        "missing": ({"Wechatpay-Timestamp": ""}, body),
        "algorithm": ({}, body.replace(b"AEAD_AES_256_GCM", b"AEAD_SM4_GCM")),
        "xml": ({}, b"<xml><return_code>SUCCESS</return_code></xml>"),
    }.get(fault, ({}, body))
    with pytest.raises(NotFromWeChat) as refused:
        shop.pay.open_notice({**headers, **change[0]}, change[1])
    assert refused.value.probe == (fault == "probe")
    if fault == "unknown_serial":
        assert "unknown key" in str(refused.value), "nobody is asked for a key we do not know"


def test_a_notice_is_good_for_five_minutes_less_a_second(shop: Shop) -> None:
    headers, body = shop.notice()
    shop.clock.move(timedelta(seconds=299))
    shop.pay.open_notice(headers, body)
    shop.clock.move(timedelta(seconds=1))
    with pytest.raises(NotFromWeChat):
        shop.pay.open_notice(headers, body)


def test_a_call_that_may_have_worked_is_told_apart_from_one_that_did_not(shop: Shop) -> None:
    path = "/v3/pay/transactions/jsapi"
    for fault in ("timeout_before", "timeout_after", "502", "unsigned"):
        shop.platform.faults.add(path, fault)
        with pytest.raises(PayError) as failed:
            shop.pay.order_in_wechat(WISH)
        assert failed.value.unknown, fault
    assert shop.pay.order_in_wechat(WISH), "and may be asked for again by the same number"
    with pytest.raises(PayError) as refused:
        shop.pay.order_in_wechat(replace(WISH, number="L1", fen=0))
    assert not refused.value.unknown


def test_money_goes_back_once_by_one_number_and_never_more_than_came(shop: Shop) -> None:
    shop.paid()
    number = (shop.pay.look_up(WISH.number) or {})["transaction_id"]
    back = RefundWish("R1", number, 10000, 33066, "多交了", "http://127.0.0.1:8000/wxpay/refund-notify")
    assert shop.pay.refund(back)["status"] == "PROCESSING"
    assert shop.pay.refund(back)["refund_id"] == (shop.pay.look_up_refund("R1") or {})["refund_id"]
    with pytest.raises(PayError, match="NOT_ENOUGH"):
        shop.pay.refund(replace(back, number="R2", fen=23067))
    shop.platform.deliver_pending()
    assert (shop.pay.look_up_refund("R1") or {})["status"] == "SUCCESS"
    assert shop.pay.open_notice(*shop.told[-1])["event_type"] == "REFUND.SUCCESS"
    assert shop.pay.look_up_refund("R9") is None


def test_a_bill_is_held_against_its_hash_and_no_trades_is_not_a_failure(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.pay.trade_bill(NOW.date()) is None
    shop.paid()
    bill = (shop.pay.trade_bill(NOW.date()) or b"").decode()
    assert f"`{WISH.number},`demo-zhang,`JSAPI,`SUCCESS" in bill
    assert bill.splitlines()[-1].startswith("`1,`330.66")
    assert "`330.66,`330.66" in (shop.pay.fund_flow(NOW.date()) or b"").decode()
    packed = gzip.compress
    monkeypatch.setattr(gzip, "compress", lambda content: packed(content + b"`one row more"))
    with pytest.raises(PayError, match="BILL_HASH_WRONG"):
        shop.pay.trade_bill(NOW.date())
    monkeypatch.setattr(gzip, "compress", lambda content: packed(content)[:-20])
    with pytest.raises(PayError, match="BILL_BROKEN"):
        shop.pay.trade_bill(NOW.date())


def test_no_secret_is_shown_when_an_account_is_printed(shop: Shop) -> None:
    assert shop.account.apiv3_key not in repr(shop.account)
    assert "PRIVATE" not in repr(shop.account)
