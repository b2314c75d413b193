"""Words in, meaning out. Knows no business: intents, examples and business recognisers are handed in."""

from bot.understanding.engine import CLEAR, NEARLY, Understanding
from bot.understanding.meaning import ROLES, Context, Meaning
from bot.understanding.spec import IntentSpec, Recogniser

__all__ = ["CLEAR", "NEARLY", "ROLES", "Context", "IntentSpec", "Meaning", "Recogniser", "Understanding"]
