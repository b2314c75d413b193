"""Text messages through Tencent Cloud: SendSms, version 2021-01-11, signed with TC3-HMAC-SHA256.

Source: cloud.tencent.com/document/product/382/55981 (the call and its codes) and /382/52072 (the signature).
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.config_sending import SmsSettings
from bot.sms import SmsError
from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.transport import send

if TYPE_CHECKING:
    import requests

_ALGORITHM = "TC3-HMAC-SHA256"
_ACTION, _VERSION, _SERVICE = "SendSms", "2021-01-11", "sms"
_CONTENT_TYPE = "application/json; charset=utf-8"

# The beginning of a code says what follows from it; the longest that fits counts.
_CONSEQUENCES = {
    "": Consequence.OUR_MISTAKE,
    "AuthFailure": Consequence.STOP,
    "UnauthorizedOperation": Consequence.STOP,
    "FailedOperation.InsufficientBalanceInSmsPackage": Consequence.STOP,
    "FailedOperation.SignatureIncorrectOrUnapproved": Consequence.STOP,
    "InvalidParameterValue.SdkAppIdNotExist": Consequence.STOP,
    "FailedOperation.TemplateIncorrectOrUnapproved": Consequence.TEMPLATE_GONE,
    "FailedOperation.TemplateUnapprovedOrNotExist": Consequence.TEMPLATE_GONE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Consequence.TEMPLATE_GONE,
    "FailedOperation.PhoneNumberInBlacklist": Consequence.FIELD_INVALID,
    "InvalidParameterValue.IncorrectPhoneNumber": Consequence.FIELD_INVALID,
    "InvalidParameterValue.TemplateParameterFormatError": Consequence.FIELD_INVALID,
    "InvalidParameterValue.TemplateParameterLengthLimit": Consequence.FIELD_INVALID,
    "LimitExceeded.AppDailyLimit": Consequence.DAILY_LIMIT,
    "LimitExceeded.DailyLimit": Consequence.DAILY_LIMIT,
    "LimitExceeded.DeliveryFrequencyLimit": Consequence.RATE_LIMITED,
    "RequestLimitExceeded": Consequence.RATE_LIMITED,
    # This number alone has had enough for now: another way must be found.
    "LimitExceeded.PhoneNumber": Consequence.FIELD_INVALID,
    "InternalError": Consequence.BUSY,
}


class TencentSms:
    """One application's text messages. `now` is asked for each call: the signature holds for five minutes."""

    def __init__(self, settings: SmsSettings, http: "requests.Session", now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._http = http
        self._now = now

    def send(self, phone: str, template_id: str, values: Sequence[str]) -> str:
        """One message to a mainland number of digits; the provider's serial number. Raises SmsError."""
        body = {
            "PhoneNumberSet": [f"+86{phone}"],
            "SmsSdkAppId": self._settings.app_id,
            "SignName": self._settings.sign_name,
            "TemplateId": template_id,
            "TemplateParamSet": list(values),
        }
        answer = self._call(json.dumps(body, ensure_ascii=False).encode())
        if "Error" in answer:
            raise _refused(str(answer["Error"].get("Code", "")), str(answer["Error"].get("Message", "")))
        statuses = answer.get("SendStatusSet") or [{}]
        code = str(statuses[0].get("Code", ""))
        if code.lower() != "ok":
            raise _refused(code, str(statuses[0].get("Message", "")))
        return str(statuses[0].get("SerialNo", ""))

    def _call(self, payload: bytes) -> dict[str, Any]:
        url = self._settings.api_base
        parts = urlsplit(url)
        try:
            response = send(
                self._http, "post", f"{url}/", data=payload, headers=self._headers(parts.netloc, parts.path, payload)
            )
        except WeChatError as error:
            raise SmsError("", error.text, error.consequence) from None
        try:
            answer = json.loads(response.content)["Response"]
            if isinstance(answer, dict):
                return answer
        except (ValueError, KeyError, TypeError):
            pass
        raise SmsError("", f"HTTP {response.status_code} without an answer", Consequence.UNKNOWN_OUTCOME)

    def _headers(self, host: str, path: str, payload: bytes) -> dict[str, str]:
        timestamp = int(self._now().timestamp())
        return {
            "Content-Type": _CONTENT_TYPE,
            "Host": host,
            "X-TC-Action": _ACTION,
            "X-TC-Version": _VERSION,
            "X-TC-Timestamp": str(timestamp),
            "X-TC-Region": self._settings.region,
            "Authorization": authorization(
                self._settings.secret_id, self._settings.secret_key, _SERVICE, host, timestamp, payload, path=f"{path}/"
            ),
        }


def authorization(
    secret_id: str, secret_key: str, service: str, host: str, timestamp: int, payload: bytes, *, path: str = "/"
) -> str:
    """The Authorization header of a POST. The day of the signature is UTC's."""
    signed = "content-type;host"
    headers = f"content-type:{_CONTENT_TYPE}\nhost:{host}\n"
    request = f"POST\n{path}\n\n{headers}\n{signed}\n{hashlib.sha256(payload).hexdigest()}"
    day = f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    return f"{_ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def consequence_of(code: str) -> Consequence:
    return _CONSEQUENCES[max((known for known in _CONSEQUENCES if code.startswith(known)), key=len)]


def _refused(code: str, text: str) -> SmsError:
    return SmsError(code, text, consequence_of(code))
