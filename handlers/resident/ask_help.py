"""帮助: what can be said here, a few lines by role."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person

FOR_RESIDENTS = (
    "您可以直接说：\n"
    "· 哪里坏了，比如「厨房水管漏水」\n"
    "· 「我的报修」看办到哪一步，「催单」「取消报修」也行\n"
    "· 「我的家」看绑定的房屋\n"
    "想找人，回复「人工」。"
)
FOR_VISITORS = (
    "您可以直接说：\n· 「绑定」把您的房屋连上这个微信\n· 公共地方坏了，比如「楼道灯不亮」\n想找人，回复「人工」。"
)
FOR_WORKERS = (
    "您可以说：\n"
    "· 「我的任务」\n"
    "· 「接单」「到场」「完工 换了角阀」，有几张单时加上单号\n"
    "· 「挂起 等配件」「转单 刘师傅」「退单 原因」\n"
    "· 「代报修 3-2-501 厨房漏水」\n"
    "· 「我的绩效」\n"
    "· 「上班」「下班」"
)
FOR_MANAGERS = (
    "您可以说：\n"
    "· 「工单」看没办完的，「工单 12」看一张的经过\n"
    "· 「派单 12 陈师傅」「优先 12 P1」「为什么超时 12」\n"
    "· 「值班 刘师傅 今晚」「暴雨模式」\n"
    "· 「回访」看要给谁打电话，「查因 12 原因」记重复故障的原因\n"
    "· 「季度考核」看各位师傅的绩效\n"
    "· 「审核」看谁申请绑定\n"
    "· 「邀请 姓名 工种」请员工加入\n"
    "· 「代报修 3-2-501 厨房漏水」"
)


def show_help(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    by_role = {"manager": FOR_MANAGERS, "staff": FOR_WORKERS, "visitor": FOR_VISITORS}
    return Done(by_role.get(person.role, FOR_RESIDENTS))


FLOW = Flow(
    intent="help", title="看看能做什么", commands=("帮助",), examples=EXAMPLES["help"], finish=show_help, quick=True
)
