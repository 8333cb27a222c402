"""Step Functions: what it refuses in a definition, and what an execution tells."""
