"""api.mch.weixin.qq.com over HTTP: every request must be signed by the merchant, every answer is signed by the platform."""

import gzip
import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from bot.simulator import pay_bills, pay_signing
from bot.simulator.errors import ApiError
from bot.simulator.payments import PayRefusal
from bot.simulator.platform import Platform
from bot.simulator.strict import check

WINDOW = 300  # seconds a request may be old
_GIVEN_UP = 12.0
_AMOUNT = {"total": int, "currency?": str}
_ORDER = {
    "appid": str, "mchid": str, "description": str, "out_trade_no": str, "notify_url": str, "amount": _AMOUNT,
    "time_expire?": str, "attach?": str, "goods_tag?": str, "support_fapiao?": bool, "limit_pay?": list,
    "detail?": dict, "scene_info?": dict, "settle_info?": dict,
}  # fmt: skip
_REFUND = {
    "transaction_id?": str, "out_trade_no?": str, "out_refund_no": str, "reason?": str, "notify_url?": str,
    "funds_account?": str, "amount": {"refund": int, "total": int, "currency": str, "from?": list}, "goods_detail?": list,
}  # fmt: skip


def blueprint(platform: Platform) -> Blueprint:
    api = Blueprint("api_pay", __name__)

    @api.route("/v3/<path:rest>", methods=["GET", "POST"])
    def call(rest: str) -> Response:
        fault = platform.faults.take(request.path)
        kind = fault.kind if fault else ""
        if kind == "timeout_before":
            platform.wait(_GIVEN_UP)
            return Response(status=504)
        if kind == "502":
            return Response("<html>502</html>", status=502)
        answer = _answer(platform, rest)
        if kind == "timeout_after":
            platform.wait(_GIVEN_UP)
            return Response(status=504)
        if kind == "unsigned":
            answer.headers["Wechatpay-Signature"] = "bm90aGluZw=="
        return answer

    return api


def _answer(platform: Platform, rest: str) -> Response:
    try:
        with platform.payments.lock:
            _check_signed(platform)
            if rest.startswith("billdownload/"):
                return _download(platform)
            told = _perform(platform, rest)
    except PayRefusal as refusal:
        return _signed(platform, refusal.status, {"code": refusal.code, "message": refusal.message})
    except ApiError as wrong:
        return _signed(platform, 400, {"code": "PARAM_ERROR", "message": wrong.hint})
    return _signed(platform, 200 if told is not None else 204, told)


def _check_signed(platform: Platform) -> None:
    shop = platform.payments.merchant
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    given = pay_signing.parts_of(rest)
    path = request.full_path.removesuffix("?") if not request.query_string else request.full_path
    lines = (request.method, path, given.get("timestamp", ""), given.get("nonce_str", ""), request.get_data().decode())
    own = given.get("mchid") == shop.mchid and given.get("serial_no") == shop.cert_serial
    stamp = given.get("timestamp", "")
    fresh = stamp.isdigit() and abs(platform.clock.now().timestamp() - int(stamp)) < WINDOW
    signed = pay_signing.verifies(pay_signing.public_key("merchant"), given.get("signature", ""), *lines)
    if not (scheme == "WECHATPAY2-SHA256-RSA2048" and own and fresh and signed):
        raise PayRefusal(401, "SIGN_ERROR", "签名错误")
    needed = ("Accept", "User-Agent", "Wechatpay-Serial")
    if any(not request.headers.get(name) for name in needed) or "json" not in request.headers.get("Accept", ""):
        raise PayRefusal(400, "PARAM_ERROR", "缺少请求头")
    if request.headers["Wechatpay-Serial"] != shop.key_id:
        raise PayRefusal(400, "PARAM_ERROR", "Wechatpay-Serial 不认得")


