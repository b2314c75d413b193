"""How fast is it, beside what people would otherwise take? `make bench` runs this and prints one table."""
