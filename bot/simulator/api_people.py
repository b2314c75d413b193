"""Calls about the people who follow, and their tags."""

from typing import Any

from bot.simulator.calls import Answer, Call, Request, done
from bot.simulator.errors import ApiError

PAGE = 10_000  # openids in one answer of user/get


def _info(request: Request) -> Answer:
    return request.platform.followers.get(request.query["openid"]).as_info()


def _infos(request: Request) -> Answer:
    wanted = request.body["user_list"]
    if not 1 <= len(wanted) <= 100:
        raise ApiError(40035, "hint: [user_list]")
    followers = request.platform.followers
    return {"user_info_list": [followers.get(each["openid"]).as_info() for each in wanted]}


def _everybody(request: Request) -> Answer:
    return _page(request.platform.followers.following(), request.query.get("next_openid", ""), total=True)


def _tag_members(request: Request) -> Answer:
    wearers = request.platform.followers.wearers(request.body["tagid"])
    return _page(wearers, request.body.get("next_openid", ""))


def _page(openids: list[str], after: str, *, total: bool = False) -> dict[str, Any]:
    """The openids after `after`; `data` is absent when there are none, as in life."""
    start = openids.index(after) + 1 if after in openids else 0
    page = openids[start : start + PAGE]
    answer: dict[str, Any] = {"count": len(page), "next_openid": page[-1] if page else ""}
    if total:
        answer["total"] = len(openids)
    if page:
        answer["data"] = {"openid": page}
    return answer


def _remark(request: Request) -> Answer:
    request.platform.followers.remark(request.body["openid"], request.body["remark"])
    return done()


def _create_tag(request: Request) -> Answer:
    tag = request.platform.followers.add_tag(request.body["tag"]["name"])
    return {"tag": {"id": tag.id, "name": tag.name}}


def _tags(request: Request) -> Answer:
    return {"tags": request.platform.followers.tags()}


def _update_tag(request: Request) -> Answer:
    request.platform.followers.rename_tag(request.body["tag"]["id"], request.body["tag"]["name"])
    return done()


def _delete_tag(request: Request) -> Answer:
    request.platform.followers.drop_tag(request.body["tag"]["id"])
    return done()


def _tag_people(request: Request) -> Answer:
    request.platform.followers.wear(_at_most_fifty(request), request.body["tagid"])
    return done()


def _untag_people(request: Request) -> Answer:
    for openid in _at_most_fifty(request):
        request.platform.followers.unwear(openid, request.body["tagid"])
    return done()


def _at_most_fifty(request: Request) -> list[str]:
    openids: list[str] = request.body["openid_list"]
    if not 1 <= len(openids) <= 50:
        raise ApiError(40035, "hint: [openid_list]")
    return openids


def _tags_of(request: Request) -> Answer:
    return {"tagid_list": request.platform.followers.get(request.body["openid"]).tags}


_MEMBERS = {"openid_list": [str], "tagid": int}

CALLS = (
    Call("/cgi-bin/user/info", _info, query={"openid": str, "lang?": str}),
    Call("/cgi-bin/user/info/batchget", _infos, body={"user_list": [{"openid": str, "lang?": str}]}),
    Call("/cgi-bin/user/info/updateremark", _remark, body={"openid": str, "remark": str}),
    Call("/cgi-bin/user/get", _everybody, query={"next_openid?": str}),
    Call("/cgi-bin/user/tag/get", _tag_members, body={"tagid": int, "next_openid?": str}),
    Call("/cgi-bin/tags/create", _create_tag, body={"tag": {"name": str}}),
    Call("/cgi-bin/tags/get", _tags),
    Call("/cgi-bin/tags/update", _update_tag, body={"tag": {"id": int, "name": str}}),
    Call("/cgi-bin/tags/delete", _delete_tag, body={"tag": {"id": int}}),
    Call("/cgi-bin/tags/members/batchtagging", _tag_people, body=_MEMBERS),
    Call("/cgi-bin/tags/members/batchuntagging", _untag_people, body=_MEMBERS),
    Call("/cgi-bin/tags/getidlist", _tags_of, body={"openid": str}),
)
