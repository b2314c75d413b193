"""What people hear about bindings and staff without having asked just now. Words: templates/messages/<name>.txt."""

from models.messaging.kinds import Kind, declare

declare(
    Kind("binding_requested"),
    Kind("binding_approved"),
    Kind("binding_refused"),
    Kind("binding_added"),
    Kind("staff_joined"),
    Kind("staff_left"),
)
