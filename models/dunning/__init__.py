"""催缴: reminding people of what they owe, step by step, with a stop for every good reason, and proof of each demand."""
