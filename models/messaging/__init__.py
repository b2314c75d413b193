"""Messages as facts: what came in, where a conversation stands, what must go out."""
