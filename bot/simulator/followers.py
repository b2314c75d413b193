"""Who follows the account, since when, how they came, and which tags they wear.

Limits: D/service/api/usermanage: 100 tags of at most 30 bytes, 20 tags a person, tags 0, 1, 2 are the platform's.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store


@dataclass(frozen=True)
class Follower:
    openid: str
    following: bool
    since: datetime
    subscribe_scene: str = "ADD_SCENE_SEARCH"
    qr_scene_str: str = ""
    remark: str = ""
    tags: list[int] = field(default_factory=list)

    def as_info(self) -> dict[str, object]:
        """The answer of user/info: of strangers the platform tells nothing."""
        if not self.following:
            return {"subscribe": 0, "openid": self.openid}
        return {
            "subscribe": 1,
            "openid": self.openid,
            "subscribe_time": int(self.since.timestamp()),
            "remark": self.remark,
            "groupid": self.tags[0] if self.tags else 0,
            "tagid_list": self.tags,
            "subscribe_scene": self.subscribe_scene,
            "qr_scene": int(self.qr_scene_str) if self.qr_scene_str.isdigit() else 0,
            "qr_scene_str": "" if self.qr_scene_str.isdigit() else self.qr_scene_str,
        }


@dataclass(frozen=True)
class Tag:
    id: int
    name: str


class Followers:
    def __init__(self, store: Store, openids: tuple[str, ...], now: datetime) -> None:
        """Everybody who has a phone follows the account when the story begins."""
        self._people: Shelf[Follower] = Shelf(store, "followers", Follower)
        self._tags: Shelf[Tag] = Shelf(store, "tags", Tag)
        for openid in openids:
            if self._people.get(openid) is None:
                self._people.put(openid, Follower(openid, following=True, since=now))

    def get(self, openid: str) -> Follower:
        """Raises ApiError 40003 for an openid nobody has."""
        person = self._people.get(openid)
        if person is None:
            raise ApiError(40003)
        return person

    def following(self) -> list[str]:
        return [person.openid for person in self._people.all() if person.following]

    def come(self, openid: str, now: datetime, scene: str = "") -> None:
        way = "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH"
        self._people.put(openid, Follower(openid, True, now, subscribe_scene=way, qr_scene_str=scene))

    def leave(self, openid: str) -> None:
        self._people.put(openid, replace(self.get(openid), following=False, tags=[]))

    def remark(self, openid: str, words: str) -> None:
        self._people.put(openid, replace(self.get(openid), remark=words))

    def add_tag(self, name: str) -> Tag:
        self._check_name(name)
        if len(self._tags.all()) >= 100:
            raise ApiError(45056)
        tag = Tag(max([tag.id for tag in self._tags.all()], default=99) + 1, name)
        self._tags.put(str(tag.id), tag)
        return tag

    def rename_tag(self, tag_id: int, name: str) -> None:
        self._own_tag(tag_id)
        self._check_name(name)
        self._tags.put(str(tag_id), Tag(tag_id, name))

    def drop_tag(self, tag_id: int) -> None:
        self._own_tag(tag_id)
        self._tags.drop(str(tag_id))
        for person in self._people.all():
            if tag_id in person.tags:
                self.unwear(person.openid, tag_id)

    def tags(self) -> list[dict[str, object]]:
        return [{"id": tag.id, "name": tag.name, "count": len(self.wearers(tag.id))} for tag in self._tags.all()]

    def wearers(self, tag_id: int) -> list[str]:
        return [person.openid for person in self._people.all() if tag_id in person.tags]

    def wear(self, openids: list[str], tag_id: int) -> None:
        """All of them or none: 45159 unknown tag, 43004 not following, 45059 a twenty-first tag."""
        self._own_tag(tag_id)
        people = [self.get(openid) for openid in openids]
        for person in people:
            if not person.following:
                raise ApiError(43004)
            if tag_id not in person.tags and len(person.tags) >= 20:
                raise ApiError(45059)
        for person in people:
            self._people.put(person.openid, replace(person, tags=sorted({*person.tags, tag_id})))

    def unwear(self, openid: str, tag_id: int) -> None:
        person = self.get(openid)
        self._people.put(openid, replace(person, tags=[each for each in person.tags if each != tag_id]))

    def _own_tag(self, tag_id: int) -> None:
        if tag_id in (0, 1, 2):
            raise ApiError(45058)
        if self._tags.get(str(tag_id)) is None:
            raise ApiError(45159)

    def _check_name(self, name: str) -> None:
        if len(name.encode()) > 30:
            raise ApiError(45158)
        if not name or name in [tag.name for tag in self._tags.all()]:
            raise ApiError(45157)
