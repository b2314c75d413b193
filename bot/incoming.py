"""What WeChat delivers, as plain values: one message or event, after the signature was checked and the XML read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# What `Incoming.kind` may be. Everything WeChat may send and Linli has no use for arrives as "unknown".
MESSAGE_KINDS = ("text", "image", "voice", "video", "location", "link")
EVENT_KINDS = ("follow", "unfollow", "scan", "menu", "view", "located", "sent", "subscription", "scanned")
# Not WeChat's but our own: a page of ours was opened by somebody who signed in. It opens no message window.
OPENED = "opened"


@dataclass(frozen=True)
class Incoming:
    """One thing a person (or the platform) told us.

    `account` is the official account's original id (gh_…), `openid` who speaks, `sent_at` WeChat's CreateTime
    (timezone-aware). `key` is what makes a retry recognisable within (account, openid): the MsgId for messages,
    time + event + event key (+ MsgID) for events.
    """

    account: str
    openid: str
    kind: str
    key: str
    sent_at: datetime
    text: str = ""  # text: the words · voice: the recognised words, usually "" · location: the label · link: its title
    media_id: str = ""  # image, voice, video
    media_url: str = ""  # image: PicUrl
    media_format: str = ""  # voice: amr, speex
    latitude: float | None = None
    longitude: float | None = None
    scene: str = ""  # scan, follow and opened: what the QR code says; menu: the key; scanned: the code's content
    menu_id: str = ""  # text that comes from a bizmsgmenu link
    status: str = ""  # sent: success, failed:user block, failed: system failed · subscription: accept, reject
    platform_id: str = ""  # sent: the MsgID of the template message it is about
    hint: str = ""  # what somebody else thinks is meant, for words that are not understood (bot/second_opinion.py)
    raw: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_event(self) -> bool:
        return self.kind not in MESSAGE_KINDS


def entries_of(raw: Mapping[str, object], container: str) -> list[dict[str, str]]:
    """The entries of an event that may tell of several things at once (reference 3.5): text fields only."""
    inside = raw.get(container)
    listed = inside.get("List") if isinstance(inside, dict) else None
    found = listed if isinstance(listed, list) else [listed]
    return [
        {name: value for name, value in entry.items() if isinstance(value, str)}
        for entry in found
        if isinstance(entry, dict)
    ]
