"""公摊, as an owner asks: the sheets of one's own compound, each with a link that shows how it was shared out to the last fen."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.links import share_link
from handlers.speaker import Person
from models.billing.share_queries import newest_shares
from models.money import shown

NONE = "您家最近没有公摊。有疑问请回复「人工」。"
NOT_BOUND = "您还没有绑定房屋，看不了公摊。请回复「绑定」，我来帮您。"


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    lines = []
    for home in person.homes_where("see_bills"):
        found = newest_shares(turn.session, home.home_id)
        if found:
            lines.append(f"{home.community}{home.label} {found[0].period} 公摊：")
        lines += [
            f"· {share.name} 您家{shown(share.fen)}（全部{shown(share.total)}，{share.homes}户分）{share_link(turn, share.code)}"
            for share in found
        ]
    return Done("\n".join(lines) if lines else NONE)


FLOW = Flow(
    intent="share_sheets",
    title="看公摊明细",
    roles=frozenset({"resident"}),
    commands=("公摊", "公摊明细"),
    examples=("公摊明细", "看看公摊", "公摊表在哪里看", "这个月公摊多少"),
    finish=show,
    quick=True,
    refusal=NOT_BOUND,
)
