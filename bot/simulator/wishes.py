"""What the page asks for arrives as JSON; what cannot be done is answered in words."""

from typing import Any, cast

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from bot.simulator.errors import ApiError, NotPossible

_FILE_PROBLEMS = {
    40005: "这不是图片。请选 JPG、PNG 或 GIF。",
    40006: "图片太大了，最大 10 MB。",
    44001: "这个文件是空的。",
}


def apologise(part: Blueprint) -> None:
    """Whatever was wrong with a wish of the page is said in words, with status 400."""
    part.register_error_handler(NotPossible, lambda error: _sorry(str(error)))
    part.register_error_handler(ApiError, lambda error: _sorry(_FILE_PROBLEMS.get(error.code, "没有发出去")))
    part.register_error_handler(RequestEntityTooLarge, lambda _error: _sorry(_FILE_PROBLEMS[40006]))
    part.register_error_handler(KeyError, lambda error: _sorry(f"缺少 {error}"))
    part.register_error_handler(ValueError, lambda error: _sorry(str(error)))


def json_object() -> dict[str, Any]:
    wish = request.get_json()
    if not isinstance(wish, dict):
        raise BadRequest
    return cast(dict[str, Any], wish)


def _sorry(words: str) -> tuple[Response, int]:
    return jsonify({"sorry": words}), 400
