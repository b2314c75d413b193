"""The files of orders: photos, recordings, videos. Only for whoever may see the order; for everybody else there is no such file."""

import re

from flask import Flask, Response, abort, current_app, render_template, send_file

from bot.services import Services
from handlers.links import opens_for
from handlers.web.orders import looking
from models.errors import NotFound
from models.media.tables import Medium
from models.workorders.photos import NAMES, files_of, find_medium

_NAME = re.compile(r"[0-9a-f]{32}")

# A file is looked at or saved, and nothing in it may run, whatever a browser takes it for.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=600",
}


def register(app: Flask) -> None:
    app.add_url_rule("/m/photo/<name>", view_func=photo)
    app.add_url_rule("/m/photo/<name>/small", view_func=photo, defaults={"small": True}, endpoint="small_photo")
    app.add_url_rule("/m/photo/<name>/view", view_func=photo_page)
    app.add_url_rule("/m/recording/<name>", view_func=recording)


def photo(name: str, small: bool = False) -> Response:
    """A picture of ours, made anew from what was sent."""
    return _file(name, ("image",), -1 if small else 0)


def photo_page(name: str) -> str:
    """The picture as large as the screen, and the way back."""
    medium, order_id = _found(name, ("image",))
    return render_template("photo.html", medium=medium, order_id=order_id)


def recording(name: str) -> Response:
    """A recording or video, just as it was sent."""
    return _file(name, ("voice", "video"), 0)


def _found(name: str, kinds: tuple[str, ...]) -> tuple[Medium, int]:
    if not _NAME.fullmatch(name):
        abort(404)
    with looking() as by:
        try:
            medium, order = find_medium(by.session, by.person.actor(), name)
        except NotFound:
            abort(404)
        if medium.kind not in kinds or not opens_for(by.person, order):
            abort(404)
        return medium, order.id


def _file(name: str, kinds: tuple[str, ...], which: int) -> Response:
    services: Services = current_app.extensions["services"]
    medium, order_id = _found(name, kinds)
    file = files_of(medium)[which]
    path = services.media_store.path(file)
    if path is None:
        abort(404)
    # As an attachment: shown in our pages, and saved, not opened, by a browser that is sent here directly.
    called = f"{order_id}-{NAMES[medium.kind]}-{medium.id}{path.suffix}"
    response = send_file(path, mimetype=medium.content_type, as_attachment=True, download_name=called, max_age=600)
    response.headers.update(HEADERS)
    return response
