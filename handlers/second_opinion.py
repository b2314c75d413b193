"""The second opinion of the program, if one is set up: what may be answered, and what of a sentence may be asked."""

from bot.flow import Program
from bot.router import NEARLY
from bot.second_opinion import SecondOpinion
from bot.services import Services
from bot.understanding import Understanding
from bot.understanding.meaning import Context
from handlers.nameless import nameless


def second_opinion_of(services: Services, program: Program, understanding: Understanding) -> SecondOpinion | None:
    settings = services.settings
    if not (settings.opinion_url and settings.opinion_model):
        return None
    # Only what residents ask for: staff have their words, and what changes other people's things is not for a guess.
    titles = {
        flow.intent: flow.title
        for flow in program.flows.values()
        if flow.title and (flow.roles is None or "resident" in flow.roles)
    }
    return SecondOpinion(
        services.http,
        url=settings.opinion_url,
        key=settings.opinion_key,
        model=settings.opinion_model,
        titles=titles,
        understand=lambda words: understanding.understand(words, "owner", Context()),
        nameless=nameless,
        unsure_below=NEARLY,
    )
