"""What WeChat says of a contract, read strictly: a notice (`change_type`) or an answer (`contract_state`); pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.payments.facts import NotReadable

_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True)
class ContractNews:
    """`state`: signed, ended, or open (nobody has agreed yet). `contract_id` is WeChat's, "" while there is none."""

    code: str
    plan_id: str
    contract_id: str
    openid: str
    state: str


_NOTICE = {"ADD": "signed", "DELETE": "ended"}


def read_contract(told: Mapping[str, str]) -> ContractNews:
    """Raises NotReadable for what is missing or of another form."""
    if "change_type" in told:
        state = _NOTICE.get(told["change_type"])
    else:
        # 1 is said of who never agreed and of who has ended it: only the latter has a number at WeChat.
        was = "ended" if told.get("contract_id") else "open"
        state = {"0": "signed", "1": was, "9": "open"}.get(told.get("contract_state", ""))
    if state is None:
        raise NotReadable("no state of the contract")
    for name in ("contract_code", "plan_id"):
        if not _NAME.fullmatch(told.get(name, "")):
            raise NotReadable(f"no {name}")
    number, openid = told.get("contract_id", ""), told.get("openid", "")
    if state != "open" and not (_NAME.fullmatch(number) and _NAME.fullmatch(openid)):
        raise NotReadable("no contract_id or no openid")
    return ContractNews(told["contract_code"], told["plan_id"], number, openid, state)
