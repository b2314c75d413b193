"""What the states of the dialogue wait for."""

import re

CONFIRMING = ("confirm", "confirm_broadcast")
QUESTIONS = ("ask_", "choose_")
# What a question of this kind wants to hear.
ANSWERS = {
    "ask_house": ("house",),
    "choose_house": ("house", "choice"),
    "ask_time": ("appointment",),
    "ask_phone": ("phone", "phone_tail"),
}
LONGEST_ANSWER = 6  # characters; whoever says more says more than yes or no
INFORMATION = ("house", "phone", "phone_tail")
_MARKS_AND_FIGURES = re.compile(r"[呃额\d\s.。,，!！?？…~～;；:：、—_*#@%&+=()（）-]+")
_OFFERED = re.compile(r"\D*[12]\D*")


def says_nothing(folded: str, words: str, awaiting: str) -> bool:
    """Marks, figures and 「呃……」 alone neither agree nor refuse, but for 「嗯」 and the two figures that were offered.

    `words`: the same in standard words, without what is only breathed.
    """
    if awaiting not in CONFIRMING or "嗯" in folded or _OFFERED.fullmatch(folded):
        return False
    return _MARKS_AND_FIGURES.fullmatch(words) is not None
