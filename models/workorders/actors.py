"""Who does something to an order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Whoever acts, as the log will name them.

    `role`: reporter (any resident or visitor), worker, lead, clerk, cashier, manager or system. `log_name` is
    "staff:3", "resident:12" or "system". `community_ids` limits what staff may see; None means all of the company.
    `source`: chat, web, system or command.
    """

    role: str
    name: str
    log_name: str
    staff_id: int | None
    account: str | None
    openid: str | None
    company_id: int
    community_ids: frozenset[int] | None
    source: str


@dataclass(frozen=True)
class Reporter:
    """Whose trouble an order is: whom the worker calls, and which WeChat hears of it (None: nobody's)."""

    name: str = ""
    phone: str = ""
    person_id: int | None = None
    account: str | None = None
    openid: str | None = None


def system_actor(company_id: int) -> Actor:
    """The program itself, when time has come."""
    return Actor(
        role="system",
        name="系统",
        log_name="system",
        staff_id=None,
        account=None,
        openid=None,
        company_id=company_id,
        community_ids=None,
        source="system",
    )
