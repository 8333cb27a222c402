"""One window of an endpoint's monitor, compared now: in AWS, or in the local runtime."""

import datetime
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.account.aws import Clients, actionable_errors, call_or_none
from workflow.account.causes import plain_cause
from workflow.account.endpoint_stack import read_endpoint_stack
from workflow.errors import WorkflowError

TIME_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_LOOK_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 3900


@dataclass(frozen=True)
class Monitor:
    """An endpoint's monitor: its state machine, and the bucket of its reports."""

    machine_arn: str
    bucket_name: str


def read_monitor(endpoint_name: str, clients: Clients) -> Monitor:
    """Return the monitor of an endpoint.

    Raises:
        WorkflowError: there is no such endpoint, or nothing watches it.
    """
    cloudformation = clients("cloudformation")
    with actionable_errors():
        endpoint = call_or_none(clients("sagemaker").describe_endpoint, EndpointName=endpoint_name)
        if endpoint is None:
            raise WorkflowError(f"there is no endpoint {endpoint_name}; name one (--endpoint-name)")
        stack = read_endpoint_stack(endpoint["EndpointArn"], cloudformation=cloudformation)
        described = (
            cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0] if stack else {}
        )
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", [])}
    if "MonitorArn" not in outputs:
        raise WorkflowError(
            f"nothing watches the endpoint {endpoint_name}: deploy endpoint.yaml with "
            "CaptureSamplingPercentage above 0 and MonitorSchedule=hourly or daily"
        )
    return Monitor(outputs["MonitorArn"], outputs["CaptureBucketName"])


def compare_window(
    monitor: Monitor, since: datetime.datetime, until: datetime.datetime, clients: Clients
) -> dict[str, Any]:
    """Have a window compared, and return what its execution says: `state`, `note`, `drifted`.

    Raises:
        WorkflowError: the execution failed, or takes longer than any may.
    """
    states = clients("stepfunctions")
    window = {"from": since.strftime(TIME_FORM), "until": until.strftime(TIME_FORM)}
    with actionable_errors():
        arn = states.start_execution(
            stateMachineArn=monitor.machine_arn,
            input=json.dumps({**window, "reason": "by hand"}),
        )["executionArn"]
        for _ in range(int(_LONGEST_SECONDS / _LOOK_SECONDS)):
            execution = states.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                break
            time.sleep(_LOOK_SECONDS)
    if execution["status"] != "SUCCEEDED":
        cause = plain_cause(execution.get("cause")) or "its history says why"
        raise WorkflowError(f"the monitor {execution['status'].lower()}: {cause} ({arn})")
    return dict(json.loads(execution["output"]))


def fetch_page(
    monitor: Monitor, until: datetime.datetime, folder: Path, clients: Clients
) -> list[Path]:
    """Write the report of a window and its page to a folder; return their paths.

    Raises:
        WorkflowError: S3 refused.
    """
    prefix = f"reports/{until:%Y/%m/%d/%H-%M-%S}/"
    paths = [folder / name for name in ("report.json", "report.html")]
    with actionable_errors():
        for path in paths:
            answer = clients("s3").get_object(Bucket=monitor.bucket_name, Key=prefix + path.name)
            path.write_bytes(answer["Body"].read())
    return paths
