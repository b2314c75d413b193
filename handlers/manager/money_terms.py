"""收费约定: what the contract of a compound says of money, to be seen and changed one line at a time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.flow import Done, Flow, Outcome, Turn
from handlers.speaker import Person
from handlers.which_compounds import theirs_meant
from models.billing.vacancy import PROFILES
from models.errors import Refusal
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.money import shown
from models.payments.online_tables import PayTerms
from models.payments.terms import change_terms, terms_of

MONTHS = re.compile(r"(\d{1,2})\s*个?月?")


@dataclass(frozen=True)
class Term:
    """One line: how it is begun, how it reads, and what its words come to (None: not understood)."""

    word: str
    tell: Callable[[PayTerms], str]
    read: Callable[[str], Mapping[str, Any] | None]
    how: str


def _fen(name: str) -> Callable[[str], Mapping[str, Any] | None]:
    def read(words: str) -> Mapping[str, Any] | None:
        try:
            fen = read_amount(words)
        except Unclear:
            return None
        return {name: fen} if fen is not None and fen >= 0 else None

    return read


def _months(words: str) -> Mapping[str, Any] | None:
    said = MONTHS.fullmatch(words)
    return {"prepay_months": int(said[1])} if said else None


def _debts(words: str) -> Mapping[str, object] | None:
    known = {"归原业主": True, "由新业主承接": False, "新业主承接": False}
    return {"debts_stay": known[words]} if words in known else None


def _deposit(words: str) -> Mapping[str, object] | None:
    known = {"可以收": True, "可收": True, "收": True, "不收": False, "不能收": False}
    return {"renovation_deposit_allowed": known[words]} if words in known else None


_VACANCY = re.compile(r"(?:满\s*)?(\d{1,2})\s*个月\s*(?:按|收)?\s*(\d{1,2})\s*%\s*(\S.*)")


def _vacancy(words: str) -> Mapping[str, object] | None:
    """满6个月 70% and the paper it rests on; the name of a city whose regulations fix it; 不打折."""
    if words in ("不打折", "没有", "无"):
        return {"vacancy_pays": 100, "vacancy_document": ""}
    said = _VACANCY.fullmatch(words)
    fixed = PROFILES.get(words) or ((int(said[1]), int(said[2]), said[3][:100]) if said else None)
    if fixed is None or fixed[1] == 0:
        return None
    return {"vacancy_months": fixed[0], "vacancy_pays": fixed[1], "vacancy_document": fixed[2]}


def _vacancy_words(terms: PayTerms) -> str:
    if terms.vacancy_pays >= 100:
        return "空置：按原价收"
    return f"空置：满{terms.vacancy_months}个月按{terms.vacancy_pays}%收（{terms.vacancy_document}）"


TERMS = (
    Term("减免", lambda terms: f"减免：{shown(terms.waive_free)}以内一个人能定", _fen("waive_free"), "减免 200"),
    Term("退款", lambda terms: f"退款：{shown(terms.refund_free)}以内收费员能定", _fen("refund_free"), "退款 100"),
    Term("欠费", lambda terms: f"过户时欠费：{'归原业主' if terms.debts_stay else '由新业主承接'}", _debts, "欠费 归原业主"),
    Term("装修押金", lambda terms: f"装修押金：{'可以收' if terms.renovation_deposit_allowed else '不收'}", _deposit, "装修押金 不收"),
    Term("空置", _vacancy_words, _vacancy, "空置 满6个月 70% 物业服务合同第12条"),
    Term("预存", lambda terms: f"预存：最多{terms.prepay_months}个月" if terms.prepay_months else "预存：不限", _months, "预存 12个月"),
)  # fmt: skip


def see_or_change(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    compounds = theirs_meant(turn)
    words = turn.text.strip().removeprefix("收费约定").strip()
    for compound in compounds:
        words = words.replace(compound.name, "").strip()
    if not words:
        return Done("\n\n".join(_told(compound.name, terms_of(turn.session, compound.id)) for compound in compounds))
    if len(compounds) != 1:
        raise Refusal("要改哪个小区的？请写上小区名，比如「收费约定 锦绣花园 减免 200」。")
    term = next((term for term in TERMS if words.startswith(term.word)), None)
    values = term.read(words.removeprefix(term.word).strip(" ：:")) if term is not None else None
    if term is None or values is None:
        raise Refusal(f"没看懂。可以写：{'、'.join(f'「{each.how}」' for each in TERMS)}，前面写上小区名。")
    terms = change_terms(turn.session, compounds[0], by=person.log_name, now=turn.now, **values)
    return Done(f"改好了，{compounds[0].name}从现在起：{term.tell(terms)}。")


def _told(name: str, terms: PayTerms) -> str:
    return "\n".join([f"{name} 的收费约定：", *(f"· {term.tell(terms)}" for term in TERMS)])


FLOW = Flow(
    intent="money_terms",
    title="看收费约定",
    roles=frozenset({"manager"}),
    commands=("收费约定 {text?}",),
    finish=see_or_change,
    quick=True,
    refusal="这是物业内部用的。看自己家的，请回复「账单」。",
)
