"""Triples a number."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return {"tripled": event["number"] * 3}
