"""Step Functions: workers ask for the tasks of activities."""

from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.stepfunctions.models import Activity, StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.step_functions.engine.activities import Activities

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html: 60; here
# less, since a worker that asks in vain holds a thread of the server.
_POLL_SECONDS: Final = 20


def changes(activities: Activities) -> list[Change]:
    """Return what to change in moto's Step Functions."""
    return [
        Change(StepFunctionResponse, "get_activity_task", _asked(activities), adds=True),
        Change(StepFunctionBackend, "create_activity", _created()),
    ]


def _created() -> Callable[..., Activity]:
    """Return what makes an activity; one of its name that is there is the answer.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html
    """
    original = StepFunctionBackend.create_activity

    def create_activity(self: StepFunctionBackend, name: str, *rest: Any, **more: Any) -> Activity:
        existing = next((item for item in self.activities.values() if item.name == name), None)
        return original(self, name, *rest, **more) if existing is None else existing

    return create_activity


def _asked(activities: Activities) -> Callable[..., ActionResult]:
    def get_activity_task(self: StepFunctionResponse) -> ActionResult:
        arn = self._get_param("activityArn")
        self.stepfunction_backend.describe_activity(arn)
        offer = activities.take(arn, self._get_param("workerName"), seconds=_POLL_SECONDS)
        if offer is None:
            return ActionResult({})
        return ActionResult({"taskToken": offer.ticket.token, "input": offer.input})

    return get_activity_task
