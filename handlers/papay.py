"""委托代扣 as pages and chat offer it: switched on or not, where WeChat tells us, and the address at which it asks people to agree."""

from typing import TYPE_CHECKING, Any

from bot.services import Services
from bot.wechat.pay_terms import SigningWish
from models.papay.tables import PapayContract

if TYPE_CHECKING:
    from bot.wechat.pay_entrust import Entrust

CONTRACT_NOTIFY, CHARGE_NOTIFY = "/wxpay/contract-notify", "/wxpay/papay-notify"


def offered(settings: Any) -> bool:
    """May residents sign? Chat hands its settings on as they are, and some tests have none."""
    papay = getattr(settings, "papay", None)
    return bool(papay is not None and papay.on and getattr(settings, "pays_online", False))


def link(settings: Any, home_id: int) -> str:
    return f'<a href="{settings.public_url}/m/papay?home={home_id}">点这里开通微信自动扣款</a>'


def signing_page(services: Services, contract: PapayContract, name: str) -> str:
    """Where WeChat asks this person to agree; "" when there is no plan."""
    entrust: Entrust | None = services.papay
    if entrust is None:
        return ""
    notify = f"{services.settings.public_url}{CONTRACT_NOTIFY}"
    return entrust.signing_page(SigningWish(contract.code, contract.openid, name[:32], notify))
