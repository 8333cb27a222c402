"""Which functions a state machine may call next."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

# States that take no time.
_PASSED: Final = ("Pass", "Choice")
_INVOKE: Final = ":states:::lambda:invoke"
_FUNCTION: Final = ":function:"


def functions_after(states: Mapping[str, Any], name: str) -> list[str]:
    """Return the functions that may be called after a state before anything else takes time.

    Args:
        states: of the state machine or branch.
        name: of the state.

    Returns:
        Their ARNs or names, as the tasks give them; where a path gives it, it is left out.
    """
    found: list[str] = []
    looked: set[str] = set()
    left = list(_followers(states[name]))
    while left:
        follower = left.pop(0)
        if follower in looked:
            continue
        looked.add(follower)
        state = states[follower]
        if state["Type"] in _PASSED:
            left += _followers(state)
        elif state["Type"] == "Task":
            found += _functions(state)
    return found


def _followers(state: Mapping[str, Any]) -> Iterator[str]:
    for one in (state, *state.get("Choices", [])):
        for field in ("Next", "Default"):
            if field in one:
                yield one[field]


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
