"""Temporary files: pictures and recordings that live for three days.

Limits: D/service/api/material/temporary/api_uploadtempmedia: picture 10 MB, voice 2 MB, video 10 MB, thumb 64 KB.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store

LIFE = timedelta(days=3)
LARGEST = {"image": 10 * 2**20, "voice": 2 * 2**20, "video": 10 * 2**20, "thumb": 64 * 2**10}
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg", ("image", "thumb")),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("image",)),
    (b"GIF8", "image/gif", ("image",)),
    (b"#!AMR", "audio/amr", ("voice",)),
    (b"ID3", "audio/mpeg", ("voice",)),
    (b"\xff\xfb", "audio/mpeg", ("voice",)),
)
# Half a second of silence: one-byte frames of the lowest rate that carry nothing.
SILENCE = b"#!AMR\n" + b"\x7c" * 25


@dataclass(frozen=True)
class Media:
    media_id: str
    kind: str
    content_type: str
    filename: str
    made_at: datetime


class MediaShop:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._media: Shelf[Media] = Shelf(store, "media", Media)

    def add(self, kind: str, content: bytes, filename: str, now: datetime) -> Media:
        """Raises ApiError 40004 (kind), 44001 (empty), 40006 (too big) or 40005 (not such a file)."""
        if kind not in LARGEST:
            raise ApiError(40004)
        if not content:
            raise ApiError(44001)
        if len(content) > LARGEST[kind]:
            raise ApiError(40006)
        media = Media(secrets.token_urlsafe(48), kind, _content_type(kind, content), filename, now)
        self._store.put_file(media.media_id, content)
        self._media.put(media.media_id, media)
        return media

    def get(self, media_id: str, now: datetime, kind: str = "") -> tuple[Media, bytes]:
        """The file, while it lives. Raises ApiError 40007 afterwards, for an unknown id, and for one of another `kind`."""
        media = self._media.get(media_id)
        content = self._store.file(media_id)
        if media is None or content is None or now - media.made_at >= LIFE or kind not in ("", media.kind):
            raise ApiError(40007)
        return media, content

    def shown(self, media_id: str) -> tuple[Media, bytes] | None:
        """The file for the phones' own screens, which keep what they have shown longer than the platform's three days."""
        media, content = self._media.get(media_id), self._store.file(media_id)
        return (media, content) if media and content else None


def _content_type(kind: str, content: bytes) -> str:
    if kind == "video" and content[4:8] == b"ftyp":
        return "video/mp4"
    for beginning, content_type, kinds in _BEGINNINGS:
        if content.startswith(beginning) and kind in kinds:
            return content_type
    raise ApiError(40005)
