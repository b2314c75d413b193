"""The machine that carries messages. It knows no business: no homes, no orders, no bills."""
