"""What happens without words (menu, scan), and what is said when words were not understood."""

from collections.abc import Mapping

from bot.flow import Detour, Done, EventHandler, Outcome, Turn
from bot.incoming import entries_of
from bot.understanding.meaning import Meaning
from handlers.resident.call_person import hand_over
from handlers.resident.greet import on_follow, on_unfollow
from handlers.resident.scan_place import on_scan
from handlers.speaker import Person
from handlers.wishes import module_of
from models.messaging import consents
from models.messaging.kinds import Kind, all_kinds
from models.messaging.reports import note_delivery, note_subscription_delivery

# The keys of the custom menu (bot/wechat/menu.py): each begins the flow of this intent.
MENU = {
    "repair": "repair_report",
    "my_repairs": "repair_status",
    "my_home": "my_homes",
    "bind": "bind_house",
    "help": "help",
}


# A yes or a no when no question is open.
NOTHING_ASKED = {"confirm": "好的，有事随时说。", "deny": "好的。要办什么，直接告诉我就行。"}


def on_menu(turn: Turn) -> Outcome:
    intent = MENU.get(turn.incoming.scene)
    return Detour(intent) if intent else Done("这个菜单已经换了，请回复「帮助」看看能说什么。")


def on_delivery_report(turn: Turn) -> Outcome:
    """WeChat tells what became of a template message, or of messages the person had allowed."""
    incoming = turn.incoming
    listed = entries_of(incoming.raw, "SubscribeMsgSentEvent")
    if not listed:
        note_delivery(turn.session, incoming.account, incoming.platform_id, incoming.status, turn.now)
    for entry in listed:
        worked = entry.get("ErrorCode") == "0"
        status = "success" if worked else f"failed: {entry.get('ErrorStatus', '')}"
        kinds = [kind.name for kind in all_kinds() if _uses(turn, kind, entry.get("TemplateId", ""))]
        note_subscription_delivery(
            turn.session, incoming.account, incoming.openid, kinds, status, incoming.sent_at, turn.now
        )
    return None


def on_subscription(turn: Turn) -> Outcome:
    """The person allowed or refused messages: in the pop-up each yes is one message, in the settings a no takes all back."""
    incoming = turn.incoming
    for container, note in (
        ("SubscribeMsgPopupEvent", consents.answered),
        ("SubscribeMsgChangeEvent", consents.changed),
    ):
        for entry in entries_of(incoming.raw, container):
            template_id, answer = entry.get("TemplateId", "")[:64], entry.get("SubscribeStatusString", "")
            if template_id:
                note(turn.session, incoming.account, incoming.openid, template_id, answer, turn.now)
    return None


def _uses(turn: Turn, kind: Kind, template_id: str) -> bool:
    ids = turn.settings.sending.subscriptions if turn.settings is not None else {}
    return bool(kind.subscription) and ids.get(kind.subscription) == template_id


EVENTS: Mapping[str, EventHandler] = {
    "follow": on_follow,
    "unfollow": on_unfollow,
    "menu": on_menu,
    "scan": on_scan,
    "opened": on_scan,
    "sent": on_delivery_report,
    "subscription": on_subscription,
}


def unclear(turn: Turn, times: int) -> str:
    """Nothing could be made of it: say what can be said; the third time in a row a person is called."""
    person: Person = turn.speaker
    meaning = turn.meaning
    if meaning.intent in NOTHING_ASKED and meaning.confidence >= 0.8:
        return NOTHING_ASKED[meaning.intent]
    if person.awaiting == "quote_offered" and meaning.intent in ("confirm", "deny", "poll_vote"):
        number = person.awaiting_order
        return f"您是说报价吗？同意请回复「同意 {number}」，不同意请回复「不同意 {number}」。"
    if meaning.confidence >= 0.5 and (words := unserved(turn, meaning)):
        return words
    if times >= 3:
        return f"抱歉，我还是没明白。{hand_over(turn)}"
    if turn.text.strip().isdigit():
        return f"我不知道“{turn.text.strip()[:10]}”指的是哪一件事。请再说一遍要办什么，或回复「帮助」。"
    if person.role in ("staff", "manager"):
        return "这句没听明白。回复「帮助」看能说什么。"
    return "这句没听明白。哪里坏了请直接说，比如「厨房水管漏水」；别的事回复「帮助」或「人工」。"


def unserved(turn: Turn, meaning: Meaning) -> str:
    """A wish no flow answers yet: said plainly, and where else to turn. Nothing for what this person could not wish for."""
    module = module_of(meaning.intent)
    theirs = turn.speaker.role == "manager" or not meaning.intent.startswith("manager_")
    return f"{module}现在还不能在这里办。要找物业的人，请回复「人工」。" if module and theirs else ""


def dropped(title: str) -> str:
    return f"刚才的「{title}」说到一半，先放下了。要接着说，请回复「继续」；不用了就回复「取消」。"
