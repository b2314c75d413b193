from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.messaging import consents, contacts
from models.messaging.tables import Consent

KEY = ("gh_1", "zhang", "SID")


def left(session: Session) -> int:
    session.expire_all()
    row = session.get(Consent, KEY)
    return row.left if row else 0


def test_each_yes_is_good_for_one_message_and_a_no_for_none(session: Session, now: datetime) -> None:
    for answer in ("accept", "accept", "reject"):
        consents.answered(session, *KEY, answer, now)
    assert left(session) == 2
    consents.spent(session, *KEY, now)
    assert left(session) == 1


def test_nothing_is_spent_below_nothing(session: Session, now: datetime) -> None:
    consents.spent(session, *KEY, now)
    assert left(session) == 0


@pytest.mark.parametrize(("answer", "remaining"), [("reject", 0), ("accept", 2)])
def test_a_no_in_the_settings_takes_everything_back(
    session: Session, now: datetime, answer: str, remaining: int
) -> None:
    consents.answered(session, *KEY, "accept", now)
    consents.answered(session, *KEY, "accept", now)
    consents.changed(session, *KEY, answer, now)
    assert left(session) == remaining


def test_wechats_no_is_believed(session: Session, now: datetime) -> None:
    consents.answered(session, *KEY, "accept", now)
    consents.none_left(session, *KEY, "refused", now)
    assert left(session) == 0
    assert contacts.consents_of(session, [("gh_1", "zhang")], ["SID"]) == set()


def test_it_belongs_to_one_person_and_one_template(session: Session, now: datetime) -> None:
    consents.answered(session, *KEY, "accept", now)
    people = [("gh_1", "zhang"), ("gh_1", "li"), ("gh_2", "zhang")]
    assert contacts.consents_of(session, people, ["SID", "OTHER"]) == {KEY}
