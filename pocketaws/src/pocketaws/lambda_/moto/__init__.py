"""Lambda in moto."""
