"""/desk/code/<number>: the code on the cashier's screen that whoever stands at the counter scans and pays."""

import io

from flask import Flask, Response, abort, current_app, render_template

from bot.services import Services
from bot.wechat.pay_terms import PayError
from handlers.paying import look_up, place_known
from handlers.staff_at_desk import the_person
from models.errors import Refusal
from models.estate.tables import Home
from models.money import shown
from models.payments import online
from models.payments.facts import NotReadable
from models.payments.order_states import OPEN
from models.payments.queries import receipt_of

WAYS = frozenset({"cashier", "clerk", "manager"})


def register(app: Flask) -> None:
    app.add_url_rule("/desk/code/<number>", view_func=desk_code, methods=["GET"])
    app.add_url_rule("/desk/code/<number>.png", view_func=desk_code_picture, methods=["GET"])


def desk_code(number: str) -> str:
    services = _services()
    state, home = _state(services, number)
    said = ""
    if state in OPEN:
        try:
            place_known(services, number)
            look_up(services, number)
        except Refusal as refusal:
            said = refusal.message
        except (PayError, NotReadable):
            said = "微信现在没有答复，这一页会自己再看。"
        state, home = _state(services, number)
    with services.database.reading() as session:
        order = online.find(session, number)
        paid = order.payment_id if order is not None else None
        receipt = receipt_of(session, paid) if paid is not None else None
    return render_template(
        "desk/code.html",
        order=order,
        home=home,
        receipt=receipt,
        said=said,
        state=state,
        waiting=state in OPEN,
        shown=shown,
    )


def desk_code_picture(number: str) -> Response:
    import qrcode  # noqa: PLC0415 (only needed here)

    services = _services()
    _state(services, number)
    with services.database.reading() as session:
        order = online.find(session, number)
    if order is None or order.state != "open":
        abort(404)
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, box_size=10)
    code.add_data(order.token)
    picture = io.BytesIO()
    code.make_image().save(picture, "PNG")
    return Response(picture.getvalue(), mimetype="image/png")


def _state(services: Services, number: str) -> tuple[str, str]:
    """How the order stands and whose home it is for; 404 for what is not this person's compound."""
    person = the_person()
    with services.database.reading() as session:
        order = online.find(session, number)
        mine = (
            order is not None
            and order.way == "native"
            and order.company_id == person.company_id
            and (person.community_ids is None or order.community_id in person.community_ids)
            and bool(person.roles & WAYS)
        )
        if order is None or not mine:
            abort(404)
        return order.state, session.get_one(Home, order.home_id).label


def _services() -> Services:
    services: Services = current_app.extensions["services"]
    return services
