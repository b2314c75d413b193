"""过户: the office says on which day a home was handed over and to whom; what it comes to is shown before it is done."""

from datetime import date
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.day_said import day_said, without_days
from handlers.speaker import Person
from handlers.which_home import HOME
from models.db import SHANGHAI
from models.dunning.plans import owner_leaves
from models.estate.queries import communities_of
from models.estate.tables import Home
from models.messaging import outbox
from models.money import shown
from models.payments.handover import Change, hand_over, plan
from models.payments.handover import Done as HandedOver
from models.payments.handover_bills import Split
from models.payments.terms import terms_of
from models.people.introductions import name_in, phone_in
from models.people.proofs import make_bind_code

ASK_DAY = "哪天交接的？比如「2026-03-05」。交接当天起算新业主的。"


def take_day(turn: Turn) -> Outcome:
    found = day_said(turn.text, turn.now.astimezone(SHANGHAI).date()) if turn.asked in ("", "day") else None
    if found is not None:
        return Next(found.isoformat())
    return Again(ASK_DAY) if turn.asked == "day" else None


def take_name(turn: Turn) -> Outcome:
    if turn.asked not in ("", "name"):
        return None
    places = [community.name for community in communities_of(turn.session, turn.speaker.company_id)]
    name = name_in(without_days(turn.text), places=places, asked=turn.asked == "name")
    return Next(name) if name else None


def take_phone(turn: Turn) -> Outcome:
    phone = phone_in(turn.text) if turn.asked in ("", "name") else None
    return Next(phone) if phone else None


def take_debts(turn: Turn) -> Outcome:
    """承接欠费: the new owner has agreed to pay what is owed."""
    if turn.asked or "承接" not in turn.text:
        return None
    return Next("不承接" in turn.text)


def take_prepaid(turn: Turn) -> Outcome:
    if turn.asked == "prepaid" and turn.choice is not None:
        return Next(turn.choice)
    if "预存" in turn.text and "转" in turn.text:
        return Next("move")
    return Next("refund") if "预存" in turn.text and "退" in turn.text else None


def known_debts(turn: Turn) -> Any:
    return terms_of(turn.session, turn.slots["home"]["community_id"]).debts_stay


def known_prepaid(turn: Turn) -> Any:
    return None if plan(turn.session, _home(turn), _change(turn), now=turn.now).left else "refund"


def ask_prepaid(turn: Turn) -> Question:
    left = plan(turn.session, _home(turn), _change(turn), now=turn.now).left
    return Ask(
        f"原业主多交的还有{shown(left)}，怎么办？",
        (Choice("refund", "退给原业主"), Choice("move", "转给新业主（有原业主签字）")),
    )


def _home(turn: Turn) -> Home:
    return turn.session.get_one(Home, turn.slots["home"]["home_id"])


def _change(turn: Turn) -> Change:
    slots = turn.slots
    return Change(
        date.fromisoformat(slots["day"]), slots["name"], slots.get("phone", ""), slots.get("prepaid", "refund"),
        slots["debts_stay"],
    )  # fmt: skip


def question(turn: Turn) -> str:
    change = _change(turn)
    found = plan(turn.session, _home(turn), change, now=turn.now)
    lines = [f"{turn.slots['home']['label']} 从{change.day}起过户给{change.name}："]
    lines += [_split_words(split) for split in found.splits]
    if found.owes:
        whose = "还归原业主，新业主看不到" if change.debts_stay else "由新业主承接"
        lines.append(f"· 以前还欠{shown(found.owes)}，{whose}")
    if found.left:
        to = "退给原业主" if change.prepaid == "refund" else "转给新业主，请留好原业主签字的同意书"
        lines.append(f"· 多交的{shown(found.left)}{to}")
    lines.append("· 原业主和家人的微信解绑，租户不变；水电表请当天抄好")
    return "\n".join([*lines, "对吗？"])


def _split_words(split: Split) -> str:
    former, new = (part.fen if part is not None else 0 for part in (split.former, split.new))
    head = f"· {split.item} {split.bill.start}至{split.bill.end} {shown(split.bill.amount)}"
    return f"{head}：原业主{shown(former)}，新业主{shown(new)}"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home, change = _home(turn), _change(turn)
    done = hand_over(turn.session, home, change, by=person.log_name, now=turn.now)
    owner_leaves(turn.session, home, by=person.log_name, now=turn.now)
    _tell_former(turn, home, change, done)
    code = make_bind_code(
        turn.session, home_id=home.id, relation="owner", name=change.name, made_by=person.log_name,
        staff_id=person.staff.id if person.staff is not None else None, company_id=person.company_id or 0,
        pepper=turn.settings.secret_key, now=turn.now,
    )  # fmt: skip
    lines = [f"过户好了，{turn.slots['home']['label']}现在是{change.name}的。"]
    lines += [_back_words(channel, fen) for channel, fen in done.back.items()]
    lines += [f"转给新业主{shown(done.moved)}。"] if done.moved else []
    lines += [f"原业主还欠{shown(done.owes)}，收的时候说「收款 房号 原业主 金额 现金」。"] if done.owes else []
    lines.append(f"新业主的绑定码：{code}\n请本人关注公众号，回复「绑定 {code}」。7天内有效，只能用一次。")
    return Done("\n".join(lines))


def _back_words(channel: str, fen: int) -> str:
    return f"{channel}付的{shown(fen)}{'会原路退回' if channel == '微信支付' else '请在柜台退给原业主'}。"


def _tell_former(turn: Turn, home: Home, change: Change, done: HandedOver) -> None:
    back = sum(done.back.values())
    for account, openid in done.let_go:
        outbox.put(
            turn.session, account=account, openid=openid, kind="home_handed_over",
            data={
                "home": turn.slots["home"]["label"], "day": change.day.isoformat(), "back": shown(back) if back else "",
                "owes": shown(done.owes) if done.owes else "",
            },
            dedupe_key=f"handover:{done.former.id}", now=turn.now,
        )  # fmt: skip


FLOW = Flow(
    intent="hand_over_home",
    title="办过户",
    roles=frozenset({"manager"}),
    commands=("过户 {house?} {text?}",),
    slots=(
        HOME,
        Slot("day", take=take_day, ask=ASK_DAY),
        Slot("phone", take=take_phone, optional=True),
        Slot("name", take=take_name, ask="新业主叫什么名字？", awaiting="ask_name"),
        Slot("debts_stay", take=take_debts, known=known_debts),
        Slot("prepaid", take=take_prepaid, ask=ask_prepaid, known=known_prepaid),
    ),
    confirm=question,
    finish=finish,
    refusal="过户由物业经理办理。请带上不动产证明到物业来办。",
)
