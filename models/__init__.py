"""The facts: what exists, which rules hold, what changes. Nothing in here calls the network or asks the time."""
