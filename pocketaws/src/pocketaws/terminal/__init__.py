"""What is shown of an execution in a terminal while it runs."""
