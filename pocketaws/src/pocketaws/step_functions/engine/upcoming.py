"""Which functions a state machine may call next."""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.engine import choice_rules
from pocketaws.step_functions.engine.errors import StateError

# States that take no time.
_PASSED: Final = ("Pass", "Choice")
_INVOKE: Final = ":states:::lambda:invoke"
_FUNCTION: Final = ":function:"


def functions_after(
    states: Mapping[str, Any], name: str, roots: Mapping[str, Any] | None = None
) -> list[str]:
    """Return the functions that may be called after a state before anything else takes time.

    A choice is taken to lead where it would lead now, as far as what it asks for is there already.

    Args:
        states: of the state machine or branch.
        name: of the state.
        roots: what paths begin at when the state is entered.

    Returns:
        Their ARNs or names, as the tasks give them; where a path gives it, it is left out.
    """
    found: list[str] = []
    looked: set[str] = set()
    left = _followers(states[name], {})
    while left:
        follower = left.pop(0)
        if follower in looked:
            continue
        looked.add(follower)
        state = states[follower]
        if state["Type"] in _PASSED:
            left += _followers(state, roots or {})
        elif state["Type"] == "Task":
            found += _functions(state)
    return found


def _followers(state: Mapping[str, Any], roots: Mapping[str, Any]) -> list[str]:
    found = [state["Next"]] if "Next" in state else []
    for rule in state.get("Choices", []):
        holds = _holds(rule, roots)
        if holds is not False:
            found.append(rule["Next"])
        if holds:
            return found
    return [*found, state["Default"]] if "Default" in state else found


def _holds(rule: Mapping[str, Any], roots: Mapping[str, Any]) -> bool | None:
    """Tell whether a rule holds; None where that cannot be said yet."""
    if "Condition" in rule:
        return None
    try:
        return choice_rules.holds(rule, roots)
    except StateError:
        return None


def _functions(state: Mapping[str, Any]) -> list[str]:
    resource = str(state["Resource"])
    if _FUNCTION in resource:
        return [resource]
    if not resource.endswith(_INVOKE):
        return []
    given = state.get("Parameters", state.get("Arguments", {}))
    name = given.get("FunctionName") if isinstance(given, dict) else None
    # Of JSONata, an expression.
    return [name] if isinstance(name, str) and not name.startswith("{%") else []
