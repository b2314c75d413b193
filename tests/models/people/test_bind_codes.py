"""One-time codes: who has one is let in once."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.people import proofs
from models.people.proofs import Bound, CodeRefused, NotProven, NoTriesLeft, bind_by_code, make_bind_code
from models.people.tables import BindCode, Binding, Person, Resident
from tests.support.books import ACCOUNT, PEPPER, Books, open_books


def make(books: Books, **said: Any) -> str:
    defaults: dict[str, Any] = {
        "home_id": books.homes["3-2-501"].id,
        "relation": "family",
        "name": "张小伟",
        "now": books.now,
    }
    return make_bind_code(
        books.session,
        made_by="staff:1",
        staff_id=None,
        company_id=books.company.id,
        pepper=PEPPER,
        **(defaults | said),
    )


def use(books: Books, code: str, openid: str = "somebody", **said: Any) -> Any:
    defaults: dict[str, Any] = {"company_id": books.company.id, "pepper": PEPPER, "now": books.now}
    return bind_by_code(books.session, account=ACCOUNT, openid=openid, code=code, **(defaults | said))


def test_a_code_binds_a_new_family_member_and_enters_them_on_the_books(books: Books) -> None:
    outcome = use(books, make(books))
    assert isinstance(outcome, Bound)
    [home] = outcome.homes
    assert (home.place, home.relation, home.name) == ("锦绣花园3栋2单元501", "family", "张小伟")
    entered = books.session.execute(
        sa.select(Person.name, Resident.relation)
        .join(Resident, Resident.person_id == Person.id)
        .order_by(Person.id.desc())
    ).first()
    assert entered == ("张小伟", "family")


def test_a_code_for_somebody_on_the_books_is_theirs_with_their_relation(books: Books) -> None:
    outcome = use(books, make(books, name="张伟", relation="tenant"))
    assert isinstance(outcome, Bound)
    assert (outcome.homes[0].person_id, outcome.homes[0].relation) == (books.people["张伟"].id, "owner")


def test_only_a_digest_of_the_code_is_kept(books: Books) -> None:
    code = make(books)
    row = books.session.scalars(sa.select(BindCode)).one()
    assert code not in repr(vars(row))


def test_a_code_works_once(books: Books) -> None:
    code = make(books)
    assert isinstance(use(books, code, "first"), Bound)
    assert use(books, code, "second") == CodeRefused("used")


def test_a_code_is_worthless_after_seven_days(books: Books) -> None:
    code = make(books)
    assert use(books, code, now=books.now + timedelta(days=7)) == CodeRefused("expired")
    assert isinstance(use(books, code, now=books.now + timedelta(days=7, seconds=-1)), Bound)


def test_codes_cannot_be_guessed_at_length(books: Books) -> None:
    assert [use(books, f"K7M3PQ2{letter}") for letter in "ACDEF"] == [NotProven(n) for n in range(1, 6)]
    assert use(books, make(books)) == NoTriesLeft()


def test_a_code_of_another_company_is_unknown(books: Books) -> None:
    assert use(books, make(books), company_id=books.company.id + 1) == NotProven(1)


def test_a_code_made_under_another_secret_is_unknown(books: Books) -> None:
    assert use(books, make(books), pepper="another secret") == NotProven(1)


def _two_use_one_code(database: Database, now: datetime) -> list[str]:
    """Both at once; returns what each was told."""
    with database.transaction() as session:
        books = open_books(session, now)
        code, company_id = make(books), books.company.id
    told: list[str] = []

    def use_it(openid: str) -> None:
        with database.transaction() as session:
            outcome = bind_by_code(
                session, account=ACCOUNT, openid=openid, company_id=company_id, code=code, pepper=PEPPER, now=now
            )
        told.append(type(outcome).__name__)

    threads = [threading.Thread(target=use_it, args=(openid,)) for openid in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_of_two_people_with_one_code_at_one_moment_one_is_bound(database: Database, now: datetime) -> None:
    assert _two_use_one_code(database, now) == ["Bound", "CodeRefused"]
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Binding)) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_without_the_claim_both_would_be_bound(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: shows that the test above can fail. (SQLite lets only one transaction in at a time.)"""
    both_looked = threading.Barrier(2)

    def look_then_write(session: Session, code_id: int, now: datetime) -> bool:
        unused = session.get_one(BindCode, code_id).used_at is None
        both_looked.wait(timeout=5)
        session.execute(sa.update(BindCode).where(BindCode.id == code_id).values(used_at=now))
        return unused

    monkeypatch.setattr(proofs, "_claim", look_then_write)
    assert _two_use_one_code(database, now) == ["Bound", "Bound"]
