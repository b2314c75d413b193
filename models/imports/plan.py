"""What an import would do to the books, worked out before anything is written."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.estate.actions import HomesPlan, plan_homes
from models.estate.ledger_rows import Ledger, LedgerKind
from models.estate.tables import Community
from models.people.actions_import import plan_residents
from models.people.ledger_ties import TiesPlan


@dataclass(frozen=True)
class Plan:
    """Homes (only from a ledger of homes), then the people in them."""

    homes: HomesPlan | None
    people: TiesPlan

    @property
    def changes_nothing(self) -> bool:
        homes = self.homes
        return not (
            (homes and (homes.new or homes.changes))
            or self.people.new_ties
            or self.people.new_phones
            or self.people.new_relations
        )

    @property
    def refused(self) -> int:
        """How many people of the ledger do not fit the books."""
        return len(self.people.unknown_homes) + len(self.people.contradictions)


def planned(session: Session, kind: LedgerKind, community: Community | None, ledger: Ledger) -> Plan:
    """`community` None: one that is still to be made, with no homes on the books."""
    community = community or Community(id=0, company_id=0)  # 0 is nobody's number
    homes = plan_homes(session, community.id, ledger.homes) if kind == "homes" else None
    coming = frozenset(row.address for row in ledger.homes)
    return Plan(homes, plan_residents(session, community, ledger.residents, homes_to_come=coming))
