"""Who did what, when and why, in a chain that cannot be rewritten unnoticed."""
