"""What time does, one verb a file. Each has `run(services, now) -> str`, harmless when it is run twice."""
