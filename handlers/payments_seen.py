"""Whose payments somebody may see: all the money of a home is its owner's and family's, not the tenant's."""

from handlers.speaker import Person


def homes_of_payments(person: Person) -> list[int]:
    return [home.home_id for home in person.homes_where("see_bills")]
