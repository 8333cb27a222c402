"""Where states lead: targets, reachability and ends, within one StartAt and its States."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketaws.step_functions.validation.report import TARGET, DefinitionPlace


def check(start_at: Any, states: Mapping[str, Any], place: DefinitionPlace) -> None:
    """Check that each target is there, each state is reached, and one ends."""
    if isinstance(start_at, str) and start_at not in states:
        place.at("StartAt").error(f"Missing 'StartAt' target: {start_at}", TARGET)
    here = place.at("States")
    following: dict[str, list[str]] = {}
    for name, state in states.items():
        following[name] = []
        for keys, target in _targets(state):
            if target in states:
                following[name].append(target)
            else:
                here.at(name, *keys).error(f"Missing '{keys[-1]}' target: {target}", TARGET)
    if start_at in states:
        _check_reached(start_at, following, here)
    if not any(map(_ends, states.values())):
        place.error("The state machine has no terminal state", "MISSING_END_STATE")


def _targets(state: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    if not isinstance(state, dict):
        return
    for name in ("Next", "Default"):
        if isinstance(state.get(name), str):
            yield (name,), state[name]
    for name in ("Choices", "Catch"):
        rules = state.get(name)
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict) and isinstance(rule.get("Next"), str):
                yield (name, index, "Next"), rule["Next"]


def _check_reached(
    start_at: str, following: Mapping[str, list[str]], place: DefinitionPlace
) -> None:
    reached: set[str] = set()
    waiting = [start_at]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following[name]
    for name in following:
        if name not in reached:
            place.at(name).error(f'State "{name}" is not reachable.', TARGET)


def _ends(state: Any) -> bool:
    return isinstance(state, dict) and (
        state.get("End") is True or state.get("Type") in {"Succeed", "Fail"}
    )
