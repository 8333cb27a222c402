"""A state that an execution is in: its fields, evaluated in its query language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.step_functions.engine import jsonata_language, templates
from pocketaws.step_functions.engine.documents import is_number, json_text, now, time_text
from pocketaws.step_functions.engine.errors import QUERY, StateError, runtime_error
from pocketaws.step_functions.engine.frames import Frame
from pocketaws.step_functions.engine.result_paths import placed
from pocketaws.step_functions.engine.scopes import MISSING, ExpressionScope

JSONATA: Final = "JSONata"
JSONPATH: Final = "JSONPath"


@dataclass(frozen=True)
class Outcome:
    """How a state ended.

    Attributes:
        output: of the state.
        next: the state to go on with, or None at the end.
        assigned: variables that it has set.
    """

    output: Any
    next: str | None
    assigned: Mapping[str, Any]


class Visit:
    """A state that an execution is in.

    Args:
        frame: where.
        name: of the state.
        state: its definition.
        value: its input.
        language: its query language.

    Attributes:
        entered_id: the number of the event of its entering.
        retry_count: how often it has been tried again.
        token: of the task that it waits for.
    """

    def __init__(
        self, frame: Frame, name: str, state: Mapping[str, Any], value: Any, *, language: str
    ) -> None:
        self.frame = frame
        self.name = name
        self.state = state
        self.input = value
        self.language = language
        self.entered_id = 0
        self.retry_count: int | None = None
        self.token: str | None = None
        self._entered = time_text(now())

    @property
    def is_jsonata(self) -> bool:
        """Whether its fields are expressions of JSONata."""
        return self.language == JSONATA

    def context(self) -> dict[str, Any]:
        """Return the context object.

        https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
        """
        state = {"EnteredTime": self._entered, "Name": self.name}
        context: dict[str, Any] = {
            "Execution": self.frame.run.execution,
            "StateMachine": self.frame.run.machine,
            "State": state
            if self.retry_count is None
            else {**state, "RetryCount": self.retry_count},
        }
        if self.frame.item is not None:
            context["Map"] = self.frame.item
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        return context

    def scope(self, **seen: Any) -> ExpressionScope:
        """Return what the state's expressions see."""
        return ExpressionScope(self.input, self.context(), self.frame.variables, **seen)

    def roots(self, data: Any) -> dict[str, Any]:
        """Return what paths begin at, where `$` is some data."""
        return templates.roots(self.scope(), data)

    def effective_input(self) -> Any:
        """Return the input that the state works with."""
        if self.is_jsonata or "InputPath" not in self.state:
            return self.input
        return templates.selected(self.state["InputPath"], self.roots(self.input))

    def filled(self, field: str, data: Any = MISSING, **seen: Any) -> Any:
        """Return the value of a field that is a template.

        Args:
            field: of the state.
            data: what `$` is in a path.
            seen: what expressions of JSONata see besides.
        """
        if self.is_jsonata:
            return jsonata_language.filled(self.state[field], self.scope(**seen), field=field)
        return self.filled_template(self.state[field], self.input if data is MISSING else data)

    def filled_template(self, template: Any, data: Any) -> Any:
        """Return a template of the JSONPath language with its values, where `$` is some data."""
        return templates.filled(template, self.roots(data))

    def number(
        self, field: str, *, default: Any = None, data: Any = MISSING, least: int = 0
    ) -> Any:
        """Return the value of a field that is a number, of a path to one, or of an expression.

        Args:
            field: of the state.
            default: where the state has none.
            data: what `$` is in a path.
            least: that it may be.

        Raises:
            StateError: what is found is no number that may stand there.
        """
        path = f"{field}Path"
        if path in self.state:
            at = self.roots(self.input if data is MISSING else data)
            value = templates.expression(self.state[path], at, field=path)
            return self._checked_number(path, value, least)
        if field not in self.state:
            return default
        value = self.state[field]
        if self.is_jsonata and jsonata_language.is_expression(value):
            value = jsonata_language.evaluated(value, self.scope(), field=field)
        return self._checked_number(field, value, least)

    def _checked_number(self, field: str, value: Any, least: int) -> Any:
        if is_number(value) and value >= least and value == int(value):
            return int(value)
        if self.is_jsonata:
            cause = f"The JSONata expression for the field '{field}' must be an integer"
            text = f"{cause} of at least {least} but is {json_text(value)}"
            raise StateError(QUERY, text, location=field)
        raise runtime_error(
            f"The {field} parameter must reference a positive integer but is {json_text(value)}"
        )

    def finish(self, result: Any, following: str | None = None, fields: Any = None) -> Outcome:
        """Return how the state ended, from the result of its work.

        Args:
            result: of the work.
            following: the state to go on with, where it is not the one under Next.
            fields: that say what to assign and to give out, where they are not the state's.
        """
        said = self.state if fields is None else fields
        following = following or self.state.get("Next")
        if self.is_jsonata:
            scope = self.scope(result=result)
            return _jsonata_outcome(said, scope, default=result, following=following)
        assigned = templates.filled(said.get("Assign", {}), self.roots(result))
        return Outcome(self._output(result), following, assigned)

    def _output(self, result: Any) -> Any:
        state = self.state
        if "ResultSelector" in state:
            result = templates.filled(state["ResultSelector"], self.roots(result))
        output = placed(state.get("ResultPath", "$"), self.input, result)
        if "OutputPath" not in state:
            return output
        return templates.selected(state["OutputPath"], self.roots(output))

    def caught(self, catcher: Mapping[str, Any], error: StateError) -> Outcome:
        """Return how the state ended whose failure is caught."""
        told = error.output()
        if self.is_jsonata:
            scope = self.scope(error_output=told)
            return _jsonata_outcome(catcher, scope, default=told, following=catcher["Next"])
        assigned = templates.filled(catcher.get("Assign", {}), self.roots(told))
        output = placed(catcher.get("ResultPath", "$"), self.input, told)
        return Outcome(output, catcher["Next"], assigned)


def _jsonata_outcome(
    said: Mapping[str, Any], scope: ExpressionScope, *, default: Any, following: str | None
) -> Outcome:
    assigned = jsonata_language.filled(said.get("Assign", {}), scope, field="Assign")
    output = default
    if "Output" in said:
        output = jsonata_language.filled(said["Output"], scope, field="Output")
    return Outcome(output, following, assigned)
