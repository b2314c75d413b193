"""The demand letters that are to be delivered, as a PDF: for the office alone; for everybody else there is no such page."""

from flask import Flask, Response, abort, current_app

from bot.services import Services
from handlers.demand_letter import letters_of
from handlers.web.orders import looking
from models.dunning.letters import Letter, letter_of, undelivered
from models.errors import NotFound
from models.estate.queries import communities_of


def register(app: Flask) -> None:
    app.add_url_rule("/m/demand-letters", view_func=demand_letters)


def demand_letters() -> Response:
    """Those of the visitor's compounds whose delivery nobody has noted yet."""
    services: Services = current_app.extensions["services"]
    with looking() as by:
        if not by.person.is_manager:
            abort(404)
        compounds = communities_of(by.session, by.person.company_id or 0, only=by.person.community_ids)
        letters: list[Letter] = []
        for demand in undelivered(by.session, [compound.id for compound in compounds]):
            try:
                letters.append(letter_of(by.session, demand, services.clock.now()))
            except NotFound:
                continue  # paid meanwhile
    if not letters:
        abort(404)
    return Response(
        letters_of(letters),
        mimetype="application/pdf",
        headers={"Content-Disposition": "inline; filename=demand-letters.pdf", "Cache-Control": "private, no-store"},
    )
