"""Communities, buildings and homes: what stands where, and how people write it down."""
