"""Carries what was taken from the outbox down the ladder until something takes it.

Nothing here touches the database: what was found out comes back as values, and bot/sender.py writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.consequences import DECISIONS, Api, Message, Person
from bot.rendering import NoTemplate, Renderer
from bot.sms import Sms, SmsError
from bot.wechat.errors import Consequence, WeChatError
from models.messaging.kinds import Kind, kind_named
from models.messaging.ladder import (
    CUSTOMER,
    SMS,
    SUBSCRIPTION,
    TEMPLATE,
    ByHand,
    Drop,
    Facts,
    Go,
    Park,
    Step,
    Wait,
    next_step,
)
from models.messaging.queue import UNKNOWN_OUTCOME
from models.messaging.tables import Outbox


class WeChat(Protocol):
    """What delivery needs of bot/wechat/client.py. All raise WeChatError."""

    def send_text(self, openid: str, text: str) -> None: ...

    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], url: str = "", client_msg_id: str = ""
    ) -> str: ...

    def send_subscription(self, openid: str, template_id: str, data: Mapping[str, str], page: str = "") -> None: ...


@dataclass(frozen=True)
class Parcel:
    """What goes to one person at once: one message, or several that fit into one text. `facts` and `expires_at` are the first one's."""

    messages: tuple[Outbox, ...]
    rung: str
    facts: Facts
    expires_at: datetime
    phone: str = field(default="", repr=False)
    subscription_id: str = ""

    @property
    def first(self) -> Outbox:
        return self.messages[0]


@dataclass(frozen=True)
class Delivered:
    """It was taken. `platform_id`: the template message's msgid, or the provider's number of a text message."""

    rung: str
    platform_id: str = ""


