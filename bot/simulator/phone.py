"""The page with the phones, and the small API behind it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import NotFound

from bot.simulator.errors import NotPossible
from bot.simulator.platform import Platform
from bot.simulator.wishes import apologise, json_object

Act = Callable[[Platform, dict[str, Any]], object]
ACTS: dict[str, Act] = {
    "say": lambda platform, wish: platform.say(wish["openid"], str(wish["text"]), wish.get("menu_id", "")),
    "voice": lambda platform, wish: platform.send_voice(
        wish["openid"], str(wish["text"]), recognised=bool(wish.get("recognised"))
    ),
    "location": lambda platform, wish: platform.send_location(
        wish["openid"], float(wish["latitude"]), float(wish["longitude"]), str(wish["label"])
    ),
    "scan": lambda platform, wish: platform.scan(wish["openid"], str(wish["code"])),
    "menu": lambda platform, wish: platform.click_menu(wish["openid"], wish["key"], wish.get("scanned", "")),
    "view": lambda platform, wish: platform.view_menu(wish["openid"], wish["url"]),
    "follow": lambda platform, wish: platform.follow(wish["openid"]),
    "unfollow": lambda platform, wish: platform.unfollow(wish["openid"]),
    "pay": lambda platform, wish: platform.pay_sheet(wish["openid"], dict(wish["sheet"])),
    "consent": lambda platform, wish: platform.answer_consent(
        wish["openid"], wish["template_id"], accept=bool(wish["accept"])
    ),
}


def blueprint(platform: Platform) -> Blueprint:
    page = Blueprint("phone", __name__)
    apologise(page)

    @page.get("/simulator")
    @page.get("/simulator/")
    def phones() -> str:
        names = [person.name for person in platform.settings.people]
        return render_template(
            "simulator.html",
            account_name=platform.settings.account_name,
            first=names[0],
            second=names[min(1, len(names) - 1)],
        )

    @page.get("/simulator/api/story")
    def story() -> Response:
        return jsonify(_story(platform))

    @page.get("/simulator/api/updates")
    def updates() -> Response:
        return jsonify(_updates(platform, int(request.args.get("since", 0))))

    @page.post("/simulator/api/act/<name>")
    def act(name: str) -> Response:
        if name not in ACTS:
            raise NotFound
        ACTS[name](platform, _wish(platform))
        return jsonify({"ok": True})

    @page.post("/simulator/api/sheet")
    def sheet() -> Response:
        wish = _wish(platform)
        order = platform.payments.shown_on_sheet(dict(wish["sheet"]), wish["openid"])
        return jsonify({"fen": order.fen, "description": order.description})

    _picture_routes(page, platform)
    return page


def _picture_routes(page: Blueprint, platform: Platform) -> None:
    @page.post("/simulator/api/act/image")
    def image() -> Response:
        upload = request.files.get("media")
        openid = request.form.get("openid", "")
        if upload is None or openid not in platform.people:
            raise NotPossible("请选一张图片")
        platform.send_image(openid, upload.read(), upload.filename or "photo.jpg")
        return jsonify({"ok": True})

    @page.get("/simulator/api/media/<media_id>")
    def media(media_id: str) -> Response:
        found = platform.media.shown(media_id)
        if found is None:
            raise NotFound
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400"}
        return Response(found[1], content_type=found[0].content_type, headers=headers)


def _story(platform: Platform) -> dict[str, Any]:
    """All that does not change while the page is open."""
    settings = platform.settings
    return {
        "account_name": settings.account_name,
        "people": [asdict(person) for person in settings.people],
        "scenes": [{"scene": scene, "label": label} for scene, label in settings.scenes],
        "examples": {openid: list(sentences) for openid, sentences in settings.examples},
        "prompts": list(settings.prompts),
    }


def _updates(platform: Platform, since: int) -> dict[str, Any]:
    """What is new since message number `since`. A page that is ahead of us was left over from an earlier start."""
    seq = platform.chats.last
    return {
        "seq": seq,
        "start_over": since > seq,
        "messages": platform.chats.since(0 if since > seq else since),
        "now": platform.clock.now().isoformat(),
        "following": platform.followers.following(),
        "busy": platform.courier.busy(),
        "menu_version": platform.menu.version,
        "menu": platform.menu.buttons(),
    }


def _wish(platform: Platform) -> dict[str, Any]:
    wish = json_object()
    if wish.get("openid") not in platform.people:
        raise NotPossible("没有这个人")
    return wish
