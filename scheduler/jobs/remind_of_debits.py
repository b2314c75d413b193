"""Twice a month the list for the bank is due: the office is told in the morning, with what it would come to. Nothing goes to the
bank by itself: a person takes the file there."""

from datetime import datetime

import sqlalchemy as sa

from bot.services import Services
from models.db import SHANGHAI
from models.debit.batches import due_of
from models.debit.tables import DebitTerms
from models.debit.telling import tell_office
from models.estate.tables import Community
from models.money import shown


def run(services: Services, now: datetime) -> str:
    today = now.astimezone(SHANGHAI).date()
    with services.database.reading() as session:
        due = sa.select(DebitTerms.community_id).where(
            sa.or_(DebitTerms.first_day == today.day, DebitTerms.second_day == today.day)
        )
        communities = session.scalars(due.order_by(DebitTerms.community_id)).all()
    told = 0
    for number in communities:
        with services.database.transaction() as session:
            community = session.get_one(Community, number)
            wanted = due_of(session, number, now)
            if not wanted:
                continue
            lines = [f"{community.name}：{len(wanted)}户，{shown(sum(one.fen for one in wanted))}"]
            page = f"{services.settings.public_url}/desk/debit"
            key = f"debit-due:{number}:{today.isoformat()}"
            tell_office(session, community.company_id, number, lines, page, key, now=now)
            told += 1
    return f"{told} lists are due"
