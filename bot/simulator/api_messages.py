"""Calls that put something on a person's screen, and the files they need."""

from typing import Any

from flask import Response

from bot.simulator import pushes
from bot.simulator.calls import Answer, Call, Request, done
from bot.simulator.errors import ApiError
from bot.simulator.strict import Shape, check
from bot.simulator.templates import check_data

LONGEST_TEXT = 2048  # bytes in UTF-8
CUSTOM_TYPES: dict[str, Shape] = {
    "text": {"content": str},
    "image": {"media_id": str},
    "voice": {"media_id": str},
    "video": {"media_id": str, "thumb_media_id": str, "title?": str, "description?": str},
    "music": {"title?": str, "description?": str, "musicurl": str, "hqmusicurl": str, "thumb_media_id": str},
    "news": {"articles": [{"title": str, "description?": str, "url": str, "picurl?": str}]},
    "mpnewsarticle": {"article_id": str},
    "msgmenu": {"head_content": str, "list": [{"id": str, "content": str}], "tail_content?": str},
    "miniprogrampage": {"title": str, "appid": str, "pagepath": str, "thumb_media_id": str},
}


def _send_custom(request: Request) -> Answer:
    """A customer-service message; see windows.py for how many there may be."""
    body = dict(request.body)
    openid, kind = body.pop("touser"), body.pop("msgtype")
    body.pop("customservice", None)
    if kind not in CUSTOM_TYPES:
        raise ApiError(40008)
    if set(body) != {kind}:
        raise ApiError(47001, f"hint: exactly one content, [{kind}], is allowed")
    check(body[kind], CUSTOM_TYPES[kind], kind)
    _check_custom(request, kind, body[kind])
    if not request.platform.followers.get(openid).following:
        raise ApiError(45015)
    if openid in request.platform.refusing:
        raise ApiError(48002)
    request.platform.windows.spend(openid, request.now)
    _show_custom(request, openid, kind, body[kind])
    return done()


def _check_custom(request: Request, kind: str, content: dict[str, Any]) -> None:
    if kind == "text" and not content["content"].strip():
        raise ApiError(44004)
    if kind == "text" and len(content["content"].encode()) > LONGEST_TEXT:
        raise ApiError(45002)
    if kind == "news" and len(content["articles"]) != 1:
        raise ApiError(45008)
    if kind in ("image", "voice", "video"):
        request.platform.media.get(content["media_id"], request.now, kind)


def _show_custom(request: Request, openid: str, kind: str, content: dict[str, Any]) -> None:
    show = request.platform.show
    if kind == "text":
        show(openid, "text", content["content"])
    elif kind == "news":
        article = content["articles"][0]
        show(openid, "news", article["title"], **article)
    elif kind == "msgmenu":
        show(openid, "msgmenu", content["head_content"], list=content["list"], tail=content.get("tail_content", ""))
    else:
        show(openid, kind, content.get("title", ""), media_id=content.get("media_id", ""))


def _send_template(request: Request) -> Answer:
    body, platform = request.body, request.platform
    openid, client_msg_id = body["touser"], body.get("client_msg_id", "")
    template = platform.sent_templates.template(body["template_id"])
    following = platform.followers.get(openid).following
    check_data(template, body["data"])
    if not following:
        raise ApiError(43004)
    earlier = platform.sent_templates.earlier(openid, client_msg_id, request.now)
    if earlier is not None:
        return {**done(), "msgid": earlier}
    msgid = pushes.new_message_id(request.now)
    platform.sent_templates.remember(openid, client_msg_id, msgid, request.now)
    lines = [[label, body["data"][key]["value"]] for key, label in template.fields]
    url = body.get("url", "")
    refused = openid in platform.refusing
    if not refused:
        platform.show(openid, "template", template.title, fields=lines, url=url, template_id=template.template_id)
    status = "failed:user block" if refused else "success"
    fields: tuple[tuple[str, pushes.Value], ...] = (("MsgID", msgid), ("Status", status))
    platform.push_later(pushes.event(openid, request.now, "TEMPLATESENDJOBFINISH", *fields, shows=False))
    return {**done(), "msgid": msgid}


def _send_subscription(request: Request) -> Answer:
    """One message for one consent. The answer has no msgid, as in life; the event tells how it ended."""
    body, platform = request.body, request.platform
    openid = body["touser"]
    template = platform.sent_templates.template(body["template_id"])
    platform.followers.get(openid)
    check_data(template, body["data"])
    platform.consents.spend(openid, template.template_id)
    lines = [[label, body["data"][key]["value"]] for key, label in template.fields]
    url = body.get("page", "")
    platform.show(openid, "template", template.title, fields=lines, url=url, template_id=template.template_id)
    entry: pushes.Value = (
        ("TemplateId", template.template_id),
        ("MsgID", pushes.new_message_id(request.now)),
        ("ErrorCode", 0),
        ("ErrorStatus", "success"),
    )
    result: tuple[str, pushes.Value] = ("SubscribeMsgSentEvent", (("List", entry),))
    platform.push_later(pushes.event(openid, request.now, "subscribe_msg_sent_event", result, shows=False))
    return done()


def _upload(request: Request) -> Answer:
    if request.file is None:
        raise ApiError(41005)
    filename, content = request.file
    media = request.platform.media.add(request.query["type"], content, filename, request.now)
    name = "thumb_media_id" if media.kind == "thumb" else "media_id"
    return {"type": media.kind, name: media.media_id, "created_at": int(media.made_at.timestamp())}


def _download(request: Request) -> Answer:
    media, content = request.platform.media.get(request.query["media_id"], request.now)
    answer = Response(content, content_type=media.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{media.media_id[:20]}"'
    return answer


_DATA = {"*": {"value": str, "color?": str}}
_MINIPROGRAM = {"appid": str, "pagepath?": str}
_CUSTOM = {"touser": str, "msgtype": str, "customservice?": {"kf_account": str}, "*": dict}
_TEMPLATE = {
    "touser": str,
    "template_id": str,
    "url?": str,
    "miniprogram?": _MINIPROGRAM,
    "client_msg_id?": str,
    "data": _DATA,
}
_SUBSCRIPTION = {
    "touser": str,
    "template_id": str,
    "page?": str,
    "miniprogram?": _MINIPROGRAM,
    "data": _DATA,
    "miniprogram_state?": str,
    "lang?": str,
}

CALLS = (
    Call("/cgi-bin/message/custom/send", _send_custom, body=_CUSTOM),
    Call("/cgi-bin/message/template/send", _send_template, body=_TEMPLATE),
    Call("/cgi-bin/message/subscribe/bizsend", _send_subscription, body=_SUBSCRIPTION),
    Call("/cgi-bin/media/upload", _upload, query={"type": str}, upload=True),
    Call("/cgi-bin/media/get", _download, query={"media_id": str}),
)
