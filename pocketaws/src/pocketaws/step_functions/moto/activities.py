"""Step Functions: workers ask for the tasks of activities."""

from collections.abc import Callable
from typing import Final

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.step_functions.engine.activities import Activities

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html: 60; here
# less, since a worker that asks in vain holds a thread of the server.
_POLL_SECONDS: Final = 20


def changes(activities: Activities) -> list[Change]:
    """Return what to change in moto's Step Functions."""
    asked = _asked(activities)
    return [Change(StepFunctionResponse, "get_activity_task", asked, adds=True)]


def _asked(activities: Activities) -> Callable[..., ActionResult]:
    def get_activity_task(self: StepFunctionResponse) -> ActionResult:
        arn = self._get_param("activityArn")
        self.stepfunction_backend.describe_activity(arn)
        offer = activities.take(arn, self._get_param("workerName"), seconds=_POLL_SECONDS)
        if offer is None:
            return ActionResult({})
        return ActionResult({"taskToken": offer.ticket.token, "input": offer.input})

    return get_activity_task
