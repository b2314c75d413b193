"""From a message to what happens: global words › the running flow › a new flow › "did you mean" › a person.

The router runs any Program. It never sends: it changes where the conversation stands and returns the words of the reply.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot import frames as stack
from bot.flow import Ask, Program, Slot, Turn
from bot.frames import CONFIRM, GUESS, YES_OR_NO, Frame
from bot.guard import guarded
from bot.steps import Talk, after_step, begin, begin_further, cancel, go_on, offer, said_yes, say_again_later
from bot.understanding.meaning import Context, Meaning
from models.messaging.tables import Conversation

SURE = 0.8  # act on it
NEARLY = 0.5  # ask whether it was meant
CERTAIN = 0.95  # an exact command: it changes the subject even while any words would be an answer

EXACT = 1.0  # the words of a command, or danger

OPEN_FOR = timedelta(minutes=30)  # how long a question waits for its answer
KEPT_FOR = timedelta(hours=24)  # how long 「继续」 can still take it up
RESUME = "继续"

Understand = Callable[[str, str, Context], Meaning]


def answer(program: Program, understand: Understand, turn: Turn, conversation: Conversation) -> str:
    """Work on one message; returns the reply ("" for none) and leaves the conversation where it now stands."""
    talk = Talk(program, turn, _known_frames(program, conversation))
    _put_stale_aside(talk, conversation)
    if _work_on(talk, understand):
        conversation.misunderstood = 0
    else:
        _not_understood(talk, conversation)
    _keep(talk, conversation)
    # A question that was asked before a side question was answered is asked again; once is enough.
    said_again = (words in talk.says[place + 1 :] for place, words in enumerate(talk.says))
    return "\n".join(words for words, again in zip(talk.says, said_again, strict=True) if not again)


def _work_on(talk: Talk, understand: Understand) -> bool:
    """True unless nothing could be made of the message."""
    incoming, program = talk.turn.incoming, talk.program
    event = program.events.get(incoming.kind)
    if event is not None:
        after_step(talk, guarded(talk.turn, incoming.kind, event, in_savepoint=True))
        return True
    if incoming.is_event:
        return True
    if not incoming.text or incoming.kind not in ("text", "voice"):
        top = talk.top
        if top is None or top.flow == GUESS or not offer(talk, top):
            after_step(talk, guarded(talk.turn, "wordless", program.wordless, in_savepoint=True))
        return True
    if talk.aside and incoming.text.strip() == RESUME:
        talk.frames[:], talk.aside[:] = talk.aside, []
        go_on(talk)
        return True
    if talk.top is None and incoming.text.strip() == RESUME:
        talk.turn.meaning = Meaning("out_of_scope")  # nothing lies there, and it is no time to guess
        return False
    return _work_on_words(talk, understand) or _is_afterthought(talk)


def _is_afterthought(talk: Talk) -> bool:
    """Words by themselves that only make sense together with what was just done: 「不对，是卫生间」."""
    if talk.top is not None or talk.aside:
        return False
    outcome = guarded(talk.turn, "afterthought", talk.program.afterthought, in_savepoint=True)
    if outcome is not None:
        after_step(talk, outcome)
    return outcome is not None


def _work_on_words(talk: Talk, understand: Understand) -> bool:
    turn, top = talk.turn, talk.top
    turn.meaning = understand(turn.text, turn.speaker.role, Context(_awaiting(talk), turn.now))
    if (top is not None or talk.aside) and turn.meaning.intent == "cancel" and turn.meaning.confidence >= SURE:
        cancel(talk)
        return True
    if top is None:
        return _begin_meanings(talk)
    if top.flow == GUESS:
        return _answer_guess(talk, top) or _begin_meanings(talk)
    if _changes_subject(talk, top):
        return _begin_meanings(talk)
    meaning, slot = turn.meaning, _asked(talk, top)
    further = _further(talk, meaning)
    if offer(talk, top):
        if slot is None or not slot.free_text:
            _serve(talk, [wish for wish in further if wish.intent != top.flow], beside=True)
        return True
    turn.meaning = meaning
    return bool(further or _is_known(talk, meaning, SURE)) and meaning.intent != top.flow and _begin_meanings(talk)


def _begin_meanings(talk: Talk) -> bool:
    """Every wish of the message is answered, in the order they were said; one that nothing answers yet is told so."""
    meaning = talk.turn.meaning
    further = _further(talk, meaning)
    if _is_known(talk, meaning, SURE) or (further and _is_unserved(talk, meaning, NEARLY)):
        _serve(talk, (meaning, *further))
        return True
    if not further:
        return _ask_if_nearly(talk, meaning) or _ask_if_hinted(talk, meaning)
    _serve(talk, further)
    if not _ask_if_nearly(talk, meaning) and _is_known(talk, meaning, NEARLY):
        talk.say(say_again_later(talk.program.flows[meaning.intent]))
    return True


def _further(talk: Talk, meaning: Meaning) -> tuple[Meaning, ...]:
    return tuple(wish for wish in meaning.also if _is_known(talk, wish, SURE) or _is_unserved(talk, wish, SURE))


def _serve(talk: Talk, wishes: Sequence[Meaning], *, beside: bool = False) -> None:
    """One after the other; what was open stays open and is asked again at the end. `beside`: none of them is a new subject."""
    begun, told = beside, False
    for place, wish in enumerate(wishes, start=1):
        flow = talk.program.flows.get(wish.intent)
        if flow is None:
            talk.say(talk.program.unserved(talk.turn, wish))
            told = True
        elif begun:
            begin_further(talk, wish)
        else:
            served = tuple(later for later in wishes[place:] if later.intent in talk.program.flows)
            begin(talk, replace(wish, also=served))
            begun = talk.may(flow)
    if told:
        go_on(talk)


def _ask_if_nearly(talk: Talk, meaning: Meaning) -> bool:
    if talk.top is not None or talk.aside or not _is_known(talk, meaning, NEARLY):
        return False
    if not talk.may(talk.program.flows[meaning.intent]):
        return False
    _ask_if_meant(talk, meaning)
    return True


def _ask_if_hinted(talk: Talk, meaning: Meaning) -> bool:
    """What was suggested for words that nobody here understands is asked about, never begun."""
    flow = talk.program.flows.get(talk.turn.incoming.hint)
    if flow is None or talk.top is not None or talk.aside or not talk.may(flow):
        return False
    _ask_if_meant(talk, replace(meaning, intent=flow.intent))
    return True


# --- did you mean -----------------------------------------------------------------------------------------------------


def _ask_if_meant(talk: Talk, meaning: Meaning) -> None:
    title = talk.program.flows[meaning.intent].title
    frame = Frame(GUESS, {"intent": meaning.intent, "slots": dict(meaning.slots), "words": talk.turn.text})
    talk.frames.append(frame)
    talk.say(frame.put_question(CONFIRM, Ask(f"您是要{title}吗？", YES_OR_NO)))


def _answer_guess(talk: Talk, frame: Frame) -> bool:
    """The answer to 「您是要…吗？」. False when it was none: then the message is taken for itself."""
    talk.frames.remove(frame)
    talk.turn.choice = frame.chosen(talk.turn.text)[1]
    agreed = said_yes(talk.turn)
    if agreed is None:
        return False
    if agreed:
        talk.turn.incoming = replace(talk.turn.incoming, text=frame.slots["words"])
        talk.turn.choice = None
        begin(talk, Meaning(frame.slots["intent"], frame.slots["slots"], 1.0))
    else:
        talk.say("好的。那请您换个说法告诉我，或回复「人工」找我们的人。")
    return True


# --- judging ----------------------------------------------------------------------------------------------------------


def _awaiting(talk: Talk) -> str:
    """What the understanding may lean on: the open question, or else what the facts make us expect."""
    frame = talk.top
    if frame is None:
        return str(talk.turn.speaker.awaiting)
    if frame.asking == CONFIRM:
        return "confirm"
    slot = _asked(talk, frame)
    return slot.awaiting if slot is not None else ""


def _changes_subject(talk: Talk, frame: Frame) -> bool:
    """Is this a clear wish for something else, rather than an answer?"""
    meaning = talk.turn.meaning
    if frame.chosen(talk.turn.text)[0] or meaning.intent == frame.flow:
        return False
    slot = _asked(talk, frame)
    if slot is not None and meaning.intent in slot.answers:
        return False
    least = _needed_against(slot)
    several = bool(meaning.also) and least == SURE
    return _is_known(talk, meaning, least) or (several and _is_unserved(talk, meaning, SURE))


def _asked(talk: Talk, frame: Frame) -> Slot | None:
    return next((slot for slot in talk.flow_of(frame).slots if slot.name == frame.asking), None)


def _needed_against(slot: Slot | None) -> float:
    """How sure one must be that a message is no answer to this question."""
    if slot is None or not slot.free_text:
        return SURE
    return EXACT if slot.only_commands else CERTAIN


def _is_known(talk: Talk, meaning: Meaning, least: float) -> bool:
    return meaning.intent in talk.program.flows and meaning.confidence >= least


def _is_unserved(talk: Talk, meaning: Meaning, least: float) -> bool:
    """Is it something somebody wants of which it can only be said that nothing answers it yet?"""
    if meaning.intent in talk.program.flows or meaning.confidence < least:
        return False
    return bool(talk.program.unserved(talk.turn, meaning))


# --- between messages -------------------------------------------------------------------------------------------------


def _known_frames(program: Program, conversation: Conversation) -> list[Frame]:
    """The frames that were kept. One of a flow that no longer exists is left behind."""
    return [frame for frame in stack.load(conversation.frames) if frame.flow in program.flows or frame.flow == GUESS]


def _patience(talk: Talk) -> timedelta:
    top = talk.top
    own = talk.flow_of(top).open_for if top is not None and top.flow != GUESS else None
    return own or OPEN_FOR


def _put_stale_aside(talk: Talk, conversation: Conversation) -> None:
    """A question nobody answered in time is never answered by a later message by accident."""
    expires = conversation.expires_at
    if expires is None or talk.turn.now < expires:
        return
    talk.put_aside(expires)
    if talk.turn.now > expires + KEPT_FOR:
        talk.aside.clear()


def _not_understood(talk: Talk, conversation: Conversation) -> None:
    conversation.misunderstood += 1
    times = conversation.misunderstood
    if talk.aside and talk.top is None and times == 1:
        talk.say(talk.program.dropped(talk.flow_of(talk.aside[-1]).title))
    elif talk.top is not None and times < 3:
        talk.say("这句没听明白。")
        go_on(talk)
    else:
        talk.frames.clear()
        talk.say(talk.program.unclear(talk.turn, times))
        conversation.misunderstood = times % 3


def _keep(talk: Talk, conversation: Conversation) -> None:
    """What was put aside lies there until something new is begun: its time to answer is over, 「继续」 may take it up."""
    conversation.frames = stack.dump(talk.frames or talk.aside)
    if talk.frames:
        conversation.expires_at = talk.turn.now + _patience(talk)
    else:
        conversation.expires_at = talk.aside_since if talk.aside else None
