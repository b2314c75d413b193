"""委托代扣's adapter against the pretend platform, which has its own way of signing: what is believed, and what is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.simulator.app import app_of
from bot.simulator.papay import Agreement
from bot.simulator.pay_notices import Notice
from bot.wechat.pay_entrust import Entrust
from bot.wechat.pay_terms import Charge, Entrusting, NotFromWeChat, PayError, SigningWish
from tests.bot.wechat.test_pay import NOW, Shop

TERMS = Entrusting("12535", "PretendApiV2KeyOfTheSimulator000", "MD5")
URL = "http://127.0.0.1:8000/wxpay/contract-notify"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.platform.close()


def entrust_of(shop: Shop, terms: Entrusting = TERMS) -> Entrust:
    return Entrust(shop.account, terms, api_base="http://127.0.0.1:8001", http=shop.pay._core._http, now=shop.clock.now)


def agreed(shop: Shop, entrust: Entrust) -> Agreement:
    way = urlsplit(entrust.signing_page(SigningWish("C1", "demo-zhang", "锦绣花园3栋2单元501", URL)))
    assert app_of(shop.platform).test_client().get(f"{way.path}?{way.query}").status_code == 200
    assert entrust.look_up_contract("C1") is None
    return shop.platform.papay.agree("C1")


def charge_of(agreement: Agreement, fen: int = 16533) -> Charge:
    return Charge("L20260310C1", agreement.contract_id, fen, "自动扣款 <3栋> & 501", URL)


def test_from_the_agreement_to_the_money(shop: Shop) -> None:
    entrust = entrust_of(shop)
    agreement = agreed(shop, entrust)
    told = entrust.look_up_contract("C1")
    assert told is not None
    assert (told["contract_state"], told["contract_id"]) == ("0", agreement.contract_id)
    with pytest.raises(PayError, match="RULELIMIT") as early:
        entrust.charge(charge_of(agreement))
    assert not early.value.unknown
    shop.pay.announce(agreement.contract_id, 16533, 1)
    shop.clock.move(timedelta(days=1))
    assert entrust.look_up("L20260310C1") is None
    entrust.charge(charge_of(agreement))
    with pytest.raises(PayError, match="OUT_TRADE_NO_USED") as again:
        entrust.charge(charge_of(agreement))
    assert again.value.unknown, "so the number is asked for"
    shop.platform.deliver_pending()
    found = entrust.look_up("L20260310C1")
    assert found is not None
    assert (found["trade_state"], found["amount"]) == ("SUCCESS", {"total": 16533, "currency": "CNY"})
    assert entrust.open_charge_notice(shop.told[-1][1]) == {**found, "trade_state": "SUCCESS"}
    entrust.end_contract("C1", "用户取消")
    entrust.end_contract("C1", "用户取消")
    assert [entrust.open_notice(body)["result_code"] for _, body in shop.told] == ["SUCCESS", "SUCCESS"]
    with pytest.raises(PayError, match="CONTRACT_NOT_EXIST"):
        shop.pay.announce(agreement.contract_id, 16533, 1)


def test_what_is_not_signed_settles_nothing(shop: Shop) -> None:
    entrust = entrust_of(shop)
    agreement = agreed(shop, entrust)
    shop.pay.announce(agreement.contract_id, 100, 1)
    shop.clock.move(timedelta(days=1))
    for fault in ("unsigned", "502", "timeout_after"):
        shop.platform.faults.add("/pay/pappayapply", fault)
        with pytest.raises(PayError) as failed:
            entrust.charge(replace(charge_of(agreement), number=f"L20260310{fault[:4]}"))
        assert failed.value.unknown
    other = entrust_of(shop, replace(TERMS, api_key="x" * 32))
    with pytest.raises(PayError, match="RETURN_FAIL") as failed:
        other.look_up("L20260310C1")
    assert failed.value.unknown
    assert app_of(shop.platform).test_client().get("/papay/entrustweb?appid=x").status_code == 400


@pytest.mark.parametrize("signing", ["MD5", "HMAC-SHA256"])
def test_a_notice_is_only_believed_with_the_merchants_key(shop: Shop, signing: str) -> None:
    entrust = entrust_of(shop, replace(TERMS, signing=signing))
    content = {"mch_id": shop.account.mchid, "out_trade_no": "L1", "total_fee": "100", "result_code": "SUCCESS"}
    _, body = shop.platform.payments.notices.envelope(Notice(URL, "SUCCESS", "xml", dict(content), NOW))
    if signing == "MD5":
        assert entrust.open_notice(body)["out_trade_no"] == "L1"
    for forged in (
        body if signing != "MD5" else body.replace(b"100", b"101"),
        body.replace(b"<sign>", b"<sine>").replace(b"</sign>", b"</sine>"),
        b"<xml><!DOCTYPE x></xml>",
        b"\xff",
        b"",
    ):
        with pytest.raises(NotFromWeChat):
            entrust.open_notice(forged)
    stranger = {**content, "mch_id": "1"}
    _, body = shop.platform.payments.notices.envelope(Notice(URL, "SUCCESS", "xml", dict(stranger), NOW))
    with pytest.raises(NotFromWeChat):
        entrust.open_notice(body)
