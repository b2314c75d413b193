"""/q/<code>: what a printed sticker opens in a browser. Inside WeChat it is known who stands there, and the talk goes on in the
chat; anybody else is shown the account's own code. An unknown sticker is one and the same sentence, whoever asks."""

import io
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from bot.dispatch import Desk, StillWorking, take_turn
from bot.incoming import OPENED, Incoming
from bot.services import Services
from bot.wechat.client import LONGEST_QR_SECONDS
from bot.wechat.errors import WeChatError
from handlers import page_login
from handlers.signed_in import signed_in, visitor
from handlers.speaker import Person
from models.billing.meter_actions import meter_with_code_of_account
from models.estate.place_actions import keep_qr
from models.estate.place_codes import read_code
from models.estate.places import Spot, place_with_code_of_account
from models.people.following import is_follower

UNKNOWN = "这张贴纸我们不认得。请在公众号里直接说一句哪里坏了。"
METER = "这是水电表上的贴纸，抄表的师傅请用微信扫。"
AGAIN = "刚才没有接上，请再扫一次。"
# A code that is shown now must still work when somebody comes back to it tomorrow.
FRESH_FOR = timedelta(days=1)


def register(app: Flask) -> None:
    app.add_url_rule("/q/<code>", view_func=sticker, methods=["GET"])
    app.add_url_rule("/q/<code>/follow.png", view_func=sticker_code, methods=["GET"])


def sticker(code: str) -> BaseResponse | str | tuple[str, int]:
    """Put the place before the conversation, or show how to follow."""
    services = _services()
    with services.database.reading() as session:
        spot = _spot(session, services, code)
        known = spot.place.code if spot is not None else _meter_code(session, services, code)
        person = visitor(session, services.clock.now()) if known is not None else None
        follows = person is not None and is_follower(session, person.account, person.openid)
    if known is None:
        return _page(UNKNOWN), 404
    if _inside_wechat(services) and not signed_in():
        return page_login.begin(services, f"/q/{known}")
    if person is None or not follows:
        return _page(METER) if spot is None else _to_follow(spot)
    try:
        words = _arrive(services, person, known)
    except StillWorking:
        return _page(AGAIN), 503
    return _page(words, go_back=True)


def sticker_code(code: str) -> Response | tuple[str, int]:
    """The account's own code for this place, as a picture that a long press follows."""
    import qrcode  # noqa: PLC0415 (only needed here)

    services = _services()
    with services.database.reading() as session:
        spot = _spot(session, services, code)
    if spot is None:
        return _page(UNKNOWN), 404
    try:
        says = _followed_by(services, spot, services.clock.now())
    except WeChatError:
        return _page(page_login.SILENT), 503
    png = io.BytesIO()
    qrcode.make(says, border=2).save(png)
    return Response(png.getvalue(), mimetype="image/png")


def _to_follow(spot: Spot) -> str:
    return _page(f"{spot.label}：长按下面的二维码，关注后说一句就报修。", follow=f"/q/{spot.place.code}/follow.png")


def _arrive(services: Services, person: Person, code: str) -> str:
    """The same turn as a scan; opening the page again within the minute is the same visit."""
    desk: Desk = current_app.extensions["desk"]
    now = services.clock.now()
    visit = Incoming(
        account=person.account,
        openid=person.openid,
        kind=OPENED,
        key=f"q:{code}:{now:%Y%m%d%H%M}",
        sent_at=now,
        scene=code,
    )
    return take_turn(desk, visit, now)


def _followed_by(services: Services, spot: Spot, now: datetime) -> str:
    """What the code says that leads here after following: the permanent one, or one of thirty days. Raises WeChatError."""
    place = spot.place
    if place.qr_url and (place.qr_until is None or place.qr_until - now > FRESH_FOR):
        return place.qr_url
    url: str = services.wechat.create_qrcode(place.code, LONGEST_QR_SECONDS)[1]
    with services.database.transaction() as session:
        keep_qr(session, place.id, url, until=now + timedelta(seconds=LONGEST_QR_SECONDS))
    return url


def _spot(session: Session, services: Services, code: str) -> Spot | None:
    known = read_code(code)
    return place_with_code_of_account(session, services.settings.wechat_account, known) if known is not None else None


def _meter_code(session: Session, services: Services, code: str) -> str | None:
    """The code again, when it stands on a meter of the company."""
    known = read_code(code)
    meter = meter_with_code_of_account(session, services.settings.wechat_account, known) if known is not None else None
    return meter.code if meter is not None else None


def _inside_wechat(services: Services) -> bool:
    """Only WeChat's own browser can say who it is; the training phone is a frame in any browser."""
    return services.settings.simulator or "MicroMessenger" in request.user_agent.string


def _page(words: str, *, follow: str = "", go_back: bool = False) -> str:
    return str(render_template("sticker.html", words=words, follow=follow, go_back=go_back))


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