def _perform(platform: Platform, rest: str) -> dict[str, Any] | None:
    ways: tuple[tuple[str, str, Callable[[Platform, str], dict[str, Any] | None]], ...] = (
        ("POST", "pay/transactions/jsapi", lambda p, _: _order(p, "jsapi")),
        ("POST", "pay/transactions/native", lambda p, _: _order(p, "native")),
        ("POST", "pay/transactions/out-trade-no/*/close", _close),
        ("GET", "pay/transactions/out-trade-no/*", lambda p, n: p.payments.as_transaction(p.payments.find(n))),
        ("GET", "pay/transactions/id/*", lambda p, n: p.payments.as_transaction(p.payments.find_transaction(n))),
        ("POST", "papay/contracts/*/notify", _announce),
        ("POST", "refund/domestic/refunds", _refund),
        ("GET", "refund/domestic/refunds/*", lambda p, n: p.payments.as_refund(p.payments.find_refund(n))),
        ("GET", "bill/tradebill", lambda p, _: _bill(p, "trade")),
        ("GET", "bill/fundflowbill", lambda p, _: _bill(p, "funds")),
    )
    for method, pattern, act in ways:
        before, star, after = pattern.partition("*")
        fits = rest.startswith(before) and rest.endswith(after) if star else rest == pattern
        name = rest[len(before) : len(rest) - len(after)] if star else ""
        if fits and method == request.method and "/" not in name and bool(star) == bool(name):
            return act(platform, name)
    raise PayRefusal(404, "RESOURCE_NOT_EXISTS", request.path)


def _body() -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PayRefusal(400, "PARAM_ERROR", "请求不是 JSON")
    return body


def _order(platform: Platform, way: str) -> dict[str, Any]:
    body, shop = _body(), platform.payments.merchant
    check(body, {**_ORDER, "payer": {"openid": str}} if way == "jsapi" else _ORDER)
    if body["appid"] != shop.appid or body["mchid"] != shop.mchid:
        raise PayRefusal(400, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配")
    if body["amount"]["total"] < 1 or not 6 <= len(body["out_trade_no"]) <= 32 or len(body["description"]) > 127:
        raise PayRefusal(400, "PARAM_ERROR", "参数超出范围")
    if "?" in body["notify_url"]:
        raise PayRefusal(400, "PARAM_ERROR", "notify_url 不能带参数")
    if way == "jsapi" and body["payer"]["openid"] not in platform.people:
        raise PayRefusal(400, "PARAM_ERROR", "openid 无效")
    order = platform.payments.order(way, body, request.get_data().decode())
    return {"prepay_id" if way == "jsapi" else "code_url": order.token}


def _close(platform: Platform, number: str) -> None:
    check(_body(), {"mchid": str})
    platform.payments.end(number)


def _announce(platform: Platform, contract_id: str) -> None:
    body, shop = _body(), platform.payments.merchant
    amount = {"amount": int, "currency": str}
    check(
        body, {"mchid": str, "appid": str, "deduct_duration": {"count": int, "unit": str}, "estimated_amount": amount}
    )
    if (body["appid"], body["mchid"], body["deduct_duration"]["unit"]) != (shop.appid, shop.mchid, "DAY"):
        raise PayRefusal(400, "PARAM_ERROR", "appid、mchid 或 unit")
    platform.papay.announce(contract_id, body["deduct_duration"]["count"])


def _refund(platform: Platform, _name: str) -> dict[str, Any]:
    body = _body()
    check(body, _REFUND)
    return platform.payments.as_refund(platform.payments.refund(body))


def _bill(platform: Platform, kind: str) -> dict[str, Any]:
    content = _bill_text(platform, kind, request.args.get("bill_date", "")).encode()
    base = request.host_url.rstrip("/")
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content).hexdigest(),  # noqa: S324 - the platform's choice
        "download_url": f"{base}/v3/billdownload/file?kind={kind}&day={request.args['bill_date']}",
    }


def _bill_text(platform: Platform, kind: str, day: str) -> str:
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        raise PayRefusal(400, "PARAM_ERROR", "bill_date") from None
    write = pay_bills.trade_bill if kind == "trade" else pay_bills.fund_flow
    return write(platform.payments, asked)


def _download(platform: Platform) -> Response:
    """The file carries no signature."""
    text = _bill_text(platform, request.args.get("kind", ""), request.args.get("day", ""))
    return Response(gzip.compress(text.encode()), content_type="application/octet-stream")


def _signed(platform: Platform, status: int, told: dict[str, Any] | None) -> Response:
    body = "" if told is None else json.dumps(told, ensure_ascii=False)
    stamp, nonce = str(int(platform.clock.now().timestamp())), secrets.token_hex(16)
    headers = {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": pay_signing.sign(pay_signing.private_key("platform"), stamp, nonce, body),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Serial": platform.payments.merchant.key_id,
        "Request-Id": f"08{secrets.token_hex(8).upper()}-{0 if status < 400 else 268435461}",
    }
    return Response(body, status, headers=headers, content_type="application/json; charset=utf-8")
