"""Lists of a service, whole: tests share an account, so what one looks for can be on any page."""

from typing import Any


def read_all(client: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    """Return what an operation that answers in pages lists, by the names of its answer."""
    whole: dict[str, Any] = (
        client.get_paginator(operation).paginate(**arguments).build_full_result()
    )
    return whole
