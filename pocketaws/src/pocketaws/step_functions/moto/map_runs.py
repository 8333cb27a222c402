"""Step Functions: Map Runs are told of."""

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.step_functions.engine.map_runs import MapRun
from pocketaws.step_functions.moto.executions import execution_of, map_run_of


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions."""
    return [
        Change(StepFunctionResponse, "list_map_runs", _listed),
        Change(StepFunctionResponse, "describe_map_run", _described),
        Change(StepFunctionResponse, "update_map_run", _updated),
    ]


def _listed(self: StepFunctionResponse) -> ActionResult:
    execution = execution_of(self.stepfunction_backend, self._get_param("executionArn"))
    return ActionResult({"mapRuns": [record.listed() for record in execution.run.map_runs]})


def _described(self: StepFunctionResponse) -> ActionResult:
    return ActionResult(_of_request(self).described())


def _updated(self: StepFunctionResponse) -> ActionResult:
    record = _of_request(self)
    names = {
        "maxConcurrency": "max_concurrency",
        "toleratedFailureCount": "tolerated_failure_count",
        "toleratedFailurePercentage": "tolerated_failure_percentage",
    }
    for name, attribute in names.items():
        value = self._get_param(name)
        if value is not None:
            setattr(record, attribute, value)
    return EmptyResult()


def _of_request(self: StepFunctionResponse) -> MapRun:
    return map_run_of(self.stepfunction_backend, self._get_param("mapRunArn"))
