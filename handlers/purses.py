"""Whose money is it? The homes whose bills a person may see, and what of them."""

from dataclasses import dataclass

from handlers.speaker import HomeTie, Person
from models.people.rights import may


@dataclass(frozen=True)
class Purse:
    """A home and what of its money this person may see: all of it, or only what whoever lives there pays."""

    home: HomeTie
    payer: str | None

    @property
    def name(self) -> str:
        return f"{self.home.community}{self.home.label}"


def purses_of(person: Person) -> list[Purse]:
    """The homes whose bills this person may see."""
    seen = [home for home in person.homes if may(home.relation, "see_own_debt")]
    return [Purse(home, None if may(home.relation, "see_bills") else "occupant") for home in seen]


def payable_by(person: Person) -> list[Purse]:
    """The homes this person may pay for: a tenant only what whoever lives there pays."""
    return [purse for purse in purses_of(person) if may(purse.home.relation, "pay")]
