"""委托代扣 of api.mch.weixin.qq.com over HTTP: the page that asks somebody to agree, and the older interface in signed XML."""

import secrets
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring
from flask import Blueprint, Response, render_template_string, request

from bot.simulator import pay_signing
from bot.simulator.errors import NotPossible
from bot.simulator.papay import Agreement, PapayCharge
from bot.simulator.payments import PayRefusal
from bot.simulator.platform import Platform

Fields = dict[str, str]

_SIGNING = frozenset(
    {
        *("appid", "mch_id", "plan_id", "contract_code", "request_serial", "contract_display_account", "notify_url"),
        *("version", "timestamp", "openid", "sign"),
    }
)
_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>微信支付 扣费服务</title><h1>{{ title }}</h1><p>{{ agreement.name }}</p>
{% if agreement.state == "asked" %}<p>以后由商户按约定自动扣款，扣款前会通知您。</p>
<form method="post"><input type="hidden" name="code" value="{{ agreement.code }}"><button>同意并开通</button></form>{% endif %}</html>"""
_TITLES = {"asked": "开通自动扣款", "signed": "已开通自动扣款", "ended": "自动扣款已关闭"}


def blueprint(platform: Platform) -> Blueprint:
    api = Blueprint("api_papay", __name__)

    @api.get("/papay/entrustweb")
    def ask() -> Response:
        given = request.args.to_dict()
        wrong = set(given) != _SIGNING or not _is_ours(platform, given)
        if wrong or given["openid"] not in platform.people or "?" in given["notify_url"]:
            return Response("签约参数错误", 400)
        agreement = platform.papay.shown(
            Agreement(
                given["contract_code"], given["plan_id"], given["openid"], given["contract_display_account"],
                given["notify_url"],
            )
        )  # fmt: skip
        return _page(agreement)

    @api.post("/papay/entrustweb")
    def agree() -> Response:
        try:
            with platform.payments.lock:
                return _page(platform.papay.agree(request.form.get("code", "")))
        except NotPossible as sorry:
            return Response(str(sorry), 400)

    @api.post("/papay/<path:_rest>")
    @api.post("/pay/<path:_rest>")
    def call(_rest: str) -> Response:
        fault = platform.faults.take(request.path)
        kind = fault.kind if fault else ""
        if kind in ("timeout_before", "502"):
            return Response(status=504)
        answer = _answer(platform, forged=kind == "unsigned")
        return Response(status=504) if kind == "timeout_after" else answer

    return api


def _page(agreement: Agreement) -> Response:
    return Response(render_template_string(_PAGE, agreement=agreement, title=_TITLES[agreement.state]))


def _is_ours(platform: Platform, given: Mapping[str, str]) -> bool:
    shop = platform.payments.merchant
    signed = pay_signing.older(given, shop.api_key) == given.get("sign")
    return signed and given.get("appid") == shop.appid and given.get("mch_id") == shop.mchid


def _answer(platform: Platform, *, forged: bool) -> Response:
    shop = platform.payments.merchant
    try:
        given = {child.tag: child.text or "" for child in fromstring(request.get_data())}
    except ParseError:
        given = {}
    if not _is_ours(platform, given):
        return _xml({"return_code": "FAIL", "return_msg": "签名失败"})
    told = {"return_code": "SUCCESS", "appid": shop.appid, "mch_id": shop.mchid, "nonce_str": secrets.token_hex(8)}
    act = _ACTS.get(request.path)
    try:
        if act is None:
            raise PayRefusal(200, "PARAM_ERROR", request.path)
        with platform.payments.lock:
            told |= {"result_code": "SUCCESS", **act(platform, given)}
    except PayRefusal as no:
        told |= {"result_code": "FAIL", "err_code": no.code, "err_code_des": no.message}
    except KeyError as missing:
        told |= {"result_code": "FAIL", "err_code": "PARAM_ERROR", "err_code_des": f"缺少 {missing}"}
    return _xml({**told, "sign": "0" * 32 if forged else pay_signing.older(told, shop.api_key)})


def _xml(told: Fields) -> Response:
    body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items())
    return Response(f"<xml>{body}</xml>", content_type="text/xml; charset=utf-8")


def _query(platform: Platform, given: Fields) -> Fields:
    found = platform.papay.find(given["contract_code"])
    state = {"signed": "0", "ended": "1"}[found.state]
    return {
        "contract_code": found.code, "plan_id": found.plan_id, "contract_id": found.contract_id, "openid": found.openid,
        "contract_state": state,
    }  # fmt: skip


def _delete(platform: Platform, given: Fields) -> Fields:
    found = platform.papay.end(given["contract_code"])
    return {"contract_code": found.code, "plan_id": found.plan_id, "contract_id": found.contract_id}


def _charge(platform: Platform, given: Fields) -> Fields:
    if given["trade_type"] != "PAP" or not given["total_fee"].isdigit() or not 6 <= len(given["out_trade_no"]) <= 32:
        raise PayRefusal(200, "PARAM_ERROR", "参数超出范围")
    platform.papay.charge(
        PapayCharge(
            given["out_trade_no"], given["contract_id"], int(given["total_fee"]), given["body"], given["notify_url"], "",
            platform.clock.now(),
        )
    )  # fmt: skip
    return {}


def _query_charge(platform: Platform, given: Fields) -> Fields:
    charge = platform.papay.find_charge(given["out_trade_no"])
    told = {**platform.papay.as_notice(charge), "trade_state": charge.state}
    return {**told, "result_code": "SUCCESS"}


_ACTS: dict[str, Callable[[Platform, Fields], Fields]] = {
    "/papay/querycontract": _query,
    "/papay/deletecontract": _delete,
    "/pay/pappayapply": _charge,
    "/pay/paporderquery": _query_charge,
}
