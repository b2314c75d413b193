"""/desk/debtors: every home with something past its due day, those that owe most first, each with the way to its account."""

import re

from flask import Flask, render_template

from handlers.money_desk import number_asked, office, words_asked
from models.money import shown
from models.payments.queries import overdue, overdue_in_all

ON_A_PAGE = 50
LARGEST_SUM = 2**31 - 1  # fen: more than any home owes
_PLACE = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})")


def register(app: Flask) -> None:
    app.add_url_rule("/desk/debtors", view_func=desk_debtors, methods=["GET"])


def desk_debtors() -> str:
    desk = office()
    said = _PLACE.fullmatch(words_asked("after", 60))
    after = (min(int(said[1]), LARGEST_SUM), int(said[2]), int(said[3])) if said else None
    with desk.services.database.reading() as session:
        theirs, chosen = desk.chosen(session)
        today = desk.now.date()
        found = overdue(session, list(chosen), today, after=after, limit=ON_A_PAGE + 1)
        homes, fen = overdue_in_all(session, list(chosen), today)
        return render_template(
            "desk/debtors.html",
            compounds=theirs,
            compound=next(iter(chosen)) if len(chosen) == 1 and number_asked("compound") else None,
            found=found[:ON_A_PAGE],
            next="-".join(map(str, found[ON_A_PAGE - 1].place)) if len(found) > ON_A_PAGE else None,
            homes=homes,
            fen=fen,
            first=after is None,
            shown=shown,
        )
