"""Calls about the account itself: tokens, quotas, addresses, the menu, QR codes, OAuth."""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.simulator.calls import Answer, Call, Request, done
from bot.simulator.errors import ApiError
from bot.simulator.menu import BODY as MENU_BODY
from bot.simulator.menu import check_menu


def _token(request: Request) -> Answer:
    _check_account(request, request.query)
    token, seconds = request.platform.tokens.fresh(request.now)
    return {"access_token": token, "expires_in": seconds}


def _stable_token(request: Request) -> Answer:
    _check_account(request, request.body)
    token, seconds = request.platform.tokens.stable(request.now, force=request.body.get("force_refresh", False))
    return {"access_token": token, "expires_in": seconds}


def _check_account(request: Request, given: Mapping[str, str], grant: str = "client_credential") -> None:
    settings = request.platform.settings
    if given.get("grant_type") != grant:
        raise ApiError(40002)
    if not given.get("appid"):
        raise ApiError(41002)
    if not given.get("secret"):
        raise ApiError(41004)
    if given["appid"] != settings.appid:
        raise ApiError(40013)
    if not secrets.compare_digest(given["secret"].encode(), settings.secret.encode()):
        raise ApiError(40125)


def _oauth_token(request: Request) -> Answer:
    _check_account(request, request.query, grant="authorization_code")
    if not request.query.get("code"):
        raise ApiError(41008)
    return request.platform.oauth.redeem(request.query["code"], request.now)


def _clear_quota(request: Request) -> Answer:
    if request.body["appid"] != request.platform.settings.appid:
        raise ApiError(40013)
    request.platform.counts.clear(request.now)
    return done()


def _quota(request: Request) -> Answer:
    quota = request.platform.counts.of(request.body["cgi_path"], request.now)
    return {**done(), "quota": quota, "rate_limit": {"call_count": 0, "refresh_second": 60}}


def _addresses(_request: Request) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


def _page_ticket(request: Request) -> Answer:
    if request.query["type"] != "jsapi":
        raise ApiError(40035, "hint: [type]")
    ticket, seconds = request.platform.page_tickets.stable(request.now, force=False)
    return {**done(), "ticket": ticket, "expires_in": seconds}


def _create_menu(request: Request) -> Answer:
    check_menu(request.body["button"])
    request.platform.menu.put(request.body["button"])
    return done()


def _show_menu(request: Request) -> Answer:
    if not request.platform.menu.buttons():
        raise ApiError(46003)
    return {"menu": {"button": request.platform.menu.buttons()}}


def _delete_menu(request: Request) -> Answer:
    request.platform.menu.put([])
    return done()


def _create_qrcode(request: Request) -> Answer:
    body = request.body
    code = request.platform.qrcodes.create(
        body["action_name"], body["action_info"]["scene"], body.get("expire_seconds"), request.now
    )
    answer: dict[str, Any] = {"ticket": code.ticket, "url": code.url}
    if code.ends_at is not None:
        answer["expire_seconds"] = int((code.ends_at - request.now).total_seconds())
    return answer


_CREDENTIALS = {"grant_type?": str, "appid?": str, "secret?": str}
_QRCODE = {
    "action_name": str,
    "expire_seconds?": int,
    "action_info": {"scene": {"scene_id?": int, "scene_str?": str}},
}

CALLS = (
    Call("/cgi-bin/token", _token, query=_CREDENTIALS, token=False),
    Call("/cgi-bin/stable_token", _stable_token, body={**_CREDENTIALS, "force_refresh?": bool}, token=False),
    Call("/sns/oauth2/access_token", _oauth_token, query={**_CREDENTIALS, "code?": str}, token=False),
    Call("/cgi-bin/clear_quota", _clear_quota, body={"appid": str}),
    Call("/cgi-bin/openapi/quota/get", _quota, body={"cgi_path": str}),
    Call("/cgi-bin/getcallbackip", _addresses),
    Call("/cgi-bin/get_api_domain_ip", _addresses),
    Call("/cgi-bin/ticket/getticket", _page_ticket, query={"type": str}),
    Call("/cgi-bin/menu/create", _create_menu, body=MENU_BODY),
    Call("/cgi-bin/menu/get", _show_menu),
    Call("/cgi-bin/menu/delete", _delete_menu),
    Call("/cgi-bin/qrcode/create", _create_qrcode, body=_QRCODE),
)
