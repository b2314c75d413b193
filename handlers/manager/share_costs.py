"""公摊: the month's common costs and what is missing; 「公摊 电梯电费 2460.00 3栋」 enters one, looked at before it is written."""

from collections.abc import Sequence
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.links import share_link
from handlers.share_words import pool_said
from handlers.speaker import Person
from handlers.which_compounds import compounds_meant
from models.billing.share_actions import (
    PoolPlan,
    Wanted,
    drop_pool,
    keep_pool,
    last_of_name,
    month_before,
    plan_pool,
    pools_of,
    words_of_plan,
)
from models.billing.share_sheet import by_words, scope_words
from models.billing.share_tables import Pool
from models.errors import Refusal
from models.estate.tables import Community, home_label
from models.money import shown

HOW = "登记一笔，比如「公摊 电梯电费 2460.00 3栋」；也可以加「按户」「按面积」「按楼层」「按用量」「扣除300 商铺」「2026-02」。"
STATES = {"open": "等下次出账", "billed": "已进账单"}


# --- the month --------------------------------------------------------------------------------------------------------


def month(turn: Turn) -> str:
    compounds = {community.id: community.name for community in compounds_meant(turn)}
    period = month_before(turn.now.date())
    found, before = (pools_of(turn.session, list(compounds), one) for one in (period, _before(period)))
    lines = [f"{period} 公摊："]
    lines += [
        f"· {compounds[pool.community_id]}{scope_words(pool)} {pool.name} {shown(pool.amount - pool.excluded)}，"
        f"{by_words(pool)}，{STATES[pool.state]} {share_link(turn, pool.code)}".rstrip()
        for pool, _ in found
    ]
    if found:
        lines.append(f"合计{shown(sum(pool.amount - pool.excluded for pool, _ in found))}。")
    else:
        lines.append("还没有登记。")
    there = {_key(pool) for pool, _ in found}
    missing = [
        f"{compounds[pool.community_id]}{scope_words(pool)} {pool.name}"
        for pool, _ in before
        if _key(pool) not in there
    ]
    if missing:
        lines.append(f"上个月有、这个月还没登记的：{'、'.join(missing[:8])}。")
    return "\n".join([*lines, HOW])


