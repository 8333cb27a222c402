"""Reading a definition: how an execution gets into a state, and where what happens there leads.

Stated rules, and where they are from:

* An error is retried by the first Retrier that names it, then caught by the first Catcher that
  does; else it ends the execution. https://states-language.net/spec.html#errors
* States.ALL names every error except States.Runtime and States.DataLimitExceeded:
  https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
* A path that finds nothing is States.Runtime, of the state that reads it (same page).
* A Fail state that takes its error by path or expression shows the execution's first error, under
  a name that a Fail state may use (docs/states.md).
"""

import heapq
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Machine = Mapping[str, Any]
RUNTIME_ERROR: Final = "States.Runtime"
FOR_EVER: Final = 1_000
# What States.ALL does not name.
_NOT_IN_ALL: Final = frozenset({RUNTIME_ERROR, "States.DataLimitExceeded"})
_MAX_ATTEMPTS: Final = 3
_OWN_NAMES: Final = {"States.TaskFailed": "JobFailed", "States.Timeout": "TaskTimedOut"}


@dataclass(frozen=True)
class Failing:
    """A task fails with an error, so many times in a row."""

    error: str
    times: int = FOR_EVER


@dataclass(frozen=True)
class Route:
    """How an execution gets into a state.

    Attributes:
        turns: the state that each Choice goes to, where it matters.
        failures: the error that a state on the way has to fail with.
    """

    turns: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Walk:
    """An execution as the definition has it.

    Attributes:
        done: task states that succeeded, in order.
        attempts: how often each state that failed was tried.
        end: the last state; empty where an error was not caught.
    """

    status: str
    error: str | None
    end: str
    done: tuple[str, ...]
    attempts: Mapping[str, int]


def task_names(machine: Machine) -> list[str]:
    """Return the names of the states that can meet a fault."""
    return [name for name, state in machine["States"].items() if state["Type"] == "Task"]


def successors(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a state goes when nothing fails."""
    yield from (choice["Next"] for choice in state.get("Choices", []))
    yield from (state[key] for key in ("Default", "Next") if key in state)


def followers(machine: Machine, name: str) -> set[str]:
    """Return the states that may come after a state, whatever fails."""
    found: set[str] = set()
    queue = [name]
    while queue:
        state = machine["States"][queue.pop()]
        caught = (catcher["Next"] for catcher in state.get("Catch", []))
        new = {*successors(state), *caught} - found
        found |= new
        queue += new
    return found


def route_to(machine: Machine, target: str, *, usual: Mapping[str, str]) -> Route:
    """Return the way into a state with the fewest failures, then the fewest unusual turns.

    Args:
        machine: the definition.
        target: the state's name.
        usual: the state that each Choice goes to unless it is asked for another.

    Raises:
        ValueError: no way leads there.
    """
    order = itertools.count()
    queue = [((0, 0, 0), next(order), str(machine["StartAt"]), Route())]
    seen: set[str] = set()
    while queue:
        cost, _, name, route = heapq.heappop(queue)
        if name == target:
            return route
        if name in seen:
            continue
        seen.add(name)
        for more, then, way in _steps(machine, name, route, usual):
            total = (cost[0] + more[0], cost[1] + more[1], cost[2] + 1)
            heapq.heappush(queue, (total, next(order), then, way))
    raise ValueError(f"no way leads into {target!r}")


def _steps(
    machine: Machine, name: str, route: Route, usual: Mapping[str, str]
) -> Iterator[tuple[tuple[int, int], str, Route]]:
    state = machine["States"][name]
    for then in dict.fromkeys(successors(state)):
        if state["Type"] == "Choice":
            turned = Route({**route.turns, name: then}, route.failures)
            yield (0, int(usual.get(name) != then)), then, turned
        else:
            yield (0, 0), then, route
    for catcher in state.get("Catch", []):
        failed = Route(route.turns, {**route.failures, name: catcher["ErrorEquals"][0]})
        yield (1, 0), catcher["Next"], failed


def walk(
    machine: Machine,
    *,
    turns: Mapping[str, str],
    failing: Mapping[str, Failing],
) -> Walk:
    """Follow the definition to the end of an execution.

    Args:
        machine: the definition.
        turns: the state that each Choice goes to.
        failing: what happens to which tasks; the others succeed.
    """
    name = str(machine["StartAt"])
    errors: list[str] = []
    done: list[str] = []
    attempts: dict[str, int] = {}
    while True:
        state = machine["States"][name]
        if state["Type"] in ("Succeed", "Fail"):
            status = "SUCCEEDED" if state["Type"] == "Succeed" else "FAILED"
            return Walk(status, _shown(state, errors), name, tuple(done), attempts)
        if name not in failing:
            done += [name] if state["Type"] == "Task" else []
            name = turns.get(name) or next(successors(state))
            continue
        error = failing[name].error
        attempts[name] = _attempts(state, failing[name])
        if attempts[name] > failing[name].times:
            done.append(name)
            name = state["Next"]
            continue
        errors.append(error)
        name = _named(state.get("Catch", []), error).get("Next", "")
        if not name:
            return Walk("FAILED", error, "", tuple(done), attempts)


def _attempts(state: Mapping[str, Any], failing: Failing) -> int:
    retrier = _named(state.get("Retry", []), failing.error)
    allowed = 1 + retrier.get("MaxAttempts", _MAX_ATTEMPTS) if retrier else 1
    return min(failing.times + 1, int(allowed))


def _named(rules: list[Mapping[str, Any]], error: str) -> Mapping[str, Any]:
    for rule in rules:
        names = rule["ErrorEquals"]
        if error in names or ("States.ALL" in names and error not in _NOT_IN_ALL):
            return rule
    return {}


def _shown(state: Mapping[str, Any], errors: list[str]) -> str | None:
    if "ErrorPath" not in state and "QueryLanguage" not in state:
        return state.get("Error")
    return _OWN_NAMES.get(errors[0]) or errors[0].removeprefix("States.")


def readers_of(machine: Machine, name: str) -> list[str]:
    """Return the states that read parts of a task's result, so that they miss what it lacks.

    The first is the task itself where its ResultSelector or OutputPath picks from the result.
    """
    state = machine["States"][name]
    if "ResultSelector" in state:
        return [name]
    prefix = "$." if "OutputPath" in state else f"{state.get('ResultPath', '$')}."
    part = re.compile(rf"(?<!\$){re.escape(prefix)}\w")
    return [
        reader
        for reader, other in machine["States"].items()
        if reader != name and part.search(json.dumps(_what_is_read(other)))
    ]


def _what_is_read(state: Mapping[str, Any]) -> list[Any]:
    return [state.get(key) for key in ("Parameters", "Choices", "TimeoutSecondsPath")]
