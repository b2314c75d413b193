"""What is sealed: never twice the same, opened by the old key after a change, and by nobody else."""

import pytest

from models.errors import Refusal
from models.vault import Vault

CARD = "6222000011112222"
OLD, NEW = "the first secret of all", "and the second of them"


def test_what_was_sealed_is_opened_and_says_nothing_of_itself() -> None:
    vault = Vault([OLD])
    sealed = vault.seal(CARD)
    assert vault.open(sealed) == CARD
    assert sealed != vault.seal(CARD)
    assert CARD not in sealed
    assert len(vault.seal("9" * 32)) <= 200, "the room of the column"
    assert vault.holds(sealed, CARD)
    assert not vault.holds(sealed, CARD[:-1])


def test_a_changed_key_opens_what_the_old_one_sealed_as_long_as_it_is_kept() -> None:
    sealed = Vault([OLD]).seal(CARD)
    assert Vault([NEW, OLD]).open(sealed) == CARD
    with pytest.raises(Refusal, match="打不开"):
        Vault([OLD]).open(Vault([NEW, OLD]).seal(CARD))
    with pytest.raises(Refusal, match="打不开"):
        Vault([NEW]).open(sealed)
    assert not Vault([NEW]).holds(sealed, CARD)


def test_a_broken_or_plain_text_is_not_opened_and_without_a_key_nothing_is() -> None:
    for text in (CARD, "", "卡号", Vault([OLD]).seal(CARD)[:-2] + "=="):
        with pytest.raises(Refusal, match="打不开"):
            Vault([OLD]).open(text)
    with pytest.raises(Refusal, match="SECRET_KEY"):
        Vault([""]).seal(CARD)
