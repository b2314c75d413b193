"""优惠, 空置: what the contract takes off, told as it is; an empty home pays too, as the law has it (民法典 §944)."""

import re
from fractions import Fraction

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import HomeTie, Person
from models.billing.figures import number
from models.billing.queries import offers_of
from models.billing.vacancies import running
from models.payments.terms import terms_of

EMPTY = re.compile(r"空着|空置|空至|空制|空房|空了|空起|没住|没人住|冇住|冇人住|不住|未入住|没入住|没装修|毛坯")
HARD = re.compile(r"困难|低保|残疾|五保|老人|老年|军属|劳模|减免|免|延误|没修")
MUST = "房子空着也要交物业费：保安、保洁、电梯这些公共服务一直在做，没住不是不交的理由（民法典第944条）。"
ASK = "家里有困难，或者是物业没做好，可以申请减免：回复「人工」说说情况，经理核对后会告诉您。"
NO_OFFER = "现在没有预交优惠的约定。"


def tell(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    homes = person.homes[:3]
    if EMPTY.search(turn.text):
        return Done("\n".join([MUST, *(_vacancy(turn, home) for home in homes)]))
    if HARD.search(turn.text):
        return Done(ASK)
    told = dict.fromkeys(words for home in homes for words in _offers(turn, home))
    return Done("\n".join([*(told or [NO_OFFER]), ASK]))


def _vacancy(turn: Turn, home: HomeTie) -> str:
    row = running(turn.session, home.home_id)
    if row is not None:
        return f"{home.label}登记过空置，从{row.from_day}起物业费按{row.pays}%收。"
    terms = terms_of(turn.session, home.community_id)
    if terms.vacancy_pays >= 100:
        return f"{home.community}没有空置打折的约定，按原价收。"
    return (
        f"按{terms.vacancy_document}，{home.community}空置满{terms.vacancy_months}个月，从登记的下个月起物业费按{terms.vacancy_pays}%收，"
        "公摊、垃圾费不变。要办，请带上空置申请和水电表读数到物业登记。"
    )


def _offers(turn: Turn, home: HomeTie) -> list[str]:
    found = []
    for item, offer in offers_of(turn.session, home.community_id):
        how = f"打{number(Fraction(offer['pays']) * 100)}折" if "pays" in offer else f"免{offer['free_months']}个月"
        found.append(f"{home.community}{item}一次交一年{how}；中途不住了，用过的月份按原价算，多的退。")
    return found


FLOW = Flow(
    intent="discount_query",
    title="问优惠",
    examples=(*EXAMPLES["discount_query"], "房子空着不交行吗", "没住能不能不交物业费", "空着也要交吗"),
    finish=tell,
    quick=True,
)
