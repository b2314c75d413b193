"""The provider's protocol: its own example of a signature, and what its answers mean."""

import json
from datetime import datetime

import pytest
import requests

from bot.config_sending import SmsSettings
from bot.sms import SmsError
from bot.tencent_sms import TencentSms, authorization
from bot.wechat.errors import Consequence
from tests.bot.wechat.pretend import API, PretendWeChat, Raw

SETTINGS = SmsSettings("tencent", API, "AKIDtest", "key", "1400000000", "邻里管家", "ap-guangzhou", {})


def sms(server: PretendWeChat, now: datetime) -> TencentSms:
    return TencentSms(SETTINGS, server.session(), lambda: now)


def status(code: str) -> dict[str, object]:
    return {"Response": {"SendStatusSet": [{"SerialNo": "4000:1", "Code": code, "Message": code}], "RequestId": "r"}}


def test_the_signature_of_the_providers_own_example() -> None:
    payload = json.dumps({"Limit": 1, "Filters": [{"Values": ["未命名"], "Name": "instance-name"}]}).encode()
    header = authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******",
        "Gu5t9xGARNpq86cd98joQYCN3*******",
        "cvm",
        "cvm.tencentcloudapi.com",
        1551113065,
        payload,
    )
    assert header.startswith(
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request, "
    )
    assert header.endswith("Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c")


def test_what_is_asked(now: datetime) -> None:
    server = PretendWeChat(status("Ok"))
    assert sms(server, now).send("13800138001", "1001", ["#12", "已修好"]) == "4000:1"
    assert server.body() == {
        "PhoneNumberSet": ["+8613800138001"],
        "SmsSdkAppId": "1400000000",
        "SignName": "邻里管家",
        "TemplateId": "1001",
        "TemplateParamSet": ["#12", "已修好"],
    }
    headers = server.asked[0].headers
    assert (headers["X-TC-Action"], headers["X-TC-Version"], headers["Host"]) == ("SendSms", "2021-01-11", "api.test")
    assert headers["X-TC-Timestamp"] == str(int(now.timestamp()))


@pytest.mark.parametrize(
    ("code", "consequence"),
    [
        ("FailedOperation.InsufficientBalanceInSmsPackage", Consequence.STOP),
        ("FailedOperation.SignatureIncorrectOrUnapproved", Consequence.STOP),
        ("FailedOperation.TemplateIncorrectOrUnapproved", Consequence.TEMPLATE_GONE),
        ("FailedOperation.PhoneNumberInBlacklist", Consequence.FIELD_INVALID),
        ("LimitExceeded.PhoneNumberDailyLimit", Consequence.FIELD_INVALID),
        ("LimitExceeded.AppDailyLimit", Consequence.DAILY_LIMIT),
        ("LimitExceeded.DeliveryFrequencyLimit", Consequence.RATE_LIMITED),
        ("InternalError.Timeout", Consequence.BUSY),
        ("SomethingNew", Consequence.OUR_MISTAKE),
    ],
)
def test_what_the_codes_mean(now: datetime, code: str, consequence: Consequence) -> None:
    with pytest.raises(SmsError) as refused:
        sms(PretendWeChat(status(code)), now).send("13800138001", "1001", [])
    assert (refused.value.errcode, refused.value.consequence) == (code, consequence)
    assert "13800138001" not in str(refused.value)


@pytest.mark.parametrize("code", ["AuthFailure.SignatureExpire", "UnauthorizedOperation.SmsSdkAppIdVerifyFail"])
def test_a_refusal_of_the_whole_call_stops_text_messages(now: datetime, code: str) -> None:
    server = PretendWeChat({"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "r"}})
    with pytest.raises(SmsError) as refused:
        sms(server, now).send("13800138001", "1001", [])
    assert refused.value.consequence is Consequence.STOP


@pytest.mark.parametrize(
    ("answer", "consequence"),
    [
        (Raw(b"<html>502</html>", 502), Consequence.UNKNOWN_OUTCOME),
        (Raw(b'{"Response": 1}'), Consequence.UNKNOWN_OUTCOME),
        (requests.ReadTimeout(), Consequence.UNKNOWN_OUTCOME),
        (requests.ConnectTimeout(), Consequence.NOT_REACHED),
    ],
)
def test_no_answer(now: datetime, answer: object, consequence: Consequence) -> None:
    with pytest.raises(SmsError) as failed:
        sms(PretendWeChat(answer), now).send("13800138001", "1001", [])
    assert failed.value.consequence is consequence
