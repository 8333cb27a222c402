"""Stacks and accounts of the tests: what is emulated in them."""
