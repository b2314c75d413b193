"""What a ledger of people means for the books: who is new, who moved in somewhere, whose phone or part changed.

Pure. Nobody is removed: a ledger that no longer names somebody says nothing about when they left.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from models.estate.addresses import Address
from models.estate.ledger_rows import ResidentRow
from models.people.names import masked_phone, plain_name

HomeKey = tuple[str, str, str]
PersonKey = tuple[str, str]  # name as it is compared, main phone; without a phone a person is known only within a home

RELATION_WORDS = {"owner": "业主", "family": "家属", "tenant": "租户"}


@dataclass(frozen=True)
class Tie:
    """A live tie of the books, with the person at its end."""

    id: int
    home: HomeKey
    person_id: int
    name: str
    phone: str
    phone2: str
    relation: str


@dataclass
class TiesPlan:
    """What an import of people will do. New ties name either a person of the books or a place in `new_people`."""

    new_people: list[ResidentRow] = field(default_factory=list)
    new_ties: list[tuple[ResidentRow, int | None, int | None]] = field(default_factory=list)  # row, person id, place
    new_phones: dict[int, tuple[str, str]] = field(default_factory=dict)  # person id: phone, phone2
    new_relations: dict[int, str] = field(default_factory=dict)  # tie id
    old_phones: dict[int, tuple[str, str]] = field(default_factory=dict)  # the same people before
    old_relations: dict[int, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    unknown_homes: list[ResidentRow] = field(default_factory=list)
    contradictions: list[ResidentRow] = field(default_factory=list)
    unchanged: int = 0


def home_key(row: ResidentRow) -> HomeKey:
    return (row.address.building, row.address.entrance, row.address.door)


def plan_ties(
    rows: Sequence[ResidentRow],
    homes: Container[HomeKey],
    ties: Sequence[Tie],
    people: Mapping[PersonKey, int],
    coming: Container[Address] = frozenset(),
) -> TiesPlan:
    """`homes`: the homes there are; `coming`: those that will be; `ties`: all live ties of the community; `people`: the company's people by phone.

    The same name with the same phone is the same person in every home; the same name in the same home is the same
    person whatever the phone, whose phone the ledger then corrects.
    """
    return _Planner(homes, ties, people, coming).plan(rows)


class _Planner:
    def __init__(
        self,
        homes: Container[HomeKey],
        ties: Sequence[Tie],
        people: Mapping[PersonKey, int],
        coming: Container[Address],
    ) -> None:
        self._homes = homes
        self._coming = coming
        self._people = people
        self._tie_of = {(tie.home, plain_name(tie.name)): tie for tie in ties}
        self._owners: dict[HomeKey, list[str]] = {}
        for tie in ties:
            if tie.relation == "owner":
                self._owners.setdefault(tie.home, []).append(tie.name)
        self._places: dict[PersonKey, int] = {}
        # By what the rows hold anyway: one key made for each row of a long ledger would be most of its memory.
        self._seen: dict[tuple[Address, str], ResidentRow] = {}
        self._plan = TiesPlan()

    def plan(self, rows: Sequence[ResidentRow]) -> TiesPlan:
        for row in rows:
            home, name = home_key(row), plain_name(row.name)
            earlier = self._seen.setdefault((row.address, name), row)
            if home not in self._homes and row.address not in self._coming:
                self._plan.unknown_homes.append(row)
            elif earlier is not row:
                if (earlier.phones, earlier.relation) != (row.phones, row.relation):
                    self._plan.contradictions.append(row)
            elif tie := self._tie_of.get((home, name)):
                self._compare(tie, row)
            else:
                self._add(row)
        return self._plan

    def _compare(self, tie: Tie, row: ResidentRow) -> None:
        changes = []
        phones = two_phones(row)
        if row.phones and phones != (tie.phone, tie.phone2):
            if self._plan.new_phones.get(tie.person_id, phones) != phones:
                self._plan.contradictions.append(row)
                return
            self._plan.new_phones[tie.person_id] = phones
            self._plan.old_phones[tie.person_id] = (tie.phone, tie.phone2)
            changes.append(f"电话 {masked_phone(tie.phone) or '空'} → {masked_phone(phones[0])}")
        if row.relation != tie.relation:
            self._plan.new_relations[tie.id] = row.relation
            self._plan.old_relations[tie.id] = tie.relation
            changes.append(f"{RELATION_WORDS[tie.relation]} → {RELATION_WORDS[row.relation]}")
        if changes:
            self._plan.changes.append(f"{row.address.label} {tie.name}：{'，'.join(changes)}")
        else:
            self._plan.unchanged += 1

    def _add(self, row: ResidentRow) -> None:
        key = (plain_name(row.name), row.phones[0]) if row.phones else None
        person_id = self._people.get(key) if key else None
        place = None
        if person_id is None:
            place = self._places.get(key) if key else None
            if place is None:
                place = len(self._plan.new_people)
                self._plan.new_people.append(row)
            if key:
                self._places[key] = place
        self._plan.new_ties.append((row, person_id, place))
        if row.relation == "owner" and (others := self._owners.get(home_key(row))):
            self._plan.changes.append(f"{row.address.label}：新增业主 {row.name}，原有业主 {'、'.join(others)} 仍保留")


def two_phones(row: ResidentRow) -> tuple[str, str]:
    """The books hold two phones a person."""
    first, second, *_ = (*row.phones, "", "")
    return first, second
