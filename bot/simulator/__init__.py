"""A pretend WeChat over HTTP, and the phones to talk through it. Only wsgi.py may import it."""

from bot.simulator.app import create_simulator
from bot.simulator.platform import Platform
from bot.simulator.settings import Merchant, MessageTemplate, PhoneOwner, SimulatorSettings, TextMessages

__all__ = [
    "Merchant",
    "MessageTemplate",
    "PhoneOwner",
    "Platform",
    "SimulatorSettings",
    "TextMessages",
    "create_simulator",
]