def _before(period: str) -> str:
    year, number = int(period[:4]), int(period[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def _key(pool: Pool) -> tuple[int, str, str, str]:
    return (pool.community_id, pool.name, pool.building, pool.entrance)


# --- entering one -----------------------------------------------------------------------------------------------------


def take_said(turn: Turn) -> Outcome:
    """What the command said; without a sum and a name it only asks how the month stands."""
    if "said" in turn.slots:
        return None
    said = pool_said(turn.text, tuple(community.name for community in compounds_meant(turn)))
    if not said.get("amount") or not said.get("name"):
        return Done(month(turn))
    return Next(said)


def take_compound(turn: Turn) -> Outcome:
    if turn.asked == "compound" and turn.choice is not None:
        return Next(turn.choice)
    compounds = compounds_meant(turn)
    return Next(compounds[0].id) if len(compounds) == 1 and turn.asked in ("", "compound") else None


def ask_compound(turn: Turn) -> Question:
    compounds: Sequence[Community] = compounds_meant(turn)
    if not compounds:
        return Done("这个小区不归您管，没有登记。")
    return Ask("是哪个小区的？", tuple(Choice(community.id, community.name) for community in compounds))


def take_document(turn: Turn) -> Outcome:
    if turn.asked != "document":
        return None
    words = turn.text.strip()
    return Next(words[:200]) if len(words) >= 2 else Again("请写单据的名称或编号，业主要看得到依据。")


def _plan(turn: Turn) -> PoolPlan:
    said: dict[str, Any] = turn.slots["said"]
    name = said["name"]
    last = last_of_name(turn.session, turn.slots["compound"], name)
    agreed: dict[str, Any] = {"base": last.base, "area_part": last.area_part} if last is not None else {}
    scope: dict[str, Any] = {key: said[key] for key in ("building", "entrance") if key in said}
    if not scope and last is not None and not last.facts.get("list"):
        scope = {"building": last.building, "entrance": last.entrance}
    more: dict[str, Any] = {key: said[key] for key in ("base", "area_part", "excluded", "excluded_why") if key in said}
    period = said.get("period") or month_before(turn.now.date())
    rest: dict[str, Any] = dict(agreed) | scope | more
    wanted = Wanted(name=name, amount=said["amount"], period=period, document=turn.slots["document"], **rest)
    return plan_pool(turn.session, turn.slots["compound"], wanted)


def question(turn: Turn) -> Any:
    try:
        plan = _plan(turn)
    except Refusal as refusal:
        return Done(f"没有登记：{refusal.message}")
    community = turn.session.get_one(Community, turn.slots["compound"])
    scope = community.name + (home_label(plan.wanted.building, plan.wanted.entrance, "") or "全小区")
    return "\n".join([*words_of_plan(plan, scope), "登记并公示给业主吗？"])


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    community = turn.session.get_one(Community, turn.slots["compound"])
    pool = keep_pool(turn.session, community, _plan(turn), by=person.log_name, now=turn.now)
    return Done(
        f"登记好了：{pool.name} {shown(pool.amount - pool.excluded)}，分到户的明细业主都能看 {share_link(turn, pool.code)}\n"
        "下次出账时进各家账单。错了就说「撤销公摊 " + pool.name + "」。"
    )


# --- taking one back --------------------------------------------------------------------------------------------------


def take_pool(turn: Turn) -> Outcome:
    if "pool" in turn.slots:
        return None
    compounds = {community.id: community.name for community in compounds_meant(turn)}
    waiting = [
        pool
        for period in (month_before(turn.now.date()), f"{turn.now:%Y-%m}")
        for pool, _ in pools_of(turn.session, list(compounds), period)
        if pool.state == "open"
    ]
    if turn.asked == "pool" and turn.choice is not None:
        return Next(turn.choice)
    meant = [pool for pool in waiting if pool.name in turn.text] or waiting
    if not meant:
        return Done("没有可以撤销的公摊：已经进了账单的，要把账单冲红。")
    if len(meant) == 1:
        return Next(meant[0].id)
    turn.slots["waiting"] = [
        [pool.id, f"{compounds[pool.community_id]}{scope_words(pool)} {pool.period} {pool.name}"] for pool in meant[:8]
    ]
    return None


def ask_pool(turn: Turn) -> Question:
    return Ask("撤销哪一笔？", tuple(Choice(number, label) for number, label in turn.slots["waiting"]))


def ask_drop(turn: Turn) -> str:
    pool = turn.session.get_one(Pool, turn.slots["pool"])
    return f"撤销{scope_words(pool)} {pool.period} {pool.name} {shown(pool.amount)}吗？业主就看不到这张明细了。"


def drop(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    pool = turn.session.get_one(Pool, turn.slots["pool"])
    drop_pool(turn.session, pool, company_id=person.company_id or 0, by=person.log_name, now=turn.now)
    return Done(f"已撤销{pool.name}，可以重新登记。")


_MANAGERS = frozenset({"manager", "clerk"})
_REFUSAL = "登记公摊是经理用的。看自己家的公摊，请回复「公摊」。"

ENTER = Flow(
    intent="share_costs",
    title="登记公摊",
    roles=_MANAGERS,
    commands=("公摊 {text?}",),
    examples=("公摊", "登记公摊", "这个月公摊", "公摊登记了哪些", "录入公摊电费", "公摊 电梯电费 2460.00 3栋"),
    slots=(
        Slot("said", take=take_said, ask=HOW),
        Slot("compound", take=take_compound, ask=ask_compound),
        Slot(
            "document",
            take=take_document,
            ask="这笔费用的单据是什么？比如「供电局2月电费单」，业主能看到。",
            free_text=True,
        ),
    ),
    confirm=question,
    finish=finish,
    refusal=_REFUSAL,
)
TAKE_BACK = Flow(
    intent="share_take_back",
    title="撤销公摊",
    roles=_MANAGERS,
    commands=("撤销公摊 {text?}",),
    slots=(Slot("pool", take=take_pool, ask=ask_pool),),
    confirm=ask_drop,
    finish=drop,
    refusal=_REFUSAL,
)
FLOWS = (ENTER, TAKE_BACK)
