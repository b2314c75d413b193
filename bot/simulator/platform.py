"""The pretend platform: its books, and what people do with their phones. No sockets; those are in api.py and phone.py."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.clock import Clock, FixedClock, SharedClock
from bot.simulator import pushes
from bot.simulator.chats import Chats
from bot.simulator.consent import Consents
from bot.simulator.delivery import Courier, Deliver, post
from bot.simulator.errors import NotPossible
from bot.simulator.faults import Faults
from bot.simulator.followers import Followers
from bot.simulator.media import SILENCE, MediaShop
from bot.simulator.menu import MenuBoard
from bot.simulator.oauth import OAuth
from bot.simulator.papay import Papay
from bot.simulator.pay_notices import Post
from bot.simulator.pay_notices import post as post_notice
from bot.simulator.payments import Payments
from bot.simulator.pushes import Push, Value
from bot.simulator.qrcodes import QrCodes, expired
from bot.simulator.quotas import CallCounts
from bot.simulator.replies import Reply
from bot.simulator.settings import PhoneOwner, SimulatorSettings
from bot.simulator.store import Store
from bot.simulator.templates import SentTemplates
from bot.simulator.tokens import Tokens
from bot.simulator.windows import Windows

PAY_CODE = "weixin://wxpay/"
BROKEN = "该公众号提供的服务出现故障，请稍后再试"


@dataclass(frozen=True)
class Failure:
    """A push that ended badly, with the reason the person is not shown."""

    openid: str
    at: datetime
    reason: str


class Platform:
    """`deliver(url, query, body) -> (status, body)` carries a push; `stopwatch` measures the five seconds it may take.

    In the caller's thread (the default) a person's action returns when the answer is on their screen. Pushes caused by
    API calls then wait for `deliver_pending()` or the next action, because the caller may be in the middle of its own work.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        clock: Clock,
        *,
        deliver: Deliver = post,
        notify: Post = post_notice,
        background: bool = False,
        stopwatch: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.wait = wait
        self.lock = threading.RLock()
        self.refusing: set[str] = set()  # who has switched off the account's messages: sent, and never shown
        self.people: dict[str, PhoneOwner] = {person.openid: person for person in settings.people}
        self._store = store = Store(settings.state_file)
        self.chats = Chats(store)
        self.consents = Consents(store)
        self.followers = Followers(store, tuple(self.people), clock.now())
        self.media = MediaShop(store)
        self.menu = MenuBoard(store)
        if settings.menu and self.menu.version == 0:
            self.menu.put(list(settings.menu))
        self.qrcodes = QrCodes(store)
        self.sent_templates = SentTemplates(store, settings.templates)
        self.tokens = Tokens(store, "tokens")
        self.page_tickets = Tokens(store, "page_tickets")
        self.windows = Windows(store)
        self.oauth = OAuth(settings.appid)
        self.counts = CallCounts()
        self.faults = Faults()
        self.payments = Payments(
            settings.merchant, store, clock, self.faults, paid=self._show_payment, deliver=notify, background=background
        )
        self.papay = Papay(self.payments, self.faults, store)
        self.failures: list[Failure] = []
        self.flags: list[str] = []  # Calls that worked although they should be made differently.
        self.courier = Courier(
            settings, clock, deliver=deliver, answered=self._show_reply, failed=self._show_failure,
            stopwatch=stopwatch, background=background,
        )  # fmt: skip

    # What people do.

    def say(self, openid: str, text: str, menu_id: str = "") -> None:
        """Send words; with `menu_id` they come from tapping a bizmsgmenu link."""
        if not text.strip():
            raise NotPossible("请先输入要说的话")
        extra: tuple[tuple[str, Value], ...] = (("bizmsgmenuid", menu_id),) if menu_id else ()
        # By the menu-message note such a tap counts as a menu click, although it arrives as text.
        self._talk(openid, "text", text, (("Content", text), *extra), trigger="menu" if menu_id else "message")

    def send_image(self, openid: str, content: bytes, filename: str = "photo.jpg") -> str:
        """Send a picture; returns its media id. Raises ApiError 40005 or 40006 for a file that is none or too big."""
        media_id = self.media.add("image", content, filename, self.clock.now()).media_id
        fields = (("PicUrl", self.media_url(media_id)), ("MediaId", media_id))
        self._talk(openid, "image", "", fields, media_id=media_id)
        return media_id

    def send_voice(self, openid: str, words: str, *, recognised: bool = False) -> str:
        """Send a recording of `words`; the account only gets to read them when `recognised`. Returns the media id."""
        media_id = self.media.add("voice", SILENCE, "voice.amr", self.clock.now()).media_id
        fields = (("MediaId", media_id), ("Format", "amr"), ("Recognition", words if recognised else ""))
        self._talk(openid, "voice", words, fields, media_id=media_id, recognised=recognised)
        return media_id

    def send_location(self, openid: str, latitude: float, longitude: float, label: str, scale: int = 16) -> None:
        fields = (("Location_X", latitude), ("Location_Y", longitude), ("Scale", scale), ("Label", label))
        self._talk(openid, "location", label, fields, latitude=latitude, longitude=longitude)

    def scan(self, openid: str, code: str) -> None:
        """Point the camera at a code: its scene, ticket or address. Who does not follow yet follows by it.

        A scene that was never created here is taken as a printed sticker of the account.
        """
        now = self.clock.now()
        if code.startswith(PAY_CODE):
            self.payments.pay(code, openid)
            return
        known = self.qrcodes.find(code)
        if not code.strip() or (known is not None and expired(known, now)):
            raise NotPossible("这个二维码已经失效")
        scene, ticket = (known.scene, known.ticket) if known else (code.strip(), f"gQ_sticker_{code.strip()}")
        following = self.followers.get(openid).following
        self._system(openid, f"扫描了二维码「{dict(self.settings.scenes).get(scene, scene)}」")
        if not following:
            self.followers.come(openid, now, scene)
            self._system(openid, f"你已关注{self.settings.account_name}")
        name, key = ("SCAN", scene) if following else ("subscribe", f"qrscene_{scene}")
        self.windows.open(openid, "scan", now)
        self.courier.send(pushes.event(openid, now, name, ("EventKey", key), ("Ticket", ticket)))

    def click_menu(self, openid: str, key: str, scanned: str = "") -> None:
        """Tap a button of the menu by its key; `scanned` is what the camera of a scancode button saw."""
        self._must_follow(openid)
        now = self.clock.now()
        button = self.menu.button(key)
        if button is None:
            raise NotPossible(f"菜单里没有「{key}」")
        self._system(openid, f"点了菜单「{button['name']}」")
        self.windows.open(openid, "menu", now)
        if button["type"].startswith("scancode"):
            info: Value = (("ScanType", "qrcode"), ("ScanResult", scanned))
            self.courier.send(pushes.event(openid, now, button["type"], ("EventKey", key), ("ScanCodeInfo", info)))
        else:
            self.courier.send(pushes.event(openid, now, "CLICK", ("EventKey", key)))

    def view_menu(self, openid: str, url: str) -> None:
        """Tap a button that opens a page: the account is told, and may not answer."""
        self._must_follow(openid)
        self.courier.send(pushes.event(openid, self.clock.now(), "VIEW", ("EventKey", url), shows=False))

    def follow(self, openid: str) -> None:
        now = self.clock.now()
        if self.followers.get(openid).following:
            raise NotPossible("已经关注了")
        self.followers.come(openid, now)
        self.windows.open(openid, "follow", now)
        self._system(openid, f"你已关注{self.settings.account_name}")
        self.courier.send(pushes.event(openid, now, "subscribe", ("EventKey", "")))

    def unfollow(self, openid: str) -> None:
        self._must_follow(openid)
        self.followers.leave(openid)
        self.windows.close(openid)
        self._system(openid, f"你已取消关注{self.settings.account_name}")
        self.courier.send(pushes.event(openid, self.clock.now(), "unsubscribe", ("EventKey", ""), shows=False))

    def refuse_messages(self, openid: str, *, refuse: bool = True) -> None:
        """Switch off 接收消息 in the account's settings: the account only learns of it by what becomes of its messages."""
        self._must_follow(openid)
        (self.refusing.add if refuse else self.refusing.discard)(openid)

    def take_back_consent(self, openid: str, template_id: str) -> None:
        """Switch off one subscription in the account's settings."""
        self._must_follow(openid)
        self.consents.drop(openid, template_id)
        entry: Value = (("TemplateId", template_id), ("SubscribeStatusString", "reject"))
        change = ("SubscribeMsgChangeEvent", (("List", entry),))
        self.courier.send(pushes.event(openid, self.clock.now(), "subscribe_msg_change_event", change, shows=False))

    def answer_consent(self, openid: str, template_id: str, *, accept: bool) -> None:
        """Answer the pop-up that asks to allow one subscription message."""
        self._must_follow(openid)
        if accept:
            self.consents.grant(openid, template_id)
        answer = "accept" if accept else "reject"
        entry: Value = (("TemplateId", template_id), ("SubscribeStatusString", answer), ("PopupScene", "2"))
        fields: Value = (("List", entry),)
        self.courier.send(
            pushes.event(
                openid, self.clock.now(), "subscribe_msg_popup_event", ("SubscribeMsgPopupEvent", fields), shows=False
            )
        )

    def pay(self, openid: str) -> None:
        """A payment opens the widest window of all."""
        self.windows.open(openid, "payment", self.clock.now())

    def pay_sheet(self, openid: str, sheet: dict[str, str]) -> None:
        """Agree to the payment sheet that a page of the account has opened."""
        self.payments.pay(self.payments.shown_on_sheet(sheet, openid).token, openid)

    # What people see.

    def chat(self, openid: str) -> list[dict[str, Any]]:
        """The messages on this person's screen, oldest first; see chats.Message for the keys every one has."""
        return self.chats.of(openid)

    def show(self, openid: str, kind: str, text: str, **more: Any) -> None:
        """Put something the account sent on the screen."""
        self.chats.add(openid, "out", kind, text, self.clock.now(), **more)

    def media_url(self, media_id: str) -> str:
        server = urlsplit(self.settings.webhook_url)
        return f"{server.scheme}://{server.netloc}/simulator/api/media/{media_id}"

    # Time, and what waits for it.

    def advance(self, step: timedelta) -> None:
        """Move the clock on. Raises NotPossible when it is the system's own."""
        if not isinstance(self.clock, (FixedClock, SharedClock)):
            raise NotPossible("这里用的是真实时间，不能拨动")
        if step < timedelta():
            raise NotPossible("时间只能往前走")
        self.clock.move(step)

    def push_later(self, push: Push) -> None:
        """A push caused by an API call."""
        self.courier.send_later(push)

    def deliver_pending(self) -> None:
        self.courier.deliver_pending()
        self.payments.notices.deliver_due()

    def close(self) -> None:
        """Finish what is under way and let go of the file."""
        self.courier.close()
        self.payments.notices.close()
        self._store.close()

    # Below: how the above is done.

    def _talk(
        self, openid: str, kind: str, text: str, fields: pushes.Fields, *, trigger: str = "message", **more: Any
    ) -> None:
        self._must_follow(openid)
        now = self.clock.now()
        self.chats.add(openid, "in", kind, text, now, **more)
        self.windows.open(openid, trigger, now)
        self.courier.send(pushes.message(openid, now, kind, *fields))

    def _show_payment(self, openid: str, words: str) -> None:
        self.pay(openid)
        self._system(openid, words)

    def _must_follow(self, openid: str) -> None:
        if not self.followers.get(openid).following:
            raise NotPossible("还没有关注这个公众号")

    def _system(self, openid: str, text: str, **more: Any) -> None:
        self.chats.add(openid, "system", "system", text, self.clock.now(), **more)

    def _show_reply(self, push: Push, reply: Reply | None) -> None:
        if reply is None or not push.shows:
            return
        if reply.kind == "news":
            article = reply.article or {}
            self.show(push.openid, "news", article.get("title", ""), **article)
        elif reply.kind == "transfer_customer_service":
            self._system(push.openid, "已转接人工客服")
        else:
            self.show(push.openid, reply.kind, reply.text, media_id=reply.media_id)

    def _show_failure(self, push: Push, reason: str) -> None:
        self.failures.append(Failure(push.openid, self.clock.now(), reason))
        if push.shows:
            self._system(push.openid, BROKEN, reason=reason)
