"""The endpoint's stack in the emulated AWS: deployed, and kept at the recorded model."""

import json
from pathlib import Path
from typing import Final

from pocketaws import DeploymentError
from workflow.account.model_history import read_history
from workflow.laptop.local_texts import write_exports_of
from workflow.laptop.recorded_model import known_row
from workflow.laptop.stack import TEMPLATE_PATH, OwnWorkflow
from workflow.project import project

ENDPOINT_TEMPLATE_PATH: Final = TEMPLATE_PATH.with_name("endpoint.yaml")
# On this machine every call is captured, so that its monitor has something to compare.
_PARAMETERS: Final = {"CaptureSamplingPercentage": "100"}
# Captured data is there within a second or two.
_DELAY_SECONDS: Final = 3
# Where a model that was recorded by hand has no known answers.
_ANY_ROW: Final = "ROW"


class LocalEndpoint:
    """The stack of `endpoint.yaml` beside the workflow's.

    Args:
        workflow: has recorded a model.
        retrains_on_drift: the monitor's alarm starts an execution.
    """

    def __init__(self, workflow: OwnWorkflow, *, retrains_on_drift: bool = False) -> None:
        self._workflow = workflow
        self._parameters = {**_PARAMETERS, "RetrainOnDrift": str(retrains_on_drift).lower()}
        self._version = 0
        self._lost = False
        self._schedule_name = ""

    def deploy(self) -> None:
        """Create the stack, or update it to the recorded model.

        Raises:
            DeploymentError: with the reason; an update has left what served before.
        """
        # First: a model that cannot be served is not tried again and again.
        self._version = self._workflow.recorded_version()
        model_name = self._workflow.recorded_model_name()
        stack = self._workflow.runtime.deploy(
            ENDPOINT_TEMPLATE_PATH,
            stack_name=project().endpoint_stack_name,
            parameters=self._parameters,
        )
        self._schedule_name = stack.outputs["MonitorScheduleName"]
        self._workflow.screen.note(self._served(model_name))

    def _served(self, model_name: str) -> str:
        serves = f"endpoint {project().endpoint_name} serves {model_name}"
        workflow = self._workflow
        history = read_history(
            workflow.stack.outputs["ModelParameterName"], ssm=workflow.runtime.client("ssm")
        )
        rolled_back_from = history[-1].rolled_back_from if history else None
        if rolled_back_from is None:
            return serves
        return f"rolled back: {serves} again, in place of {rolled_back_from}"

    def monitor_every(self, seconds: int) -> dict[str, float]:
        """Have the monitor look at windows of so many seconds; return what its schedule fires by.

        The stack's own hour or day stays what it is elsewhere.
        """
        scheduler = self._workflow.runtime.client("scheduler")
        schedule = scheduler.get_schedule(Name=self._schedule_name)
        window = json.loads(schedule["Target"]["Input"])
        window |= {"window_seconds": seconds, "delay_seconds": _DELAY_SECONDS}
        kept = (
            "Name",
            "State",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "FlexibleTimeWindow",
        )
        scheduler.update_schedule(
            **{name: schedule[name] for name in kept},
            Target={**schedule["Target"], "Input": json.dumps(window)},
        )
        return {self._schedule_name: float(seconds)}

    def follow(self) -> bool:
        """Deploy again if another model has been recorded; return whether one was deployed.

        A model that fails leaves the one before it serving, and says why.
        """
        if self._workflow.recorded_version() == self._version:
            return False
        try:
            self.deploy()
        except DeploymentError as error:
            text = "the endpoint serves no more" if self._lost else "the model before it serves on"
            self._workflow.screen.note(f"{text}: {error}")
            return False
        return True

    def tell_loss(self) -> None:
        """Say once that the endpoint has come to serve no more, and why."""
        described = self._workflow.runtime.client("sagemaker").describe_endpoint(
            EndpointName=project().endpoint_name
        )
        is_lost = described["EndpointStatus"] == "Failed"
        if is_lost and not self._lost:
            note = self._workflow.screen.note
            note(f"endpoint {project().endpoint_name} has failed: {described['FailureReason']}")
            note("  it answers 503 from now on; stop this command and start it again")
        self._lost = is_lost

    def say_how_to_reach(self, state_dir: Path) -> None:
        """Show how the endpoint and the emulated AWS are called, and write it to local.env."""
        note = self._workflow.screen.note
        env_path = write_exports_of(self._workflow.runtime, state_dir)
        url = self._workflow.runtime.serving_url(project().endpoint_name)
        note("")
        row = known_row(self._workflow.recorded_model_name(), self._workflow.runtime.client)
        note("predict over HTTP, with an encoded row:")
        note(f"  curl -H 'Content-Type: text/csv' -d '{row or _ANY_ROW}' {url}/invocations")
        note(f"after `source {env_path}`, reach everything with boto3, the AWS CLI and")
        note("  python -m workflow invoke rows.csv")
        note("  python -m workflow status")
        note("Ctrl-C stops it")
        note("")
