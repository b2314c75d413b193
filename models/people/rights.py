"""What somebody bound to a home may do there, as one table.

The company's promise to owners: who pays decides, who lives there can have things mended, and nobody sees another
household's money. Everybody not named in a row may not.
"""

from typing import Literal, get_args

Relation = Literal["owner", "family", "tenant", "visitor"]
Right = Literal[
    "report_public_repair",
    "report_home_repair",
    "follow_own_orders",
    "see_home_orders",
    "see_bills",
    "see_own_debt",
    "pay",
    "vote",
    "add_members",
    "see_members",
]

RELATIONS: tuple[Relation, ...] = get_args(Relation)
IN_CHINESE: dict[str, str] = {"owner": "业主", "family": "家人", "tenant": "租户", "visitor": "访客"}

_OWNER, _FAMILY, _TENANT, _VISITOR = RELATIONS

MAY: dict[Right, frozenset[Relation]] = {
    "report_public_repair": frozenset({_OWNER, _FAMILY, _TENANT, _VISITOR}),
    "report_home_repair": frozenset({_OWNER, _FAMILY, _TENANT}),
    "follow_own_orders": frozenset({_OWNER, _FAMILY, _TENANT, _VISITOR}),
    "see_home_orders": frozenset({_OWNER, _FAMILY}),
    "see_bills": frozenset({_OWNER, _FAMILY}),
    "see_own_debt": frozenset({_OWNER, _FAMILY, _TENANT}),  # a tenant sees what the tenant owes and nothing more
    "pay": frozenset({_OWNER, _FAMILY, _TENANT}),
    "vote": frozenset({_OWNER}),
    "add_members": frozenset({_OWNER}),
    "see_members": frozenset({_OWNER, _FAMILY, _TENANT}),
}


def may(relation: str, right: Right) -> bool:
    """Whether somebody with this relation to a home has this right there. An unknown relation has none."""
    return relation in MAY[right]
