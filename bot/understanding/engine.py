"""The one face of the understanding: words in, meaning out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.understanding.clauses import begins_another_wish, clauses_of, without_opening
from bot.understanding.commands import Commands, Heard
from bot.understanding.finding import Finder
from bot.understanding.meaning import Context, Meaning
from bot.understanding.normalise import as_written, corrected, fold, is_correction, puts_right, standard
from bot.understanding.rank import SMALL_TALK, Ranked, Ranker, confidence_of
from bot.understanding.spec import IntentSpec, Judge, Recogniser, no
from bot.understanding.states import ANSWERS, CONFIRMING, INFORMATION, LONGEST_ANSWER, QUESTIONS, says_nothing

CLEAR = 0.8  # from here on it may be acted upon
_RIVAL = 0.55  # nearness with which another intent casts doubt on a verb that only begins a sentence
NEARLY = 0.5  # from here on it is worth asking 「您是要…吗？」
_FINER = 0.62  # nearness from which a finer intent is taken for the wider one it is part of
_FINER_BY_ITSELF = 0.86  # and for anything else
_LOUDER = 0.35  # how sure what was learned must be of something else, of a sentence that only begins like a command
_SURELY = 0.9  # of words without a single Chinese character, and that what was mended is broken again
_STAFF = ("staff", "manager")
_NUMBER = re.compile(r"#?\d+(?:\.\d+)?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Understanding:
    """Knows the intents, recognisers and two rules it was given, and nothing else of the business.

    `urgent`: is somebody in danger, by words, role and state (then it is `fault_intent`, at once, whoever says it).
    `fault_elsewhere`: what it is when staff name the home where something is broken, because it is not theirs.
    `fault_again`: what it is when a mended thing breaks again; in doubt a new fault, which loses nothing. `reports_a_fault`: does the
    sentence say that something is broken (`fault_intent` then, of staff only with a `house` or in the words of an example).
    `judge`: what was learned says how likely each intent is; without it the nearest example decides. `coarser`: an intent of ours that
    the judge knows only as part of a wider one, and which.
    """

    def __init__(
        self,
        intents: Sequence[IntentSpec],
        recognisers: Sequence[Recogniser] = (),
        urgent: Callable[[str, str, str], bool] = no,
        reports_a_fault: Callable[[str], bool] = no,
        fault_intent: str = "repair_report",
        fault_elsewhere: str = "",
        fault_again: str = "",
        judge: Judge | None = None,
        coarser: Mapping[str, str] | None = None,
    ) -> None:
        self._finder = Finder(recognisers)
        self._intents = tuple(intents)
        self._commands = Commands(intents)
        self._ranker = Ranker(intents)
        self._urgent = urgent
        self._reports_a_fault = reports_a_fault
        self._fault_intent = fault_intent
        self._fault_elsewhere = fault_elsewhere or fault_intent
        self._fault_again = fault_again
        self._judge = judge
        self._coarser = coarser or {}

    def understand(self, text: str, role: str, context: Context = Context()) -> Meaning:  # noqa: B008 (frozen)
        """What `text` means when said by `role` (one of meaning.ROLES) in this state of the dialogue. Never raises."""
        folded, words = fold(text), standard(text)
        heard = self._commands.hear(folded, role) or self._commands.hear(words, role)
        danger = self._urgent(folded, role, context.awaiting)
        if heard is not None and not self._doubted(heard, words, role, context, danger):
            return self._as_commanded(heard, text, words, role, context)
        if danger:
            return Meaning(self._fault_intent, self._finder.slots(words, role, context), 1.0)
        if not words or says_nothing(folded, words, context.awaiting):
            return Meaning("out_of_scope", {}, 0.0)
        return self._in_this_state(words, role, context) or self._several(words, role, context)

    def _doubted(self, heard: Heard, words: str, role: str, context: Context, danger: bool) -> bool:
        """A command gives way to danger, unless it is about something already known; and to a sentence that only begins like it, or
        that is an everyday word of whoever lives here and a command of somebody else (「退款」)."""
        if danger:
            return "order_no" not in heard.slots and role not in _STAFF
        if not heard.slots and role not in _STAFF and not self._may(heard.intent, role):
            likely, sure = self._learned(words, role, context)
            if sure >= NEARLY and likely not in (heard.intent, self._coarser.get(heard.intent)):
                return True
        if not heard.attached:
            return False
        likely, sure = self._learned(words, role, context)
        if sure >= _LOUDER and likely != self._coarser.get(heard.intent, heard.intent):
            return True
        rival = self._ranker.exact(words, role, context.awaiting)
        if rival is None:
            ranked = self._ranker.rank(words, role, context.awaiting)
            rival = ranked[0].intent if ranked and ranked[0].score >= _RIVAL else None
        return rival is not None and rival != heard.intent

    def _may(self, intent: str, role: str) -> bool:
        return any(spec.is_for(role) for spec in self._intents if spec.intent == intent)

    def _learned(self, words: str, role: str, context: Context) -> tuple[str, float]:
        """The likeliest intent by what was learned, and how sure that is."""
        likely = self._judge(words, role, context.awaiting) if self._judge else {}
        intent = max(likely, key=likely.__getitem__, default="")
        return intent, likely.get(intent, 0.0)

    def _as_commanded(self, heard: Heard, text: str, words: str, role: str, context: Context) -> Meaning:
        slots = self._finder.slots(words, role, context)
        for name, said in heard.slots.items():
            better = self._finder.find(name, str(said), role, context) if isinstance(said, str) else None
            slots[name] = said if better is None else better
        if "text" in heard.slots:
            slots["text"] = as_written(text, str(heard.slots["text"]))
        return Meaning(heard.intent, slots, 1.0)

    # --- states of the dialogue ---------------------------------------------------------------------------------------

    def _in_this_state(self, words: str, role: str, context: Context) -> Meaning | None:
        """Short answers that only the state of the dialogue can explain."""
        awaiting = context.awaiting
        slots = self._finder.slots(words, role, context)
        exact = self._ranker.exact(words, role, awaiting)
        number, answer = slots.get("choice"), slots.get("answer")
        if number is not None and awaiting in CONFIRMING and number in (1, 2):
            return Meaning("confirm" if number == 1 else "deny", slots, 1.0)
        likely, sure = self._learned(words, role, context)
        asked = bool(awaiting) or (exact is None and answer is not None)
        expected = any(awaiting in spec.awaiting for spec in self._intents if spec.intent == exact)
        if asked and sure >= CLEAR and not expected:
            return Meaning(likely, slots, round(min(sure, 0.97), 2))
        if exact is not None:
            return Meaning(exact, slots, 0.98)
        if answer is not None:
            return Meaning("confirm" if answer else "deny", slots, 0.95 if awaiting else CLEAR)
        if number is not None and (awaited := self._commands.completed_by(slots, awaiting)):
            return Meaning(awaited, slots, 0.95)
        if number is not None:
            asked_for = awaiting.startswith(QUESTIONS)
            return Meaning("provide_info", slots, 0.95) if asked_for else Meaning("out_of_scope", slots, 0.2)
        return None

    # --- free words ---------------------------------------------------------------------------------------------------

    def _several(self, words: str, role: str, context: Context) -> Meaning:
        """The meaning of the whole, and what else is wished in the same breath."""
        whole = self._one(words, role, context)
        clauses = clauses_of(words)
        if len(clauses) < 2 or is_correction(words):
            return whole
        listed = [
            self._as_commanded(heard, said, said, role, context) for heard, said in self._commands.listed(clauses, role)
        ]
        if len(listed) > 1 and not any(one.intent in SMALL_TALK for one in listed):
            return replace(listed[0], also=tuple(listed[1:]))
        if self._judge:
            more = self._with_more(whole, clauses, role, context)
            if more.also or whole.confidence >= CLEAR:
                return more  # a story has many sentences and one wish
        wishes: list[Meaning] = []
        for clause in clauses:
            wish = self._one(without_opening(clause), role, context)
            sure = wish.confidence >= (CLEAR if begins_another_wish(clause) else 0.88)
            if sure and self._is_for(wish.intent, role) and wish.intent not in {one.intent for one in wishes}:
                wishes.append(wish)
        return self._together(whole, wishes, words, role, context)

    def _with_more(self, whole: Meaning, clauses: Sequence[str], role: str, context: Context) -> Meaning:
        """The whole and what else is surely wished; if only the last wish was seen in the whole, the first clause's comes before it."""
        main, more = whole, list[Meaning]()
        for clause in clauses[1:]:
            wish = self._sure_wish(clause, role, Context("", context.now)) if begins_another_wish(clause) else None
            if wish is None or self._wider(wish) in map(self._wider, more):
                continue
            if self._wider(wish) != self._wider(main):
                more.append(replace(wish, clause=clause))
            elif not more:
                first = self._sure_wish(clauses[0], role, context)
                if first is not None and self._wider(first) != self._wider(main):
                    main, more = Meaning(first.intent, {**whole.slots, **first.slots}, first.confidence), [wish]
        return Meaning(main.intent, main.slots, main.confidence, tuple(more))

    def _sure_wish(self, clause: str, role: str, context: Context) -> Meaning | None:
        wish = self._one(without_opening(clause), role, context)
        return wish if wish.confidence >= CLEAR and self._is_for(wish.intent, role) else None

    def _wider(self, meaning: Meaning) -> str:
        return self._coarser.get(meaning.intent, meaning.intent)

    def _is_for(self, intent: str, role: str) -> bool:
        """Is it a wish of its own, and one that this role may have?"""
        return intent not in SMALL_TALK and self._may(intent, role)

    def _together(self, whole: Meaning, wishes: list[Meaning], words: str, role: str, context: Context) -> Meaning:
        if not wishes or (self._judge and len(wishes) == 1):
            return whole
        first, *others = wishes
        if len(wishes) == 1 and whole.confidence >= CLEAR and whole.intent not in SMALL_TALK:
            return whole
        if not others:
            return Meaning(first.intent, self._finder.slots(words, role, context), first.confidence)
        return Meaning(first.intent, {**whole.slots, **first.slots}, first.confidence, tuple(others))

    def _one(self, words: str, role: str, context: Context) -> Meaning:
        """One wish in free words."""
        told = corrected(words)
        slots = self._finder.slots(told, role, context)
        exact = self._ranker.exact(words, role, context.awaiting)
        if exact is not None:
            return Meaning(exact, slots, 0.98)
        ranked = self._ranked(words, role, slots, context)
        if self._judge is not None and (_CHINESE.search(words) or self._is_known(words, role, context)):
            return self._judged(words, role, slots, ranked, context)
        best = ranked[0] if ranked else Ranked("out_of_scope", 0.0)
        if self._is_a_fault(told, role, slots, best, context):
            elsewhere = role in _STAFF and "house" in slots
            return Meaning(self._fault_elsewhere if elsewhere else self._fault_intent, slots, 0.95)
        confidence = confidence_of(ranked)
        answered = any(name in slots for name in ANSWERS.get(context.awaiting, ()))
        if answered or (confidence < CLEAR and (is_correction(words) or context.awaiting.startswith(QUESTIONS))):
            return Meaning("provide_info", slots, 0.95 if answered else 0.85)
        if confidence < CLEAR and (awaited := self._commands.completed_by(slots, context.awaiting)):
            return Meaning(awaited, slots, 0.9)
        if confidence < NEARLY / 2:
            return Meaning("out_of_scope", slots, round(confidence, 2))
        return Meaning(best.intent, slots, round(confidence, 2))

    def _is_known(self, words: str, role: str, context: Context) -> bool:
        """Is it surely known what these words mean, although there is no Chinese among them? A number by itself answers a question."""
        if _NUMBER.fullmatch(words):
            return False
        likely, sure = self._learned(words, role, context)
        return sure >= (NEARLY if likely in SMALL_TALK else _SURELY)

    def _judged(
        self, words: str, role: str, slots: dict[str, object], ranked: list[Ranked], context: Context
    ) -> Meaning:
        """The likeliest intent by what was learned, where neither the state of the dialogue nor an example says better."""
        likely = self._judge(words, role, context.awaiting) if self._judge else {}
        begun = self._commands.begun(words)
        if begun is not None and begun not in likely:
            return Meaning(begun, slots, 0.9)
        intent, sure = self._likeliest(likely, ranked)
        if sure < CLEAR or intent in SMALL_TALK:
            answer = self._as_answer(intent, sure, words, slots, context)
            if answer is not None:
                return answer
        if not self._reports_a_fault(words):
            broken = intent == self._fault_intent
        elif intent == self._fault_again:
            broken = sure < _SURELY
        else:
            broken = intent == self._fault_intent or (sure < CLEAR and role in _STAFF and "house" in slots)
        if not broken:
            return Meaning(intent, slots, round(min(sure, 0.97), 2))
        elsewhere = role in _STAFF and "house" in slots
        sure = 0.95 if self._reports_a_fault(words) else min(sure, 0.97)
        return Meaning(self._fault_elsewhere if elsewhere else self._fault_intent, slots, round(sure, 2))

    def _likeliest(self, likely: Mapping[str, float], ranked: list[Ranked]) -> tuple[str, float]:
        """What was learned decides, or a near example: of a finer intent of ours, or where nothing else is sure."""
        intent = max(likely, key=likely.__getitem__)
        sure = likely[intent]
        nearest = ranked[0] if ranked else Ranked(intent, 0.0)
        needed = CLEAR if sure < CLEAR else _FINER_BY_ITSELF
        if self._coarser.get(nearest.intent) == intent:
            needed = _FINER
        if nearest.score >= needed and (sure < CLEAR or nearest.intent not in likely):
            return nearest.intent, confidence_of(ranked)
        return intent, sure

    def _as_answer(
        self, intent: str, sure: float, words: str, slots: dict[str, object], context: Context
    ) -> Meaning | None:
        """The answer to what was asked last, when these words are nothing else for sure."""
        if any(name in slots for name in ANSWERS.get(context.awaiting, ())):
            return Meaning("provide_info", slots, 0.95)
        tells = not context.awaiting and any(name in slots for name in ("location", *INFORMATION))
        amends = sure < CLEAR and is_correction(words) and intent == "provide_info"
        if amends or (tells and (intent == "deny" or puts_right(words))):
            return Meaning("provide_info", slots, 0.85)  # a no to nothing that was asked puts something right
        awaited = self._commands.completed_by(slots, context.awaiting) if sure < CLEAR else None
        return Meaning(awaited, slots, 0.9) if awaited else None

    def _ranked(self, words: str, role: str, slots: dict[str, object], context: Context) -> list[Ranked]:
        """The ranking, without a yes or no in a long sentence, and without information nobody asked for and that tells nothing."""
        ranked = self._ranker.rank(words, role, context.awaiting)
        if len(words) > LONGEST_ANSWER:
            ranked = [one for one in ranked if one.intent not in ("confirm", "deny")]
        if context.awaiting.startswith(QUESTIONS) or any(name in slots for name in INFORMATION):
            return ranked
        return [one for one in ranked if one.intent != "provide_info"]

    def _is_a_fault(self, words: str, role: str, slots: dict[str, object], best: Ranked, context: Context) -> bool:
        if not self._reports_a_fault(words):
            return False
        if role in _STAFF:
            return slots.get("house") is not None or best.intent == self._fault_intent
        # 「还在漏」 is no new fault while the work is being judged, although it names one.
        awaited = [spec for spec in self._intents if spec.intent == best.intent and context.awaiting in spec.awaiting]
        judged = bool(context.awaiting and awaited)
        return best.intent == self._fault_intent or (best.score < 0.9 and not judged)
