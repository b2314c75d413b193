"""加入: somebody invited becomes staff by saying their code."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person, identify
from models.people.codes import purpose_of, read_code
from models.people.staffing import ROLES, Joined, join

ASK_CODE = "请把经理给您的邀请码发给我，比如「加入 7K3MPQ2X」。"
NOT_A_CODE = "邀请码是8位字母和数字，请照着再发一遍。"
FAULTS = {
    "unknown": "这个邀请码不对，请再看一看，或请经理重新邀请。",
    "used": "这个邀请码已经有人用过了。一个码只能用一次，请经理重新邀请。",
    "expired": "这个邀请码过期了，请经理重新邀请。",
    "member": "您已经是这里的员工了，不用再加入。",
    "limit": "今天试的次数用完了，请明天再试，或请经理重新邀请。",
}
NEXT = {
    "manager": "可以说「工单」「审核」「邀请」，也可以回复「帮助」。",
    "clerk": "可以说「工单」「审核」，也可以回复「帮助」。",
    "cashier": "可以回复「帮助」看能说什么。",
    "lead": "有新工单会发给您。可以说「我的任务」「上班」「下班」。",
    "worker": "有新工单会发给您，回复「接单」就行。可以说「我的任务」「上班」「下班」。",
}


def take_code(turn: Turn) -> Outcome:
    code = read_code(turn.text)
    if code is None:
        return Done(NOT_A_CODE) if turn.asked == "code" else None
    if purpose_of(code) == "home":
        return Done(f"这是绑定房屋的码。要绑定的话，请回复「绑定 {code}」。")
    return Next(code)


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    outcome = join(
        turn.session,
        account=person.account,
        openid=person.openid,
        company_id=person.company_id or 0,
        code=turn.slots["code"],
        pepper=turn.settings.secret_key,
        now=turn.now,
    )
    if not isinstance(outcome, Joined):
        return Done(FAULTS[outcome.why])
    turn.speaker = identify(turn.session, turn.incoming, turn.now)
    trades = f"，{'、'.join(outcome.trades)}" if outcome.trades else ""
    duty = "现在算上班" if outcome.on_duty else "现在算下班"
    return Done(f"{outcome.name}，欢迎加入（{ROLES[outcome.role]}{trades}），{duty}。\n{NEXT[outcome.role]}")


FLOW = Flow(
    intent="staff_join",
    title="用邀请码加入",
    commands=("加入 {text?}", "入职 {text?}"),
    examples=("我有邀请码", "我是新来的师傅", "经理让我加入", "怎么加入", "我来报到", "新员工报到", "输入邀请码"),
    slots=(Slot("code", take=take_code, ask=ASK_CODE),),
    finish=finish,
)
