"""What people say, by what they want. Flows take their examples from here: `EXAMPLES["repair_report"]`.

To teach the assistant a new way of saying something, add the sentence to its line in one of these files.
"""

from handlers.phrases import dialogue, manager, resident, staff

EXAMPLES: dict[str, tuple[str, ...]] = {
    **resident.EXAMPLES,
    **staff.EXAMPLES,
    **manager.EXAMPLES,
    **dialogue.EXAMPLES,
}
