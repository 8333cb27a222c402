"""Reads a definition's text, and notices names that are there twice."""

import json
from typing import Any

from pocketaws.step_functions.validation.report import DefinitionPlace


class Object(dict[str, Any]):
    """An object of the text.

    Attributes:
        twice: its keys that are there more than once.
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.twice = sorted({key for key in keys if keys.count(key) > 1})


def read(text: str, place: DefinitionPlace) -> Any:
    """Return what a text says, or None where it is no definition at all."""
    if not text.strip():
        place.error("The definition is empty", "MISSING_DESCRIPTION")
        return None
    try:
        document = json.loads(text, object_pairs_hook=Object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        place.error(f"The definition is not JSON: {error}", "INVALID_JSON_DESCRIPTION")
        return None
    if not isinstance(document, dict):
        place.error("The definition must be a JSON object")
        return None
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
