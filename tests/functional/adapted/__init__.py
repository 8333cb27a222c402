"""A copy of the project, made for another table by the edits that docs/adapt.md shows."""
