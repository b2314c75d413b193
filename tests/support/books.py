"""A small company's books for tests: who owns what, with the built-in outsider of another compound and another company."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.estate.tables import Community, Company, Home, OfficialAccount
from models.people.binding import bind
from models.people.tables import Person, Resident, Staff, StaffArea

ACCOUNT = "gh_linli"
OTHER_ACCOUNT = "gh_other"
PEPPER = "pepper of the tests"


@dataclass
class Books:
    """锦绣花园 3-2-501 (张伟 owner, 赵敏 tenant), 3-2-502 (李娜), 3-2-503 (吴刚, no phone) · 望江苑 1-1-101 (王强)."""

    session: Session
    now: datetime
    company: Company
    jinxiu: Community
    wangjiang: Community
    homes: dict[str, Home]
    people: dict[str, Person]

    def community_ids(self) -> list[int]:
        return [self.jinxiu.id, self.wangjiang.id]

    def bind(self, name: str, openid: str) -> None:
        """Bind a resident's WeChat without any proof."""
        person = self.people[name]
        resident = self.session.query(Resident).filter_by(person_id=person.id).one()
        home = self.session.get_one(Home, resident.home_id)
        community = self.session.get_one(Community, home.community_id)
        bind(
            self.session,
            account=ACCOUNT,
            openid=openid,
            home=home,
            community=community,
            person=person,
            relation=resident.relation,
            proof="demo",
            now=self.now,
        )
        self.session.flush()

    def hire(self, name: str, role: str, openid: str | None, *areas: Community) -> Staff:
        staff = Staff(
            company_id=self.company.id,
            name=name,
            role=role,
            account=ACCOUNT if openid else None,
            openid=openid,
            on_duty=True,
            joined_at=self.now,
        )
        self.session.add(staff)
        self.session.flush()
        self.session.add_all(StaffArea(staff_id=staff.id, community_id=area.id, building="") for area in areas)
        self.session.flush()
        return staff


def open_books(session: Session, now: datetime) -> Books:
    company = Company(name="安居物业", hotline="0571-88001234", created_at=now)
    other = Company(name="别家物业", created_at=now)
    session.add_all([company, other])
    session.flush()
    session.add(OfficialAccount(account=ACCOUNT, company_id=company.id))
    session.add(OfficialAccount(account=OTHER_ACCOUNT, company_id=other.id))
    jinxiu = Community(company_id=company.id, name="锦绣花园", created_at=now)
    wangjiang = Community(company_id=company.id, name="望江苑", created_at=now)
    session.add_all([jinxiu, wangjiang])
    session.flush()
    books = Books(session, now, company, jinxiu, wangjiang, {}, {})
    _settle(books, jinxiu, "3-2-501", "张伟", "13800138000", "owner")
    _settle(books, jinxiu, "3-2-501", "赵敏", "13700137001", "tenant")
    _settle(books, jinxiu, "3-2-502", "李娜", "13900139002", "owner")
    _settle(books, jinxiu, "3-2-503", "吴刚", "", "owner")
    _settle(books, wangjiang, "1-1-101", "王强", "13600136003", "owner")
    return books


def _settle(books: Books, community: Community, key: str, name: str, phone: str, relation: str) -> None:
    if key not in books.homes:
        building, entrance, room = key.split("-")
        home = Home(
            community_id=community.id,
            building=building,
            entrance=entrance,
            room=room,
            kind="home",
            created_at=books.now,
        )
        books.session.add(home)
        books.homes[key] = home
    person = Person(company_id=books.company.id, name=name, phone=phone, created_at=books.now)
    books.session.add(person)
    books.session.flush()
    books.people[name] = person
    books.session.add(
        Resident(home_id=books.homes[key].id, person_id=person.id, relation=relation, created_at=books.now)
    )
    books.session.flush()
