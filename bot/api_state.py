"""The books of all APIs as one picture: which rung is shut for a message, and who may ask whether an outage is over."""

from datetime import datetime, timedelta
from functools import partial
from random import uniform

from sqlalchemy.orm import Session

from bot.consequences import Api
from bot.delivery import Finding
from models.messaging import api_books, breaker
from models.messaging.breaker import BreakerRules, Quota
from models.messaging.kinds import Kind
from models.messaging.ladder import CUSTOMER, RUNGS, SMS, SUBSCRIPTION, TEMPLATE, Shut
from models.messaging.tables import ApiBook

ACCOUNT = "wechat"  # the book of everything that goes through WeChat
_WECHAT = (CUSTOMER, TEMPLATE, SUBSCRIPTION)
_LONG = timedelta(minutes=30)

Books = dict[tuple[str, str], ApiBook]


class ApiState:
    """Of one transaction, with the books locked."""

    def __init__(self, session: Session, books: Books, rules: BreakerRules, now: datetime) -> None:
        self._session, self._books, self._rules, self._now = session, books, rules, now
        self._asked: set[tuple[str, str]] = set()

    # --- before sending ---

    def open_books(self, account: str) -> None:
        api_books.ensure(self._session, self._books, account, (ACCOUNT, *RUNGS))

    def shut(self, account: str, kind: Kind) -> dict[str, Shut]:
        """Which rungs are closed for a message of this kind just now."""
        found = {rung: self._shut_rung(account, rung, kind) for rung in RUNGS}
        return {rung: closed for rung, closed in found.items() if closed is not None}

    def call(self, account: str, rung: str, kind: Kind) -> None:
        """A message takes this rung now: it is counted, and if the rung was shut it is the one that asks."""
        book = self._book(account, rung)
        breaker.count(book, self._now)
        host = self._book(account, _host(rung))
        for each in self._path(account, rung, kind):
            if breaker.may_probe(each, self._now):
                breaker.probe(each, self._now, self._rules)
                host.probed_at = self._now

    def wechat_is_shut(self) -> bool:
        """Neither customer nor template messages go out, for any account."""
        accounts = {account for account, api in self._books if api == ACCOUNT}
        return bool(accounts) and all(
            self._is_shut(account, ACCOUNT) or (self._is_shut(account, CUSTOMER) and self._is_shut(account, TEMPLATE))
            for account in accounts
        )

    def may_ask_wechat(self) -> bool:
        return any(
            breaker.may_probe(book, self._now) and self._host_is_free(account, api)
            for (account, api), book in self._books.items()
            if api in (ACCOUNT, *_WECHAT)
        )

    def waits_long(self) -> bool:
        """WeChat will not be open soon, so that also what is not urgent looks for another way."""
        until = [
            book.shut_until
            for (_, api), book in self._books.items()
            if api in (ACCOUNT, CUSTOMER, TEMPLATE) and book.shut_until
        ]
        return any(moment > self._now + _LONG for moment in until)

    # --- after sending ---

    def learn(self, account: str, finding: Finding) -> ApiBook | None:
        """Write down what a call told. Returns the book that staff must hear of, at most once an hour each."""
        self.open_books(account)
        book = self._learn(
            account, finding, self._book(account, finding.rung), self._book(account, _host(finding.rung))
        )
        if finding.alarm and book.shut_until is not None and breaker.alarm_is_due(book, self._now, self._rules):
            return book
        return None

    def _learn(self, account: str, finding: Finding, book: ApiBook, host: ApiBook) -> ApiBook:
        """Returns the book that was written in."""
        if finding.effect is Api.ANSWERED:
            template = self._books.get((account, f"{finding.rung}:{finding.template}"))
            for each in filter(None, (book, host, template)):
                breaker.answered(each)
            return book
        stop = partial(breaker.stopped, now=self._now, rules=self._rules, why=finding.why)
        match finding.effect:
            case Api.SILENT:
                breaker.not_answered(book, self._now, self._rules, finding.why)
            case Api.STOPPED:
                stop(host, skip=_host(finding.rung) == SMS)
                return host
            case Api.TAKEN_AWAY:
                stop(book, skip=True)
            case Api.TEMPLATE_OFF:
                book = self._template_book(account, finding.rung, finding.template) or book
                stop(book, skip=True)
            case _:
                breaker.paused(book, self._end_of_rest(finding.effect), finding.why)
        return book

    def _end_of_rest(self, effect: Api) -> datetime:
        if effect is Api.DAY_FULL:
            return breaker.next_midnight(self._now)
        # Jitter, so that not all senders come back in the same second.
        return self._now + self._rules.rate_wait + timedelta(seconds=uniform(0, 15))

    def count_again(self, account: str, rung: str) -> None:
        """A call that was not foreseen when the message was taken: the next rung after a no."""
        breaker.count(self._book(account, rung), self._now)

    # --- the books ---

    def _shut_rung(self, account: str, rung: str, kind: Kind) -> Shut | None:
        quota = self._rules.quotas.get(rung, Quota())
        closed = [breaker.used_up(self._book(account, rung), self._now, quota, first=kind.comes_first)]
        for book in self._path(account, rung, kind):
            if breaker.may_probe(book, self._now) and self._host_is_free(account, book.api):
                continue
            closed.append(breaker.shut_now(book, self._now))
        reasons = [shut for shut in closed if shut is not None]
        if not reasons:
            return None
        latest = max(reasons, key=lambda shut: shut.until)
        return Shut(latest.until, any(shut.skip for shut in reasons), latest.why)

    def _path(self, account: str, rung: str, kind: Kind) -> list[ApiBook]:
        """Every book that has a say: of the host, of the API, of the template."""
        names = [_host(rung), rung, f"{rung}:{_template_name(rung, kind)}"]
        found = (self._books.get((account, name)) for name in dict.fromkeys(names))
        return [book for book in found if book is not None]

    def _host_is_free(self, account: str, api: str) -> bool:
        """One question at a time for all APIs behind the same address; the one asked longest ago goes first."""
        host = self._books.get((account, _host(api)))
        if host is None or host.probed_at is None:
            return True
        return self._now - host.probed_at >= self._rules.probe_every

    def _is_shut(self, account: str, api: str) -> bool:
        book = self._books.get((account, api))
        return book is not None and breaker.shut_now(book, self._now) is not None

    def _book(self, account: str, api: str) -> ApiBook:
        return self._books[account, api]

    def _template_book(self, account: str, rung: str, template: str) -> ApiBook | None:
        if not template:
            return None
        api = f"{rung}:{template}"[:48]
        api_books.ensure(self._session, self._books, account, (api,))
        return self._books[account, api]


def _host(api: str) -> str:
    return SMS if api.partition(":")[0] == SMS else ACCOUNT


def _template_name(rung: str, kind: Kind) -> str:
    return {TEMPLATE: kind.template, SUBSCRIPTION: kind.subscription, SMS: kind.sms}.get(rung, "")
