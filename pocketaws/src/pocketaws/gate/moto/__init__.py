"""The gate, as far as it knows moto."""
