"""Checks definitions as CreateStateMachine and ValidateStateMachineDefinition do.

`validator.diagnose` is all that others need; it depends on nothing but a definition's text.

* `report`: what is found, and where.
* `documents`: reads the text.
* `fields`, `state_fields`: which fields each kind of state has, and of what kind their values are.
* `values`, `templates`, `reserved`: paths, intrinsics, expressions and what they may ask for.
* `retriers`, `choices`, `maps`: fields with rules of their own.
* `transitions`: targets, reachability, ends and names.
"""
