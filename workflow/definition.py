"""The state machine's definition: the states joined, and rendered as Amazon States Language.

The rendered text is committed as `definition.asl.json` beside this module; SAM deploys that file
and the local runtime runs it, so neither needs the SDK.
"""

import json
from typing import Any, Final

from stepfunctions import steps as sdk
from stepfunctions.steps.states import Graph

from workflow import names, steps
from workflow.errors import DefinitionError

COMMENT: Final = "Preprocess data, train XGBoost, create the model and record its name"

# Fields of the Amazon States Language that the SDK does not know, per state.
_MORE_FIELDS: Final[dict[str, dict[str, Any]]] = {
    names.RECORD_MODEL_NAME: {
        "ResultSelector": {
            "ModelName": "$.Payload.ModelName",
            "ParameterName": "$.Payload.ParameterName",
            "ParameterVersion": "$.Payload.ParameterVersion",
        }
    }
}
# Executions that were throttled together would otherwise come back together.
_MORE_RETRY_FIELDS: Final = {"MaxDelaySeconds": 600, "JitterStrategy": "FULL"}
_PATH_STARTS: Final = ("$.", "$$.", "States.")


def build_definition() -> dict[str, Any]:
    """Return the definition as a dictionary in the Amazon States Language.

    Raises:
        DefinitionError: two states have the same name.
    """
    session = steps.offline_session()
    states = [
        steps.prepare_execution(),
        steps.preprocess_data(session),
        steps.train_model(session),
        steps.create_model(session),
        steps.record_model_name(),
    ]
    if len({state.state_id for state in states}) < len(states):
        raise DefinitionError(
            f"state names must differ, got {[state.state_id for state in states]}; see names.py"
        )
    return _complete(Graph(sdk.Chain(states), comment=COMMENT).to_dict())


def render() -> str:
    """Return the definition as the text that is committed: indented JSON with a final newline."""
    return json.dumps(build_definition(), indent=2, ensure_ascii=False) + "\n"


def _complete(graph: dict[str, Any]) -> dict[str, Any]:
    definition = {"Comment": graph["Comment"], "StartAt": graph["StartAt"], "States": {}}
    for name, state in graph["States"].items():
        definition["States"][name] = _complete_state(state | _MORE_FIELDS.get(name, {}))
    return definition


def _complete_state(state: dict[str, Any]) -> dict[str, Any]:
    completed = {"Type": state["Type"], "Comment": state["Comment"]}
    completed |= {key: value for key, value in state.items() if key not in completed}
    # The SDK writes the partition of the region it is built in; the stack knows its own.
    completed["Resource"] = state["Resource"].replace("arn:aws:", f"arn:{names.PARTITION}:", 1)
    completed["Retry"] = [retrier | _MORE_RETRY_FIELDS for retrier in state["Retry"]]
    for field in ("Parameters", "ResultSelector"):
        if field in state:
            completed[field] = _with_paths(state[field])
    return completed


def _with_paths(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_paths(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {f"{key}.$" if _is_path(item) else key: _with_paths(item) for key, item in value.items()}


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_PATH_STARTS)
