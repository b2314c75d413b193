"""Binding by home, name and phone: the right ones get in, the wrong ones learn nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.estate.queries import SaidHome
from models.messaging.tables import Outbox
from models.people.proofs import Bound, NotProven, NoTriesLeft, bind_by_phone
from models.people.tables import Binding, Person
from tests.support.books import ACCOUNT, Books

RIGHT: dict[str, Any] = {"words": SaidHome("3", "2", "501"), "name": "张伟", "phone4": "8000"}


def prove(books: Books, openid: str = "somebody", **said: Any) -> Bound | NotProven | NoTriesLeft:
    return bind_by_phone(
        books.session,
        account=ACCOUNT,
        openid=openid,
        **{"communities": books.community_ids(), "now": books.now, **RIGHT, **said},
    )


def bindings(session: Session) -> list[tuple[str, int, str]]:
    rows = session.execute(sa.select(Binding.openid, Binding.home_id, Binding.relation).order_by(Binding.id))
    return [(row.openid, row.home_id, row.relation) for row in rows]


def test_the_owner_is_bound_and_greeted_by_the_name_on_record(books: Books) -> None:
    outcome = prove(books, name=" 张伟先生 ")
    assert isinstance(outcome, Bound)
    [home] = outcome.homes
    assert (home.place, home.relation, home.name, home.fresh) == ("锦绣花园3栋2单元501", "owner", "张伟", True)
    assert bindings(books.session) == [("somebody", books.homes["3-2-501"].id, "owner")]


def test_a_tenant_on_the_books_is_bound_as_a_tenant(books: Books) -> None:
    outcome = prove(books, name="赵敏", phone4="7001")
    assert isinstance(outcome, Bound)
    assert outcome.homes[0].relation == "tenant"


def test_the_second_phone_on_record_counts_too(books: Books) -> None:
    books.people["张伟"].phone2 = "13511112222"
    assert isinstance(prove(books, phone4="2222"), Bound)


def test_co_owners_and_two_wechats_of_one_person_share_a_home(books: Books) -> None:
    prove(books, "phone-of-zhang")
    prove(books, "tablet-of-zhang")
    prove(books, "zhao", name="赵敏", phone4="7001")
    assert [openid for openid, _, _ in bindings(books.session)] == ["phone-of-zhang", "tablet-of-zhang", "zhao"]


def test_one_person_may_have_several_homes(books: Books) -> None:
    prove(books, "one")
    prove(books, "one", words=SaidHome("3", "2", "502"), name="李娜", phone4="9002")
    assert len(bindings(books.session)) == 2


def test_an_entrance_left_out_is_found(books: Books) -> None:
    assert isinstance(prove(books, words=SaidHome("3", "", "501")), Bound)


def test_binding_twice_changes_nothing(books: Books) -> None:
    prove(books)
    outcome = prove(books)
    assert isinstance(outcome, Bound)
    assert not outcome.homes[0].fresh
    assert len(bindings(books.session)) == 1


WRONG: dict[str, dict[str, Any]] = {
    "wrong home": {"words": SaidHome("3", "2", "502")},
    "unknown home": {"words": SaidHome("99", "1", "101")},
    "wrong name": {"name": "张三"},
    "wrong phone": {"phone4": "8001"},
    "home without a phone": {"words": SaidHome("3", "2", "503"), "name": "吴刚", "phone4": ""},
    "somebody else's phone": {"phone4": "7001"},
    "no name": {"name": ""},
    "whole phone instead of its end": {"phone4": "13800138000"},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
def test_every_wrong_guess_gets_the_same_answer(books: Books, said: dict[str, Any]) -> None:
    assert prove(books, **said) == NotProven(wrong_today=1)
    assert bindings(books.session) == []


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
def test_the_limit_of_a_place_comes_at_the_same_try_whatever_is_wrong(books: Books, said: dict[str, Any]) -> None:
    answers = [type(prove(books, f"guesser-{number}", **said)) for number in range(11)]
    assert answers == [NotProven] * 10 + [NoTriesLeft]


def test_after_five_wrong_guesses_even_the_right_one_waits_until_tomorrow(books: Books) -> None:
    assert [prove(books, phone4=f"000{number}") for number in range(5)] == [NotProven(n) for n in range(1, 6)]
    assert prove(books) == NoTriesLeft()
    assert prove(books, "another person") != NoTriesLeft()
    assert isinstance(prove(books, now=books.now + timedelta(days=1)), Bound)


def test_a_right_guess_costs_nothing(books: Books) -> None:
    for _ in range(7):
        assert isinstance(prove(books), Bound)


def test_a_place_is_counted_with_and_without_its_entrance(books: Books) -> None:
    for number in range(10):
        prove(books, f"guesser-{number}", words=SaidHome("3", "2", "501"), phone4="0000")
    assert prove(books, "last", words=SaidHome("3", "", "501")) == NoTriesLeft()
    assert prove(books, "last", words=SaidHome("3", "2", "502"), name="李娜", phone4="9002") != NoTriesLeft()


def test_a_home_of_another_compound_stays_out_of_reach(books: Books) -> None:
    king = {"words": SaidHome("1", "1", "101"), "name": "王强", "phone4": "6003"}
    assert prove(books, communities=[books.jinxiu.id], **king) == NotProven(1)
    assert isinstance(prove(books, communities=[books.wangjiang.id], **king), Bound)


def test_somebody_who_moved_out_is_not_bound(books: Books, session: Session) -> None:
    session.execute(sa.text("UPDATE residents SET ended_at = created_at"))
    assert prove(books) == NotProven(1)


def test_the_owners_bound_there_hear_of_a_new_member(books: Books, session: Session) -> None:
    prove(books, "zhang")
    assert session.scalars(sa.select(Outbox)).all() == []
    prove(books, "zhao", name="赵敏", phone4="7001")
    [message] = session.scalars(sa.select(Outbox)).all()
    assert (message.openid, message.kind, message.data["name"]) == ("zhang", "binding_added", "赵敏")


def test_the_log_names_nobody_by_openid_or_phone(books: Books, session: Session) -> None:
    prove(books, "demo-zhang")
    [entry] = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "home.bind")).all()
    written = f"{entry.actor} {entry.subject} {entry.details}"
    assert entry.actor == f"resident:{books.people['张伟'].id}"
    assert "demo-zhang" not in written
    assert "8000" not in written
    assert entry.company_id == books.company.id


def test_the_books_are_not_changed_by_a_binding(books: Books, session: Session, now: datetime) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(Person))
    prove(books)
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == before
