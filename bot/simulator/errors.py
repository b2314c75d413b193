"""How the platform says no: HTTP 200, an errcode, and an errmsg that ends in a request id."""

import secrets

TEXTS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40053: "invalid action info",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41008: "missing code",
    42001: "access_token expired",
    42003: "oauth_code expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45056: "too many tags",
    45058: "can't modify sys tag",
    45059: "too many tags on this follower",
    45157: "invalid tag name, maybe duplicate",
    45158: "tag name too long",
    45159: "invalid tag id",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48002: "user block receive message",
    48006: "forbid to clear quota because of reaching the limit",
    89503: "unknown api path",
}


class ApiError(Exception):
    """A call is refused with `code`; `hint` names the field or the value at fault."""

    def __init__(self, code: int, hint: str = "") -> None:
        super().__init__(f"{code} {TEXTS[code]} {hint}".rstrip())
        self.code = code
        self.hint = hint

    def answer(self) -> dict[str, object]:
        rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        words = " ".join(part for part in (TEXTS[self.code], self.hint, f"rid: {rid}") if part)
        return {"errcode": self.code, "errmsg": words}


class NotPossible(Exception):
    """Something a phone cannot do (talk to an account it does not follow), in words for whoever holds it."""
