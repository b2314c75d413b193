"""收费: what a home owes and why. The rules of a bill line; each file is one of them."""
