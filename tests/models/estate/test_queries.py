from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.estate.queries import (
    SaidHome,
    communities_named,
    communities_of,
    company_by_id,
    company_of,
    find_homes,
    said_homes,
)
from models.estate.tables import Home
from tests.support.books import ACCOUNT, OTHER_ACCOUNT, Books, open_books


@pytest.fixture
def books(session: Session, now: datetime) -> Books:
    return open_books(session, now)


def test_an_account_leads_to_its_company(books: Books) -> None:
    company = company_of(books.session, ACCOUNT)
    assert company is not None
    assert company.name == "安居物业"
    assert company_of(books.session, "gh_nobody") is None
    assert company_by_id(books.session, company.id) is company
    assert company_by_id(books.session, None) is None


def test_compounds_are_those_of_the_company_and_of_the_scope(books: Books) -> None:
    company = books.company.id
    assert [c.name for c in communities_of(books.session, company)] == ["锦绣花园", "望江苑"]
    assert [c.name for c in communities_of(books.session, company, only={books.wangjiang.id})] == ["望江苑"]
    assert list(communities_of(books.session, company, only=())) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("锦绣花园3栋楼道灯不亮了", ["锦绣花园"]),
        ("我住锦绣的", ["锦绣花园"]),
        ("望江苑和锦绣花园", ["锦绣花园", "望江苑"]),
        ("花园里的灯", []),
        ("", []),
    ],
)
def test_compounds_are_found_by_name_or_short_name(books: Books, text: str, named: list[str]) -> None:
    communities = communities_of(books.session, books.company.id)
    assert [community.name for community in communities_named(text, communities)] == named


@pytest.mark.parametrize(
    ("said", "rooms"),
    [
        (SaidHome("3", "2", "501"), ["501"]),
        (SaidHome("3", "", "501"), ["501"]),
        (SaidHome("", "", "501"), ["501"]),
        (SaidHome("3", "2", ""), ["501", "502", "503"]),
        (SaidHome("3", "1", "501"), []),
        (SaidHome("3", "2", "501", "shop"), []),
    ],
)
def test_a_home_is_found_by_the_parts_that_were_said(books: Books, said: SaidHome, rooms: list[str]) -> None:
    assert [home.room for home in find_homes(books.session, said, company_id=books.company.id)] == rooms


def test_homes_of_others_are_never_found(books: Books) -> None:
    said = SaidHome("3", "2", "501")
    assert list(find_homes(books.session, said, community_ids=[books.wangjiang.id])) == []
    other = company_of(books.session, OTHER_ACCOUNT)
    assert other is not None
    assert list(find_homes(books.session, said, company_id=other.id)) == []


def test_a_search_without_a_scope_is_a_mistake(books: Books) -> None:
    with pytest.raises(ValueError, match="company or compounds"):
        find_homes(books.session, SaidHome("3", "2", "501"))


def test_a_shop_is_found_as_it_is_kept(books: Books, now: datetime) -> None:
    books.session.add(
        Home(community_id=books.jinxiu.id, building="", entrance="", room="商铺12", kind="shop", created_at=now)
    )
    books.session.flush()
    [said] = said_homes("我的商铺12漏水")
    assert [home.room for home in find_homes(books.session, said, company_id=books.company.id)] == ["商铺12"]


def test_building_and_room_make_a_home_complete() -> None:
    assert SaidHome("3", "", "501").complete
    assert SaidHome(room="商铺12", kind="shop").complete
    assert not SaidHome(room="501").complete
    assert not SaidHome("3", "2").complete
