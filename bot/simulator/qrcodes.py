"""QR codes with a parameter. Source: D/service/api/qrcode/qrcodes/api_createqrcode.md."""

import io
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import qrcode

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store

LONGEST = 2_592_000  # seconds: thirty days
SHORTEST = 60  # seconds, when expire_seconds is left out


@dataclass(frozen=True)
class QrCode:
    ticket: str
    scene: str
    url: str
    ends_at: datetime | None  # None: for ever


class QrCodes:
    def __init__(self, store: Store) -> None:
        self._codes: Shelf[QrCode] = Shelf(store, "qrcodes", QrCode)

    def create(self, action: str, scene: dict[str, Any], expire_seconds: int | None, now: datetime) -> QrCode:
        """Raises ApiError 40053 for a scene or a life time outside the limits."""
        temporary = action in ("QR_SCENE", "QR_STR_SCENE")
        if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
            raise ApiError(40053, "hint: [action_name]")
        lasts = SHORTEST if expire_seconds is None else expire_seconds
        if (expire_seconds is not None and not temporary) or not 0 < lasts <= LONGEST:
            raise ApiError(40053, "hint: [expire_seconds]")
        if not _scene_fits(action, scene):
            raise ApiError(40053, "hint: [action_info.scene]")
        ends_at = now + timedelta(seconds=lasts) if temporary else None
        ticket = "gQ" + secrets.token_urlsafe(60)
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(16)}"
        code = QrCode(ticket, str(next(iter(scene.values()))), url, ends_at)
        self._codes.put(ticket, code)
        return code

    def find(self, text: str) -> QrCode | None:
        """The code a camera sees: by its ticket, its address, or (the newest) by its scene."""
        for code in reversed(self._codes.all()):
            if text in (code.ticket, code.url, code.scene):
                return code
        return None

    def picture(self, ticket: str, now: datetime) -> bytes | None:
        """A PNG, or None when there is no such code any more."""
        code = self._codes.get(ticket)
        if code is None or expired(code, now):
            return None
        png = io.BytesIO()
        qrcode.make(code.url).save(png)
        return png.getvalue()


def expired(code: QrCode, now: datetime) -> bool:
    return code.ends_at is not None and now >= code.ends_at


def _scene_fits(action: str, scene: dict[str, Any]) -> bool:
    if "STR" in action:
        return set(scene) == {"scene_str"} and 1 <= len(scene["scene_str"]) <= 64
    highest = 100_000 if "LIMIT" in action else 2**32 - 1
    return set(scene) == {"scene_id"} and 1 <= scene["scene_id"] <= highest
