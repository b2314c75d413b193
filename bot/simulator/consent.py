"""Consent to subscription messages: each yes is good for one message. Source: D/service/Subscription_Messages/intro.html."""

from dataclasses import dataclass

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store


@dataclass(frozen=True)
class Consent:
    openid: str
    template_id: str
    left: int


class Consents:
    def __init__(self, store: Store) -> None:
        self._consents: Shelf[Consent] = Shelf(store, "consents", Consent)

    def grant(self, openid: str, template_id: str) -> None:
        self._change(openid, template_id, +1)

    def spend(self, openid: str, template_id: str) -> None:
        """Raises ApiError 43101 when nothing is left."""
        if self.left(openid, template_id) == 0:
            raise ApiError(43101)
        self._change(openid, template_id, -1)

    def drop(self, openid: str, template_id: str) -> None:
        """The person takes all of it back."""
        self._change(openid, template_id, -self.left(openid, template_id))

    def left(self, openid: str, template_id: str) -> int:
        consent = self._consents.get(f"{openid} {template_id}")
        return consent.left if consent else 0

    def _change(self, openid: str, template_id: str, by: int) -> None:
        left = self.left(openid, template_id) + by
        self._consents.put(f"{openid} {template_id}", Consent(openid, template_id, left))
