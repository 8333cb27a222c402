"""The model registry: groups, versions and their approval."""
