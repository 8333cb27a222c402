"""IAM and STS in moto."""
