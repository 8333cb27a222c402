"""SNS in moto."""
