"""What people hear about bindings and staff without having asked just now. Words: templates/messages/<name>.txt."""

from datetime import timedelta

from models.messaging.kinds import Kind, declare

declare(
    Kind("binding_requested", template="notice"),
    Kind("binding_approved", template="notice", to_awake=True),
    Kind("binding_refused", template="notice", to_awake=True),
    Kind("binding_added", template="notice"),
    Kind("staff_joined", template="notice"),
    Kind("staff_left", template="notice"),
    Kind("person_wanted", urgent=True, template="notice", sms="alarm", by_hand=True),
    # between the two sides of a talk, who both are awake
    Kind("talk_words", urgent=True, to_awake=True),
    Kind("talk_taken", urgent=True, to_awake=True),
    Kind("talk_closed", to_awake=True, worthless_after=timedelta(hours=4)),
    # to managers: messages cannot be sent and somebody must look
    Kind("sending_stopped", urgent=True, template="notice", sms="alarm", worthless_after=timedelta(hours=6)),
)
