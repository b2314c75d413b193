"""What the bank's answer to a list did, in words, for the page and for the command."""

from models.debit.returns import Outcome
from models.money import shown


def told_of(outcome: Outcome) -> list[tuple[str, str]]:
    """What a file did, sentence by sentence, with the colour of each."""
    said = [(f"批次{outcome.number}入账了：{outcome.paid}户，{shown(outcome.fen)}。", "good")]
    if outcome.refused:
        why = "、".join(f"{reason}{homes}户" for reason, homes in outcome.refused.most_common())
        said.append((f"没扣到{sum(outcome.refused.values())}户：{why}。已经告诉业主怎么办，催缴照常进行。", "message"))
    if outcome.twice:
        said.append((f"其中{shown(outcome.twice)}业主已经用别的方式交过，先存作预存款，请联系业主。", "message"))
    if outcome.to_look_at:
        homes = "、".join(outcome.to_look_at[:10])
        said.append((f"{homes}扣到了钱但入不了账（房子已过户），请人工退给原业主。", "message"))
    return said
