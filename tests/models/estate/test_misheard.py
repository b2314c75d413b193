"""Addresses as recognition hears them and as cheques write them."""

import pytest

from models.estate.addresses import find_addresses
from models.estate.misheard import as_meant


@pytest.mark.parametrize(
    ("said", "home"),
    [
        ("四洞幺单源五零三漏水", "4-1-503"),
        ("六号搂2单圆501", "6-2-501"),
        ("捌栋贰单元叁零壹", "8-2-301"),
        ("A坐1203", "A-1203"),
        ("二东一员一零三", "2-1-103"),
        ("俺住二号楼仨单元五零一", "2-3-501"),
        ("廿号楼三单元四零一", "20-3-401"),
        ("拐号楼1单元702", "7-1-702"),
    ],
)
def test_it_is_read_as_it_was_meant(said: str, home: str) -> None:
    assert [found.key() for found in find_addresses(as_meant(said))] == [home]


@pytest.mark.parametrize(
    "said", ["俩人在门口", "他懂电路", "买单元旦前付", "坐电梯", "好喽好喽", "儿子单位", "做了3天", "第二栋楼"]
)
def test_ordinary_words_stay(said: str) -> None:
    assert as_meant(said) == said
