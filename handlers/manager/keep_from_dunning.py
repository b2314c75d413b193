"""暂缓催缴, 恢复催缴, 分期, 登记催缴, 催缴记录, 催缴附言: what one home's reminders wait for, and the proof of those it had."""

import re
from datetime import timedelta

from bot.flow import Again, Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.keepsakes import keep
from handlers.speaker import Person
from handlers.which_home import HOME
from models.db import SHANGHAI
from models.dunning.actions import go_on, note_demand, stop, write_note
from models.dunning.evidence import Proof, proofs_of
from models.dunning.plans import agree
from models.dunning.queries import late_homes, rules_of
from models.dunning.steps import STOPS
from models.estate.numerals import numerals_to_digits
from models.estate.tables import Home
from models.money import shown

_WORDS = {
    "dispute": ("争议", "纠纷", "异议", "投诉"),
    "hardship": ("困难", "低保", "生病", "重病"),
    "bereavement": ("去世", "过世", "丧", "白事"),
    "asked": ("经理", "先不", "其他"),
}
WAYS = {
    "call": ("电话", "打了", "打过"),
    "visit": ("上门", "当面"),
    "letter": ("EMS", "ems", "邮", "签收", "张贴", "送达", "挂号"),
}
REFUSAL = "这是物业内部用的。看自己家的，请回复「账单」。"
NAMES = {"chat": "消息", "letter": "催款函", "file": "律师材料", "call": "电话", "visit": "上门"}
SHOWN = 10
_MANAGERS = frozenset({"manager"})
_OFFICE = frozenset({"manager", "clerk", "cashier"})


def _home(turn: Turn) -> Home:
    return turn.session.get_one(Home, turn.slots["home"]["home_id"])


def _label(turn: Turn) -> str:
    return str(turn.slots["home"]["label"])


# --- stops --------------------------------------------------------------------------------------------------------------


def take_why(turn: Turn) -> Outcome:
    if turn.asked == "why" and turn.choice is not None:
        return Next(turn.choice)
    meant = [why for why, words in _WORDS.items() if any(word in turn.text for word in words)]
    return Next(meant[0]) if meant else None


def ask_why(turn: Turn) -> Question:
    return Ask("为什么先不催？", tuple(Choice(why, STOPS[why]) for why in _WORDS))


