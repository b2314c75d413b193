"""Running a flow: show the message to its slots, ask for what is missing, finish when nothing is."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.flow import Again, Ask, Detour, Done, Flow, GoTo, Later, Next, Outcome, Program, Slot, Turn
from bot.frames import CONFIRM, DEEPEST, GUESS, WAITS_FOR, YES_OR_NO, Frame
from bot.guard import guarded
from bot.understanding.meaning import Meaning

NO_RIGHT = "这件事要由物业工作人员来办。您可以直接说哪里坏了，或回复「人工」找我们。"
NOTHING = Meaning("", {}, 0.0)


@dataclass
class Talk:
    """One message being worked on: the program, the turn, the stack of frames, and what has been said so far.

    `aside` is what was put down and may be taken up with 「继续」, `aside_since` the moment from which that is counted.
    """

    program: Program
    turn: Turn
    frames: list[Frame]
    says: list[str] = field(default_factory=list)
    aside: list[Frame] = field(default_factory=list)
    aside_since: datetime | None = None

    def say(self, words: str) -> None:
        if words:
            self.says.append(words)

    @property
    def top(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    def put_aside(self, since: datetime) -> None:
        """Nothing is open any more; no later message can answer by accident what was asked."""
        self.aside, self.aside_since = [frame for frame in self.frames if frame.flow != GUESS], since
        self.frames.clear()

    def flow_of(self, frame: Frame) -> Flow:
        return self.program.flows[frame.flow]

    def may(self, flow: Flow) -> bool:
        return flow.roles is None or bool(flow.roles & self.turn.speaker.roles)


# --- beginning --------------------------------------------------------------------------------------------------------


def begin(talk: Talk, meaning: Meaning) -> None:
    """Start the flow that was meant, on top of what is under way."""
    flow = talk.program.flows[meaning.intent]
    if not talk.may(flow):
        talk.say(flow.refusal or NO_RIGHT)
        return
    if talk.aside and talk.aside[-1].slots.get(WAITS_FOR) == flow.intent:
        talk.frames[:0] = talk.aside
    if not flow.quick:
        talk.aside.clear()  # a new wish; what was left lying is over
    talk.frames[:] = [frame for frame in talk.frames if frame.flow not in (GUESS, flow.intent)][-(DEEPEST - 1) :]
    talk.turn.meaning = meaning
    _start(talk, Frame(flow.intent))


def begin_further(talk: Talk, meaning: Meaning) -> None:
    """Another wish of the same message. While a question is open, one that may have questions of its own waits underneath."""
    flow = talk.program.flows[meaning.intent]
    if talk.top is None or flow.quick or not talk.may(flow):
        begin(talk, meaning)
    elif len(talk.frames) < DEEPEST:
        talk.turn.meaning = meaning
        frame = Frame(flow.intent)
        _hear(talk, frame, flow)
        talk.frames.insert(0, frame)
    else:
        talk.say(say_again_later(flow))


def say_again_later(flow: Flow) -> str:
    """For a wish there is no room for beside what is being asked."""
    return f"「{flow.title}」请等这件办完再说一遍。"


def _start(talk: Talk, frame: Frame) -> None:
    talk.frames.append(frame)
    outcome, _ = _hear(talk, frame, talk.flow_of(frame))
    if outcome is None:
        go_on(talk)
    else:
        after_step(talk, outcome)


# --- going on ---------------------------------------------------------------------------------------------------------


def offer(talk: Talk, frame: Frame) -> bool:
    """Let the running flow have the message. False when it found nothing in it."""
    turn = talk.turn
    is_choice, turn.choice = frame.chosen(turn.text)
    if is_choice and turn.choice is None:
        talk.say(f"请回复 1–{len(frame.choices)} 里的一个数字。")
        go_on(talk)
        return True
    if frame.asking == CONFIRM:
        return _answer_confirm(talk, frame)
    outcome, took = _hear(talk, frame, talk.flow_of(frame))
    if outcome is not None:
        after_step(talk, outcome)
    elif took:
        go_on(talk)
    return took or outcome is not None


def _hear(talk: Talk, frame: Frame, flow: Flow) -> tuple[Outcome, bool]:
    """Show the message to every slot: (what stopped us, or None; whether a slot took something)."""
    turn, took = talk.turn, False
    turn.slots, turn.asked = frame.slots, frame.asking
    for slot in flow.slots:
        outcome = guarded(talk.turn, f"{flow.intent}:{slot.name}", slot.take)
        if isinstance(outcome, Next):
            frame.slots[slot.name] = outcome.value
            took = True
        elif outcome is not None:
            return outcome, took
    return None, took


def go_on(talk: Talk) -> None:
    """Ask for what is missing; finish when nothing is; then take up what was waiting underneath."""
    while (frame := talk.top) is not None and _go_a_step(talk, frame):
        pass


def _go_a_step(talk: Talk, frame: Frame) -> bool:
    """Ask, or finish. True when there may be more to do."""
    flow = talk.flow_of(frame)
    talk.turn.slots = frame.slots
    missing = _first_missing(talk, frame, flow)
    if isinstance(missing, Done):
        return _settle(talk, frame, missing)
    if missing is not None:
        return _ask(talk, frame, missing)
    if flow.confirm is not None and not frame.slots.get(CONFIRM):
        question = guarded(talk.turn, f"{flow.intent}:{CONFIRM}", flow.confirm)
        if isinstance(question, Done):
            return _settle(talk, frame, question)
        talk.say(frame.put_question(CONFIRM, Ask(question, YES_OR_NO)))
        return False
    return _settle(talk, frame, guarded(talk.turn, flow.intent, flow.finish, in_savepoint=True))


def after_step(talk: Talk, outcome: Outcome) -> None:
    """Apply what a slot or an event handler answered, other than Next."""
    frame = talk.top
    if isinstance(outcome, Detour):
        _detour(talk, outcome)
    elif frame is None:
        talk.say(outcome.say if isinstance(outcome, Done | Again | Later) else "")
    elif outcome is not None and (_settle(talk, frame, outcome) or isinstance(outcome, Again)):
        go_on(talk)


def _settle(talk: Talk, frame: Frame, outcome: Outcome) -> bool:
    """Apply how a step ended. True when there may be more to do."""
    if isinstance(outcome, Again):
        talk.say(outcome.say)
        return False
    if isinstance(outcome, GoTo):
        talk.say(outcome.say)
        frame.slots.pop(outcome.slot, None)
        frame.slots.pop(CONFIRM, None)
        return True
    if isinstance(outcome, Detour):
        _detour(talk, outcome)
        return False
    if isinstance(outcome, Later):
        talk.say(outcome.say)
        frame.slots[WAITS_FOR] = outcome.until
        talk.put_aside(talk.turn.now)
        return False
    talk.frames.remove(frame)
    if isinstance(outcome, Done):
        talk.say(outcome.say)
    # The words of this message are used up; what waits underneath must not hear them as its own.
    talk.turn.meaning, talk.turn.asked, talk.turn.choice = NOTHING, "", None
    if isinstance(outcome, Done) and outcome.then is not None:
        _detour(talk, outcome.then)
        return False
    if isinstance(outcome, Done) and outcome.alone and talk.frames:
        talk.put_aside(talk.turn.now)
        return False
    return True


def _detour(talk: Talk, detour: Detour) -> None:
    talk.say(detour.say)
    talk.frames[:] = [frame for frame in talk.frames if frame.flow != detour.intent]
    _start(talk, Frame(detour.intent, dict(detour.slots)))


def cancel(talk: Talk) -> None:
    """Put everything down that is under way; nothing was done yet, so nothing needs undoing.

    Where others already wait for what was begun, only that is ended, as its flow says.
    """
    top = talk.top
    if top is not None and top.flow != GUESS and (ending := talk.flow_of(top).put_down) is not None:
        talk.turn.slots = top.slots
        _settle(talk, top, guarded(talk.turn, f"{top.flow}:put_down", ending, in_savepoint=True))
        return
    titles = [talk.flow_of(frame).title for frame in talk.frames or talk.aside if frame.flow != GUESS]
    talk.frames.clear()
    talk.aside.clear()
    talk.say(f"好的，「{titles[-1]}」不办了，什么都没有改动。" if titles else "好的。")


# --- questions --------------------------------------------------------------------------------------------------------


def _first_missing(talk: Talk, frame: Frame, flow: Flow) -> Slot | Done | None:
    """The first slot that must be asked for; Done when looking for what is known was refused."""
    for slot in flow.slots:
        if slot.name in frame.slots or slot.optional:
            continue
        value = guarded(talk.turn, f"{flow.intent}:{slot.name}", slot.known) if slot.known is not None else None
        if value is None:
            return slot
        if isinstance(value, Done):
            return value
        frame.slots[slot.name] = value
    return None


def _ask(talk: Talk, frame: Frame, slot: Slot) -> bool:
    """Put the question. True when it ended the flow instead, so that there may be more to do on what lies underneath."""
    question = slot.ask if isinstance(slot.ask, str) else guarded(talk.turn, f"{frame.flow}:{slot.name}", slot.ask)
    if isinstance(question, Done | Later):
        return _settle(talk, frame, question)
    if isinstance(question, Detour):
        frame.asking = slot.name
        _detour(talk, question)
        return False
    talk.say(frame.put_question(slot.name, question if isinstance(question, Ask) else Ask(question)))
    return False


def _answer_confirm(talk: Talk, frame: Frame) -> bool:
    agreed = said_yes(talk.turn)
    if agreed is None:
        return False
    if agreed:
        frame.slots[CONFIRM] = True
        go_on(talk)
    else:
        cancel(talk)
    return True


def said_yes(turn: Turn) -> bool | None:
    """Yes, no, or neither: by number, by label, or in words."""
    if turn.choice is not None:
        return bool(turn.choice)
    return {"confirm": True, "deny": False}.get(turn.meaning.intent)
