"""Checks a definition as CreateStateMachine does, from its text alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.step_functions.validation import (
    documents,
    fields,
    maps,
    state_fields,
    transitions,
    values,
)
from pocketaws.step_functions.validation.report import ERROR, DefinitionPlace, Diagnostic

_JSONATA: Final = "JSONata"
_MAX_NAME: Final = 80
_TOP: Final[values.Checks] = {
    "Comment": values.text,
    "StartAt": values.text,
    "States": values.anything,
    "TimeoutSeconds": values.whole(1),
    "Version": values.one_of("1.0"),
    "QueryLanguage": values.one_of("JSONPath", _JSONATA),
}
_INSIDE: Final[values.Checks] = {
    "Comment": values.text,
    "StartAt": values.text,
    "States": values.anything,
    "QueryLanguage": values.one_of("JSONPath", _JSONATA),
    "ProcessorConfig": values.anything,
}


@dataclass
class _Names:
    """The names that must not be there twice in a whole definition."""

    states: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)


def diagnose(text: str, *, express: bool = False, placeholders: bool = False) -> list[Diagnostic]:
    """Return what is wrong, or odd, in a definition; what is odd does not keep it from running.

    Args:
        text: of the definition, JSON.
        express: whether it is to be an Express state machine's.
        placeholders: whether a resource may be, or hold, a `${Name}` that a template replaces.
    """
    place = DefinitionPlace()
    document = documents.read(text, place)
    if document is not None:
        _Check(express=express, placeholders=placeholders).machine(
            document, place, _TOP, jsonata=False
        )
    return place.found


def errors(text: str, *, express: bool = False) -> list[Diagnostic]:
    """Return only what keeps a definition from being created."""
    return [found for found in diagnose(text, express=express) if found.severity == ERROR]


class _Check:
    def __init__(self, *, express: bool, placeholders: bool) -> None:
        self._express = express
        self._placeholders = placeholders
        self._names = _Names()

    def machine(
        self,
        machine: Any,
        place: DefinitionPlace,
        known: values.Checks,
        *,
        jsonata: bool,
        express: bool | None = None,
    ) -> None:
        """Check a definition, or the part of one that a branch or an item runs."""
        express = self._express if express is None else express
        if not isinstance(machine, dict):
            place.error("Value must be an object")
            return
        self._top_fields(machine, place, known)
        states = machine.get("States")
        if not isinstance(states, dict):
            return
        jsonata = jsonata or machine.get("QueryLanguage") == _JSONATA
        for name in getattr(states, "twice", ()):
            place.at("States", name).error(
                f"The state '{name}' is there twice", "DUPLICATE_STATE_NAME"
            )
        if not states:
            place.at("States").error("Value must not be empty")
        for name, state in states.items():
            self._state(name, state, place.at("States", name), jsonata=jsonata, express=express)
        if states:
            transitions.check(machine.get("StartAt"), states, place)

    def _top_fields(
        self, machine: Mapping[str, Any], place: DefinitionPlace, known: values.Checks
    ) -> None:
        for name in ("StartAt", "States"):
            if name not in machine:
                place.error(f"The field '{name}' is required")
        for name, value in machine.items():
            problem = known[name](value) if name in known else f"Field '{name}' is not supported"
            if problem:
                place.at(name).error(problem)
        if "States" in machine and not isinstance(machine["States"], dict):
            place.at("States").error("Value must be an object")

    def _state(
        self, name: str, state: Any, place: DefinitionPlace, *, jsonata: bool, express: bool
    ) -> None:
        self._name(name, place)
        if not isinstance(state, dict):
            place.error("Value must be an object")
            return
        kind = state.get("Type")
        if kind not in state_fields.TYPES:
            where = place.at("Type") if "Type" in state else place
            where.error(f"State type must be one of [{', '.join(state_fields.TYPES)}]")
            return
        own = state.get("QueryLanguage")
        if jsonata and own == "JSONPath":
            place.at("QueryLanguage").error("A state of a JSONata state machine cannot be JSONPath")
        jsonata = jsonata or own == _JSONATA
        fields.check(state, place, jsonata=jsonata, express=express)
        if kind == "Task" and "Resource" in state:
            self._resource(state["Resource"], place.at("Resource"))
        self._label(state, place)
        for keys, inner in _inside(state):
            within = express or maps.runs_express(state)
            self.machine(inner, place.at(*keys), _INSIDE, jsonata=jsonata, express=within)

    def _resource(self, resource: Any, place: DefinitionPlace) -> None:
        problem = values.resource(resource, placeholders=self._placeholders)
        if problem:
            place.error(problem)

    def _name(self, name: str, place: DefinitionPlace) -> None:
        if not name or len(name) > _MAX_NAME:
            place.error(f"State names have 1 to {_MAX_NAME} characters", "INVALID_STATE_NAME")
        if name in self._names.states:
            place.error(f"The state name '{name}' is not unique", "DUPLICATE_STATE_NAME")
        self._names.states.add(name)

    def _label(self, state: Mapping[str, Any], place: DefinitionPlace) -> None:
        label = state.get("Label")
        if not isinstance(label, str):
            return
        if label in self._names.labels:
            place.at("Label").error(f"The label '{label}' is not unique", "DUPLICATE_LABEL_NAME")
        self._names.labels.add(label)


def _inside(state: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the parts of a state that have states of their own, and where they stand."""
    branches = state.get("Branches")
    if state["Type"] == "Parallel" and isinstance(branches, list):
        for index, branch in enumerate(branches):
            yield ("Branches", index), branch
    if state["Type"] == "Map":
        for name in ("ItemProcessor", "Iterator"):
            if name in state:
                yield (name,), state[name]
