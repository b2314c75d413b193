"""The banks this program knows the files of."""

from functools import cache
from pathlib import Path

from models.debit.profiles import BankProfile, read_profiles
from models.errors import Refusal

_FILE = Path(__file__).parents[1] / "templates" / "bank_profiles.toml"


@cache
def bank_profiles() -> dict[str, BankProfile]:
    """By key, as templates/bank_profiles.toml has them. Raises BadProfile."""
    return read_profiles(_FILE.read_text(encoding="utf-8"))


def profile_of(key: str) -> BankProfile:
    """Raises Refusal for a bank that is no longer in the file."""
    profile = bank_profiles().get(key)
    if profile is None:
        raise Refusal("这家银行的文件格式不在 bank_profiles.toml 里了，请加回去。")
    return profile
