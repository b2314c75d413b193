"""The text-message provider: Tencent Cloud's SendSms over HTTP, signed with TC3-HMAC-SHA256, its texts shown on the phones.

Source: cloud.tencent.com/document/product/382/55981 and /382/52072. Checks what the provider checks: the signature and its
time, the application, the signature under the text, the template and the number of its places, the phone.
"""

import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from bot.simulator.platform import Platform
from bot.simulator.settings import TextMessages

PATH = "/sms/"
LONGEST_AGE = 300  # seconds
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})"
)


class Refused(Exception):
    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message


def blueprint(platform: Platform) -> Blueprint:
    sms = Blueprint("sms", __name__)

    @sms.post(PATH)
    def send() -> Response:
        fault = platform.faults.take(PATH)
        if fault is not None and fault.kind in ("502", "timeout_before"):
            return Response("<html>502 Bad Gateway</html>", status=502)
        try:
            _check_signature(platform.settings.sms, platform.clock.now())
            answer: dict[str, Any] = {"SendStatusSet": _send_all(platform, _body())}
        except Refused as refused:
            answer = {"Error": {"Code": refused.code, "Message": refused.message}}
        answer["RequestId"] = secrets.token_hex(16)
        return Response(json.dumps({"Response": answer}, ensure_ascii=False), content_type="application/json")

    return sms


def _check_signature(account: TextMessages, now: datetime) -> None:
    given = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    stamp = request.headers.get("X-TC-Timestamp", "")
    if given is None or not stamp.isdigit() or given[1] != account.secret_id:
        raise Refused("AuthFailure.SecretIdNotFound" if given else "AuthFailure.InvalidAuthorization")
    if abs(now.timestamp() - int(stamp)) > LONGEST_AGE:
        raise Refused("AuthFailure.SignatureExpire")
    signed = given[3].split(";")
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
    digest = hashlib.sha256(request.get_data()).hexdigest()
    canonical = f"POST\n{request.path}\n\n{lines}\n{given[3]}\n{digest}"
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    key = b"TC3" + account.secret_key.encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if given[2] != day or not hmac.compare_digest(hmac.new(key, text.encode(), "sha256").hexdigest(), given[4]):
        raise Refused("AuthFailure.SignatureFailure")


def _body() -> dict[str, Any]:
    if request.headers.get("X-TC-Action") != "SendSms" or request.headers.get("X-TC-Version") != "2021-01-11":
        raise Refused("InvalidAction")
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise Refused("FailedOperation.JsonParseFail") from None
    if not isinstance(body, dict) or not isinstance(body.get("PhoneNumberSet"), list):
        raise Refused("MissingParameter")
    return body


def _send_all(platform: Platform, body: dict[str, Any]) -> list[dict[str, Any]]:
    account = platform.settings.sms
    if body.get("SmsSdkAppId") != account.app_id:
        raise Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
    return [_send_one(platform, body, str(number)) for number in body["PhoneNumberSet"]]


def _send_one(platform: Platform, body: dict[str, Any], number: str) -> dict[str, Any]:
    text, values = (
        dict(platform.settings.sms.templates).get(body.get("TemplateId", "")),
        body.get("TemplateParamSet") or [],
    )
    if body.get("SignName") != platform.settings.sms.sign_name:
        return _status(number, "FailedOperation.SignatureIncorrectOrUnapproved")
    if text is None:
        return _status(number, "FailedOperation.TemplateIncorrectOrUnapproved")
    if len(values) != len(set(re.findall(r"\{\d\}", text))):
        return _status(number, "FailedOperation.TemplateParamSetNotMatchApprovedTemplate")
    if not re.fullmatch(r"\+861\d{10}", number):
        return _status(number, "InvalidParameterValue.IncorrectPhoneNumber")
    for place, value in enumerate(values, start=1):
        text = text.replace(f"{{{place}}}", str(value))
    for person in platform.settings.people:
        if f"+86{person.phone}" == number:
            platform.show(person.openid, "sms", f"【{platform.settings.sms.sign_name}】{text}")
    return _status(number, "Ok")


def _status(number: str, code: str) -> dict[str, Any]:
    serial = f"4000:{secrets.token_hex(10)}" if code == "Ok" else ""
    message = "send success" if code == "Ok" else code
    return {
        "SerialNo": serial, "PhoneNumber": number, "Fee": int(code == "Ok"), "SessionContext": "", "Code": code,
        "Message": message, "IsoCode": "CN",
    }  # fmt: skip
