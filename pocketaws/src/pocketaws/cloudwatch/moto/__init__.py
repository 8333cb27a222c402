"""CloudWatch's alarms in moto."""
