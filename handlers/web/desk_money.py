"""/desk/money: what was asked for this month and what of it has come in, each number with what it is made of."""

from fractions import Fraction

from flask import Flask, render_template

from handlers.money_desk import home_places, money_places, number_asked, office, words_asked
from models.billing.collection import arrears_rate, current_rate, homes_rate, overall_rate
from models.billing.months import month_meant
from models.money import percent, shown
from models.payments.breakdown import Part, ageing, by_building, by_channel, by_item
from models.payments.queries import overdue, overdue_in_all, taken_on, takings_of
from models.payments.receipts import CHANNELS

DEBTORS = 10


def register(app: Flask) -> None:
    app.add_url_rule("/desk/money", view_func=desk_money, methods=["GET"])
    app.add_template_global(money_places, "money_places")
    app.add_template_global(home_places, "home_places")


def desk_money() -> str:
    desk = office()
    today = desk.now.date()
    period = month_meant(words_asked("month", 7), today) or f"{today:%Y-%m}"
    with desk.services.database.reading() as session:
        theirs, chosen = desk.chosen(session)
        ours = list(chosen)
        takings = takings_of(session, ours, period)
        day = taken_on(session, ours, today)
        late_homes, late_fen = overdue_in_all(session, ours, today)
        return render_template(
            "desk/money.html",
            compounds=theirs,
            compound=ours[0] if len(ours) == 1 and number_asked("compound") else None,
            period=period,
            takings=takings,
            rates={
                "current": percent(current_rate(takings)),
                "arrears": percent(arrears_rate(takings)),
                "overall": percent(overall_rate(takings)),
                "homes": percent(homes_rate(takings)),
            },
            today=[(CHANNELS[channel], count, fen) for channel, count, fen in day],
            today_fen=sum(fen for _, _, fen in day),
            ages=ageing(session, ours, today),
            items=by_item(session, ours, period),
            buildings=by_building(session, ours, period) if len(ours) == 1 else None,
            channels={CHANNELS.get(name, "预存款抵扣"): fen for name, fen in by_channel(session, ours, period).items()},
            late_homes=late_homes,
            late_fen=late_fen,
            debtors=overdue(session, ours, today, limit=DEBTORS),
            rate_of=_rate_of,
            at=desk.now,
            shown=shown,
        )


def _rate_of(part: Part) -> str:
    return percent(Fraction(part.received, part.due) if part.due else None)
