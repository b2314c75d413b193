"""A manager's approval: for those who cannot prove it."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.queries import SaidHome
from models.messaging.tables import Outbox
from models.people.requests import approve, ask_manager, refuse, waiting_requests
from models.people.tables import Binding, BindRequest, Person, Resident, Staff
from tests.support.books import ACCOUNT, Books


def ask(books: Books, openid: str = "guest", **said: Any) -> bool:
    defaults: dict[str, Any] = {
        "community": books.jinxiu,
        "words": SaidHome("3", "2", "501"),
        "name": "张小伟",
        "phone": "13511112222",
        "relation": "family",
    }
    return ask_manager(
        books.session, account=ACCOUNT, openid=openid, company_id=books.company.id, now=books.now, **(defaults | said)
    )


def decide(
    books: Books, action: Any, manager: Staff, request_id: int | None = None, only: set[int] | None = None
) -> str:
    if request_id is None:
        request_id = books.session.scalars(sa.select(BindRequest.id).order_by(BindRequest.id)).first()
    place: str = action(
        books.session,
        request_id=request_id,
        company_id=books.company.id,
        community_ids=only,
        staff_id=manager.id,
        now=books.now,
    )
    return place


def heard(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(sa.select(Outbox.openid, Outbox.kind).order_by(Outbox.id))
    return [(row.openid, row.kind) for row in rows]


@pytest.fixture
def zhao(books: Books) -> Staff:
    return books.hire("赵经理", "manager", "demo-zhaomgr")


def test_only_the_managers_of_that_compound_hear_of_a_request(books: Books, zhao: Staff) -> None:
    books.hire("钱主任", "manager", "demo-qian", books.wangjiang)
    books.hire("陈师傅", "worker", "demo-chen", books.jinxiu)
    assert ask(books)
    assert heard(books.session) == [("demo-zhaomgr", "binding_requested")]


def test_the_manager_sees_the_request_beside_the_books(books: Books, zhao: Staff) -> None:
    ask(books)
    [waiting] = waiting_requests(books.session, books.company.id, None)
    assert (waiting.place, waiting.name, waiting.relation) == ("锦绣花园3栋2单元501", "张小伟", "family")
    assert waiting.on_books == "登记的是业主张伟、租户赵敏"


def test_a_manager_of_another_compound_sees_and_decides_nothing(books: Books, zhao: Staff) -> None:
    ask(books)
    only = {books.wangjiang.id}
    assert waiting_requests(books.session, books.company.id, only) == []
    with pytest.raises(NotFound):
        decide(books, approve, zhao, only=only)


def test_approval_binds_enters_on_the_books_and_tells_the_applicant(books: Books, zhao: Staff) -> None:
    ask(books)
    assert decide(books, approve, zhao) == "锦绣花园3栋2单元501"
    binding = books.session.scalars(sa.select(Binding)).one()
    assert (binding.openid, binding.relation, binding.proof) == ("guest", "family", "manager")
    assert books.session.get_one(Person, binding.person_id).phone == "13511112222"
    assert ("guest", "binding_approved") in heard(books.session)


def test_somebody_the_books_know_keeps_their_person_and_relation(books: Books, zhao: Staff) -> None:
    ask(books, name="赵敏", relation="owner")
    decide(books, approve, zhao)
    binding = books.session.scalars(sa.select(Binding)).one()
    assert (binding.person_id, binding.relation) == (books.people["赵敏"].id, "tenant")


def test_a_refusal_is_told_and_changes_nothing_else(books: Books, zhao: Staff) -> None:
    ask(books)
    before = books.session.scalar(sa.select(sa.func.count()).select_from(Resident))
    decide(books, refuse, zhao)
    assert books.session.scalars(sa.select(Binding)).all() == []
    assert books.session.scalar(sa.select(sa.func.count()).select_from(Resident)) == before
    assert ("guest", "binding_refused") in heard(books.session)


@pytest.mark.parametrize("second", [approve, refuse])
def test_a_request_is_decided_once(books: Books, zhao: Staff, second: Any) -> None:
    ask(books)
    decide(books, approve, zhao)
    with pytest.raises(AlreadyDone):
        decide(books, second, zhao)


def test_a_request_for_a_home_nobody_knows_is_taken_like_any_other(books: Books, zhao: Staff) -> None:
    assert ask(books, words=SaidHome("99", "", "101"))
    [waiting] = waiting_requests(books.session, books.company.id, None)
    assert waiting.on_books == "登记里没有这一户"
    with pytest.raises(Refusal, match="没有这一户"):
        decide(books, approve, zhao)


def test_a_home_that_could_be_two_is_not_approved(books: Books, zhao: Staff, session: Session) -> None:
    session.execute(sa.text("UPDATE homes SET entrance = '7', room = '501' WHERE room = '502'"))
    session.expire_all()
    ask(books, words=SaidHome("3", "", "501"))
    with pytest.raises(Refusal, match="几户"):
        decide(books, approve, zhao)


def test_asking_again_does_not_make_a_second_request(books: Books, zhao: Staff) -> None:
    assert ask(books)
    assert not ask(books)
    assert len(waiting_requests(books.session, books.company.id, None)) == 1


def test_nobody_can_flood_the_managers(books: Books, zhao: Staff) -> None:
    for room in ("501", "502", "503"):
        assert ask(books, words=SaidHome("3", "2", room))
    with pytest.raises(Refusal, match="3 条"):
        ask(books, words=SaidHome("3", "2", "504"))
