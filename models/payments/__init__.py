"""缴费: what came in, what it settled, what is held in advance, and the receipt for it."""
