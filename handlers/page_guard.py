"""What holds for every page of ours, in one place: who is let in, which forms are taken, what browsers may do with an answer.

The groups of handlers/web/__init__.py decide: a page of a group cannot forget its guard.
"""

from flask import Flask, Response, current_app, g, redirect, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from bot.services import Services
from handlers import forms, page_login, staff_at_desk
from handlers.signed_in import signed_in

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PAGES = frozenset({"resident", "desk"})

NOT_OURS = "这个网址不是我们的。管理员请核对设置 PUBLIC_URL 和 TRUSTED_HOSTS。\n"
NOT_FOUND = "没有找到您要看的内容。"
FORM_SPENT = "这一页放得太久了，请重新打开再提交一次。"
SIGNED_OUT = "您已经退出了，请重新登录。"
TOO_LARGE = "这个文件太大了。请删掉图片和空白的表，或按楼栋分成几个文件。"
FIRST_OPEN = "请先从微信里打开这一页。"

# Nothing from elsewhere, nothing inline; shown in a frame only by ourselves (the training phone).
CONTENT_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": CONTENT_POLICY,
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
}


def guard(app: Flask) -> None:
    """Put the guard before every request of the app."""
    app.before_request(_let_in)
    app.after_request(_sealed)
    app.register_error_handler(SecurityError, _foreign_name)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.add_template_global(forms.hidden_field, "form_token")


def group_of_request() -> str:
    """The group of handlers/web/__init__.py that the address in hand belongs to, or ""."""
    groups: dict[str, str] = current_app.extensions.get("groups", {})
    return groups.get(request.endpoint or "", "")


def _let_in() -> BaseResponse | tuple[str, int] | None:
    group = group_of_request()
    if group not in PAGES:
        return None
    if group == "resident" and not signed_in():
        if request.method not in SAFE:
            return page_login.said(FIRST_OPEN), 403
        return page_login.begin(_services(), request.full_path.removesuffix("?"))
    if group == "desk":
        refused = _let_in_at_desk(_services())
        if refused is not None:
            return refused
    if request.method not in SAFE and not forms.carries_token():
        return page_login.said(FORM_SPENT, request.path), 403
    return None


def _let_in_at_desk(services: Services) -> BaseResponse | tuple[str, int] | None:
    """Staff who signed in with a number said in WeChat; everybody else sees the page that shows one."""
    # A ledger may be long, nothing else is. Set before a form is looked into, for that reads the body.
    request.max_content_length = (services.settings.import_max_mb + 1) << 20
    with services.database.reading() as session:
        g.at_desk = staff_at_desk.person_at_desk(session, services.clock.now())
    if g.at_desk is not None:
        return None
    if request.method not in SAFE:
        return page_login.said(SIGNED_OUT, staff_at_desk.FRONT), 403
    return redirect(staff_at_desk.LOGIN)


def _sealed(response: Response) -> Response:
    if group_of_request() in PAGES or _is_page(request.path):
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response


def _not_found(error: HTTPException) -> HTTPException | tuple[str, int]:
    """One and the same answer for what does not exist and for what is somebody else's."""
    if not _is_page(request.path):
        return error
    front = "/desk/" if request.path.startswith("/desk/") else page_login.HOME
    return page_login.said(NOT_FOUND, front, button="回到首页"), 404


def _too_large(error: HTTPException) -> HTTPException | tuple[str, int]:
    if not _is_page(request.path):
        return error
    return page_login.said(TOO_LARGE, staff_at_desk.FRONT), 413


def _foreign_name(error: HTTPException) -> Response:
    return Response(NOT_OURS, 400, mimetype="text/plain")


def _is_page(path: str) -> bool:
    return path.startswith(("/m/", "/desk/", "/q/"))


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
