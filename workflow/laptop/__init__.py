"""The deployed workflow on this machine: its stacks, its executions, and what is kept of them."""
