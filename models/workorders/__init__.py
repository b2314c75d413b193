"""Repairs: from one sentence to a rated, closed order."""
