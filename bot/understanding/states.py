"""What the states of the dialogue wait for."""

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