def put_off(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    why = turn.slots["why"]
    stop(turn.session, _home(turn), why, "", by=person.log_name, now=turn.now)
    return Done(f"{_label(turn)} 暂停催缴了（{STOPS[why]}）。要再催，回复「恢复催缴」加房号。")


def take_up(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    go_on(turn.session, _home(turn), by=person.log_name, now=turn.now)
    return Done(f"{_label(turn)} 恢复催缴了，到了日子会列在「催缴」里。")


# --- parts --------------------------------------------------------------------------------------------------------------


def take_count(turn: Turn) -> Outcome:
    words = numerals_to_digits(turn.text)
    match = re.search(r"(\d{1,2})\s*期", words) or (
        re.fullmatch(r"\s*(\d{1,2})\s*", words) if turn.asked == "count" else None
    )
    if match:
        return Next(int(match[1]))
    return Again("分几期？比如「3期」，2到12期。") if turn.asked == "count" else None


def split(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    first = turn.now.astimezone(SHANGHAI).date() + timedelta(days=7)
    plan, parts = agree(turn.session, _home(turn), turn.slots["count"], first, by=person.log_name, now=turn.now)
    lines = [f"{_label(turn)} 欠{shown(plan.fen)}，分{len(parts)}期："]
    lines += [f"· 第{place}期 {part.due_on} 前 {shown(part.fen)}" for place, part in enumerate(parts, start=1)]
    return Done("\n".join([*lines, "分期期间不催。有一期晚了7天，就恢复催缴。"]))


# --- proof --------------------------------------------------------------------------------------------------------------


def take_proof(turn: Turn) -> Outcome:
    """Everything after the home: 电话 本人说下周交."""
    if turn.asked == "proof" and turn.incoming.kind in ("text", "voice"):
        return Next(turn.text.strip())
    words = turn.text.split()
    start = next((place for place, word in enumerate(words) if _way(word)), None)
    return Next(" ".join(words[start:])) if start is not None and turn.asked != "proof" else None


def take_photo(turn: Turn) -> Outcome:
    return Next(keep(turn)) if turn.incoming.kind == "image" else None


def _way(words: str) -> str:
    return next((way for way, known in WAYS.items() if any(word in words for word in known)), "")


def note(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    home, proof = _home(turn), turn.slots["proof"]
    rules = rules_of(turn.session, person.company_id or 0)
    late = late_homes(turn.session, [home.community_id], rules, turn.now, homes=[home.id])
    if not late:
        return Done(f"{_label(turn)} 没有过期没交的，不用登记。")
    way = _way(proof) or "call"
    note_demand(turn.session, late[0], way, proof, by=person.log_name, now=turn.now)
    return Done(f"记下了：{_label(turn)} {NAMES[way]}，{proof}。")


def show_record(turn: Turn) -> Outcome:
    found = proofs_of(turn.session, [_home(turn).id])
    if not found:
        return Done(f"{_label(turn)} 还没有催过。")
    lines = [f"{_label(turn)} 催缴记录（新的在前）：", *(_line(proof) for proof in found[:SHOWN])]
    return Done("\n".join(lines))


def _line(proof: Proof) -> str:
    demand = proof.demand
    parts = [f"{demand.at.astimezone(SHANGHAI):%Y-%m-%d} {NAMES[demand.way]} {shown(demand.fen)}"]
    parts += [f"送到{proof.sent}人"] if proof.sent else []
    parts += [f"没送到{proof.failed}人（{proof.code}）"] if proof.failed else []
    parts += [f"{demand.opened_at.astimezone(SHANGHAI):%m-%d}看过"] if demand.opened_at else []
    parts += [f"{demand.delivered_on}送达：{demand.proof}"] if demand.way == "letter" and demand.delivered_on else []
    parts += [demand.proof] if demand.proof and demand.way != "letter" else []
    return "· " + "，".join(parts)


# --- the company's own sentence -----------------------------------------------------------------------------------------


def take_note(turn: Turn) -> Outcome:
    if turn.asked == "note":
        return Next(turn.text.strip())
    said = turn.text.strip().removeprefix("催缴附言").strip(" ：:，,")
    return Next(said) if said else None


def keep_note(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    words = "" if turn.slots["note"] in ("没有", "无", "不要") else turn.slots["note"]
    write_note(turn.session, person.company_id or 0, words, by=person.log_name, now=turn.now)
    return Done(f"好的，以后的提醒末尾会加上：{words}" if words else "好的，以后的提醒不加附言。")


FLOWS = (
    Flow(
        intent="dunning_stop",
        title="暂缓催缴",
        roles=_MANAGERS,
        commands=("暂缓催缴 {house?} {text?}", "不催 {house?} {text?}"),
        examples=("暂缓催缴", "这一户先不催", "501家里有丧事先别催了", "困难户不要催缴"),
        slots=(HOME, Slot("why", take=take_why, ask=ask_why)),
        finish=put_off,
        refusal=REFUSAL,
    ),
    Flow(
        intent="dunning_go_on",
        title="恢复催缴",
        roles=_MANAGERS,
        commands=("恢复催缴 {house?}",),
        examples=("恢复催缴", "这一户可以催了", "继续催501"),
        slots=(HOME,),
        finish=take_up,
        refusal=REFUSAL,
    ),
    Flow(
        intent="instalments",
        title="分期",
        roles=_MANAGERS,
        commands=("分期 {house?} {text?}",),
        examples=("分期", "给501分3期交", "欠费分期付款", "做个分期"),
        slots=(HOME, Slot("count", take=take_count, ask="分几期？比如「3期」，2到12期。")),
        finish=split,
        refusal=REFUSAL,
    ),
    Flow(
        intent="note_demand",
        title="登记催缴",
        roles=_OFFICE,
        commands=("登记催缴 {house?} {text?}",),
        examples=("登记催缴", "501已经打电话催过了", "催款函送到了"),
        slots=(
            HOME,
            Slot("proof", take=take_proof, ask="怎么催的？比如「电话 本人说下周交」「EMS 123456 本人签收」。", free_text=True),
        ),
        finish=note,
        refusal=REFUSAL,
    ),
    Flow(
        intent="demand_record",
        title="看催缴记录",
        roles=_OFFICE,
        commands=("催缴记录 {house?}",),
        examples=("催缴记录", "501催过几次", "看看催缴的证据"),
        slots=(HOME,),
        finish=show_record,
        refusal=REFUSAL,
    ),
    Flow(
        intent="dunning_note",
        title="催缴附言",
        roles=_MANAGERS,
        commands=("催缴附言 {text?}",),
        slots=(Slot("note", take=take_note, ask="附言写什么？最多60个字，比如「物业8点到18点上班」。不要附言请回复「没有」。", free_text=True),),
        finish=keep_note,
        refusal=REFUSAL,
    ),
)  # fmt: skip
