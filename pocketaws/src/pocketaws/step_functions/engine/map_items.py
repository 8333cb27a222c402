"""The items of a Map state, and what the states of each get.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html
"""

from typing import Any

from pocketaws.step_functions.engine import templates
from pocketaws.step_functions.engine.documents import json_text
from pocketaws.step_functions.engine.errors import QUERY, StateError, runtime_error
from pocketaws.step_functions.engine.frames import Frame
from pocketaws.step_functions.engine.visits import Visit


def items(visit: Visit) -> list[Any]:
    """Return the items of a Map state.

    Raises:
        StateError: what is there is no array.
    """
    if visit.is_jsonata:
        values = visit.filled("Items") if "Items" in visit.state else visit.input
    else:
        effective = visit.effective_input()
        path = visit.state.get("ItemsPath", "$")
        values = templates.expression(path, visit.roots(effective), field="ItemsPath")
    if isinstance(values, dict) and visit.is_jsonata:
        return [{"Key": key, "Value": value} for key, value in values.items()]
    if isinstance(values, list):
        return values
    if visit.is_jsonata:
        cause = (
            f"The JSONata expression for the field 'Items' must be an array: {json_text(values)}"
        )
        raise StateError(QUERY, cause, location="Items")
    raise runtime_error(
        f'Reference path "{visit.state.get("ItemsPath", "$")}" must point to array.'
    )


def item_context(place: int, value: Any) -> dict[str, Any]:
    """Return the context object's `Map` of an item."""
    return {"Item": {"Index": place, "Value": value}}


def selected(visit: Visit, frame: Frame, value: Any) -> Any:
    """Return what the states of an item get."""
    inside = Visit(frame, visit.name, visit.state, visit.input, language=visit.language)
    inside.retry_count = visit.retry_count
    if "ItemSelector" in visit.state:
        if visit.is_jsonata:
            return inside.filled("ItemSelector")
        return inside.filled("ItemSelector", visit.effective_input())
    if "Parameters" in visit.state:
        return inside.filled("Parameters", visit.effective_input())
    return value
