import pytest

from models.people.rights import IN_CHINESE, MAY, RELATIONS, may


@pytest.mark.parametrize(
    ("right", "owner", "family", "tenant", "visitor"),
    [
        ("report_public_repair", True, True, True, True),
        ("report_home_repair", True, True, True, False),
        ("follow_own_orders", True, True, True, True),
        ("see_home_orders", True, True, False, False),
        ("see_bills", True, True, False, False),
        ("see_own_debt", True, True, True, False),
        ("pay", True, True, True, False),
        ("vote", True, False, False, False),
        ("add_members", True, False, False, False),
        ("see_members", True, True, True, False),
    ],
)
def test_who_may_do_what(right: str, owner: bool, family: bool, tenant: bool, visitor: bool) -> None:
    assert [may(relation, right) for relation in ("owner", "family", "tenant", "visitor")] == [
        owner,
        family,
        tenant,
        visitor,
    ]


def test_the_table_above_names_every_right() -> None:
    assert len(MAY) == 10


def test_an_unknown_relation_has_no_right() -> None:
    assert not any(may("burglar", right) for right in MAY)


def test_every_relation_has_a_chinese_word() -> None:
    assert set(IN_CHINESE) == set(RELATIONS)
