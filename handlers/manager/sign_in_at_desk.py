"""登录 123456: the computer that shows this number is signed in as whoever says it. 退出登录 ends all of them."""

import re
import unicodedata

from bot.flow import Again, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.staff_at_desk import ROLES
from models.people.desk_logins import Said, end_all, say

_NUMBER = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)")
REFUSAL = "电脑上的管理页面是物业办公室用的。您要报修，直接说哪里坏了就行。"
FAULTS = {
    "wrong": "这个数字不对，或者过了5分钟。请看电脑上现在的数字，再说一次「登录 数字」。",
    "limit": "今天试的次数太多了，请明天再登录。",
}


def ask_number(turn: Turn) -> Question:
    address = f"{turn.settings.public_url}/desk/"
    return f"请在电脑上打开 {address} ，把页面上的6位数字发给我，比如「登录 123456」。"


def take_number(turn: Turn) -> Outcome:
    found = _NUMBER.findall(unicodedata.normalize("NFKC", turn.text))
    if len(found) == 1:
        return Next(re.sub(r"\D", "", found[0]))
    return Again("电脑上显示的是6位数字，请照着再发一遍。") if turn.asked == "number" else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    said = say(
        turn.session,
        code=turn.slots["number"],
        account=person.account,
        openid=person.openid,
        company_id=person.company_id or 0,
        by=person.log_name,
        pepper=turn.settings.secret_key,
        now=turn.now,
    )
    return Done(FAULTS[said.why] if said.why else _signed_in(said))


def _signed_in(said: Said) -> str:
    when = f"{said.asked_at:%H:%M} 打开的" if said.asked_at else ""
    return f"好了，{when}{said.where or '电脑'}已经登录，看电脑就行。\n不是您自己在登录？请马上回复「退出登录」。"


def leave(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    ended = end_all(turn.session, person.account, person.openid, turn.now)
    return Done("好的，电脑上都退出了。" if ended else "现在没有电脑登录着您的账号。")


FLOWS = (
    Flow(
        intent="desk_login",
        title="电脑登录",
        roles=ROLES,
        commands=("登录 {text?}", "登陆 {text?}"),
        examples=EXAMPLES["desk_login"],
        slots=(Slot("number", take=take_number, ask=ask_number),),
        finish=finish,
        refusal=REFUSAL,
    ),
    Flow(
        intent="desk_logout",
        title="退出电脑登录",
        roles=ROLES,
        commands=("退出登录", "退出登陆"),
        examples=EXAMPLES["desk_logout"],
        finish=leave,
        quick=True,
        refusal=REFUSAL,
    ),
)