@dataclass(frozen=True)
class Later:
    """Another try, when the ladder or the sender's own patience says."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True)
class Again:
    """Look again at once with what was found out: the others of a parcel whose window turned out to be shut."""


@dataclass(frozen=True)
class Ended:
    """No rung is left (`step` says whether staff must tell the person), or it may have arrived and must not arrive twice."""

    why: str
    by_hand: bool = False


Fate = Delivered | Later | Again | Ended


@dataclass(frozen=True)
class Finding:
    """What one call told about an API: `rung`, and `template` where the template alone is at fault."""

    rung: str
    effect: Api
    why: str = ""
    template: str = ""
    alarm: bool = False


@dataclass
class Report:
    """What became of each message of a parcel, and all that was found out on the way."""

    fates: dict[int, Fate] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    person: dict[Person, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    trail: list[tuple[str, str]] = field(default_factory=list)


class Courier:
    """Sends parcels. `sms` is None while no provider is set up."""

    def __init__(self, wechat: WeChat, renderer: Renderer, sms: Sms | None = None) -> None:
        self._wechat = wechat
        self._renderer = renderer
        self._sms = sms

    def deliver(self, parcel: Parcel, now: datetime) -> Report:
        """Go down the ladder. Raises what rendering raises: a mistake in words or data is a bug, not the platform's doing."""
        report = Report()
        report.passed = parcel.first.passed.split() if parcel.first.passed else []
        self._try(parcel, report, now)
        self._hurry(parcel, report)
        return report

    def _try(self, parcel: Parcel, report: Report, now: datetime) -> None:
        if parcel.rung == CUSTOMER:
            joined = self._carry(parcel, CUSTOMER, parcel.messages, report)
            if joined is not None:
                return
            report.fates = {message.id: Again() for message in parcel.messages[1:]}
        else:
            report.fates = {message.id: Again() for message in parcel.messages[1:]}
            if self._carry(parcel, parcel.rung, parcel.messages[:1], report) is not None:
                return
        self._go_on(parcel, report, now)

    def _hurry(self, parcel: Parcel, report: Report) -> None:
        """WeChat gave no answer just now: what is urgent does not wait for the next try, a text message goes at once."""
        first, facts = parcel.first, parcel.facts
        waits = isinstance(fate := report.fates[first.id], Later)
        can = SMS in facts.granted and facts.phone and SMS not in facts.shut and SMS not in report.passed
        if waits and can and parcel.rung != SMS and kind_named(first.kind).urgent:
            self._carry(parcel, SMS, (first,), report)
            if not isinstance(report.fates[first.id], Delivered):
                report.fates[first.id] = fate

    def _go_on(self, parcel: Parcel, report: Report, now: datetime) -> None:
        """The first rung said no: try the others with what is known by now."""
        while True:
            step = self._next(parcel, report, now)
            if not isinstance(step, Go):
                report.fates[parcel.first.id] = _fate_of(step, report)
                return
            if self._carry(parcel, step.rung, parcel.messages[:1], report) is not None:
                return

    def _next(self, parcel: Parcel, report: Report, now: datetime) -> Step:
        kind = kind_named(parcel.first.kind)
        facts = parcel.facts
        if Person.WINDOW_SHUT in report.person:
            facts = replace(facts, window=False, ledger=True)
        if Person.UNREACHABLE in report.person:
            facts = replace(facts, reachable=False)
        return next_step(kind, facts, now=now, expires_at=parcel.expires_at, passed=report.passed)

    def _carry(self, parcel: Parcel, rung: str, messages: tuple[Outbox, ...], report: Report) -> bool | None:
        """True: their fates are settled. None: this rung said no, the next one may be tried."""
        try:
            platform_id = self._send(rung, messages, parcel)
        except (NoTemplate, ValueError) as error:
            report.passed.append(rung)
            report.trail.append((rung, str(error)[:100]))
            return None
        except (WeChatError, SmsError) as error:
            return self._refused(error, rung, messages, report)
        report.findings.append(Finding(rung, Api.ANSWERED, template=_template_of(kind_named(messages[0].kind), rung)))
        report.fates |= {message.id: Delivered(rung, platform_id) for message in messages}
        return True

    def _refused(
        self, error: WeChatError | SmsError, rung: str, messages: tuple[Outbox, ...], report: Report
    ) -> bool | None:
        decision = DECISIONS[error.consequence]
        kind = kind_named(messages[0].kind)
        report.findings.append(Finding(rung, decision.api, str(error), _template_of(kind, rung), decision.alarm))
        if decision.person is not None:
            report.person[decision.person] = str(error)
        report.trail.append((rung, str(error)[:100]))
        match decision.message:
            case Message.SENT:
                report.fates |= {message.id: Delivered(rung) for message in messages}
            case Message.AGAIN:
                report.fates |= {message.id: Later(str(error)) for message in messages}
            case Message.UNKNOWN:
                report.fates |= {message.id: _unknown(message, rung, error) for message in messages}
            case Message.NEXT:
                report.passed.append(rung)
                return None
            case Message.NEXT_FOR_NOW:
                return None
        return True

    def _send(self, rung: str, messages: tuple[Outbox, ...], parcel: Parcel) -> str:
        message, kind = messages[0], kind_named(messages[0].kind)
        match rung:
            case "customer":
                text = self._renderer.joined([(each.kind, each.data) for each in messages])
                self._wechat.send_text(message.openid, text)
                return ""
            case "template":
                form = self._renderer.template_message(kind, message.data, message.created_at)
                return self._wechat.send_template(
                    message.openid,
                    form.template_id,
                    form.data,
                    url=self._renderer.address(message.data),
                    client_msg_id=client_msg_id(message),
                )
            case "subscription":
                form = self._renderer.subscription_message(kind, message.data, message.created_at)
                page = self._renderer.address(message.data)
                self._wechat.send_subscription(message.openid, form.template_id, form.data, page=page)
                return ""
            case _:
                if self._sms is None:
                    raise NoTemplate("no text-message provider is set up")
                sms = self._renderer.text_message(kind, message.data)
                return self._sms.send(parcel.phone, sms.template_id, sms.values)


def client_msg_id(message: Outbox) -> str:
    """Lets WeChat recognise a repetition of a template message. A new try after a delivery that failed is no repetition."""
    failed = sum(1 for step in message.trail or () if str(step[2]).startswith("failed"))
    return f"outbox-{message.id}" + (f"-{failed}" if failed else "")


def has_client_id(rung: str) -> bool:
    """May it be repeated without arriving twice?"""
    return rung == TEMPLATE


def _unknown(message: Outbox, rung: str, error: Exception) -> Fate:
    if has_client_id(rung) or message.repeatable:
        return Later(str(error))
    return Ended(f"{UNKNOWN_OUTCOME}: {error}")


def _fate_of(step: Wait | Park | ByHand | Drop, report: Report) -> Fate:
    why = report.trail[-1][1] if report.trail else ""
    match step:
        case Wait(until, waits_for):
            return Later(waits_for or why, until)
        case ByHand(reason):
            return Ended(why or reason, by_hand=True)
        case Park():
            return Again()  # the next claim parks it, with the person's row locked
        case Drop(reason):
            return Ended(why or reason)


def _template_of(kind: Kind, rung: str) -> str:
    return {TEMPLATE: kind.template, SUBSCRIPTION: kind.subscription, SMS: kind.sms}.get(rung, "")


__all__ = ["Consequence", "Courier", "Parcel", "Report", "WeChat"]
