"""Model Monitor: definitions and schedules, their executions over what endpoints have captured."""
