"""Every role does all that it ever does; what roles ask for is kept.

Each step is here for permissions that nothing before it needs.
"""

import json
from typing import Any, Final

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.gate.faults import Fault
from pocketaws.runtime import LocalRuntime
from tests.conftest import OPEN_GATE, SAMPLE_PATH
from tests.functional.approval_links import post, visit
from tests.functional.asking import Asked, asking
from tests.functional.permissions.account import Account
from tests.functional.permissions.executions import count, wait_for_all
from tests.functional.permissions.serving import serve

_RAW_BUCKET: Final = "abalone-raw"
_BATCH_BUCKET: Final = "abalone-batches"
# The stack has a batch, of which one execution is enough.
_QUICK: Final = {"hyperparameters": {"num_round": 2}, "batch_data_uri": "", **OPEN_GATE}
_SEARCH: Final = {"ranges": {"eta": [0.1, 0.5]}, "max_jobs": 2, "strategy": "Random"}
# An answer that a role may not pass on ends the execution all the same.
_SOON_OVER: Final = {"approval_timeout_seconds": 45}
_WORKFLOW: Final = "abalone-prod"
_PUBLIC_DATA: Final = (
    "sagemaker-example-files-prod-us-east-1",
    "datasets/tabular/uci_abalone/abalone.csv",
)


def run(runtime: LocalRuntime) -> Account:
    """Do all that the roles of template.yaml and endpoint.yaml ever do."""
    runtime.enforcement.used = set()
    account = Account(runtime)
    workflow = _workflow(account)
    _executions(runtime, workflow)
    _withdrawal(runtime, workflow)
    _trials(runtime, workflow)
    _approvals(runtime, workflow)
    stack_names = serve(account, workflow, _QUICK)
    _public_data(account)
    # Custom resources remove what they have made.
    for name in (*stack_names, _WORKFLOW):
        runtime.client("cloudformation").delete_stack(StackName=name)
    return account


def _workflow(account: Account) -> Stack:
    s3 = account.runtime.client("s3")
    s3.create_bucket(Bucket=_RAW_BUCKET)
    s3.upload_file(str(SAMPLE_PATH), _RAW_BUCKET, "raw/abalone.csv")
    s3.create_bucket(Bucket=_BATCH_BUCKET)
    s3.upload_file(str(SAMPLE_PATH), _BATCH_BUCKET, "rows/abalone.csv")
    s3.put_bucket_notification_configuration(
        Bucket=_RAW_BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return account.deploy(
        "template.yaml",
        _WORKFLOW,
        InputDataUri=f"s3://{_RAW_BUCKET}/raw/",
        BatchDataUri=f"s3://{_BATCH_BUCKET}/rows/",
        NewDataKey="raw/_SUCCESS",
        RetrainingSchedule="rate(7 days)",
        RetrainingInput=json.dumps(_QUICK),
    )


def _put_sample(runtime: LocalRuntime, workflow: Stack) -> str:
    bucket_name = workflow.outputs["BucketName"]
    runtime.client("s3").upload_file(str(SAMPLE_PATH), bucket_name, "input/abalone.csv")
    return f"s3://{bucket_name}/input/abalone.csv"


def _executions(runtime: LocalRuntime, workflow: Stack) -> None:
    """A first model, one compared with it, one rejected, one that fails, and the triggers."""
    machine_arn = workflow.outputs["StateMachineArn"]
    batch_uri = f"s3://{_BATCH_BUCKET}/rows/"
    runtime.run(machine_arn, {**_QUICK, "tuning": _SEARCH, "batch_data_uri": batch_uri})
    runtime.run(machine_arn, {**_QUICK, "max_mse": 0.001})
    # Keeps what it makes, and reuses that, with data of the stack's own bucket and of the other.
    for uri in (_put_sample(runtime, workflow), f"s3://{_RAW_BUCKET}/raw/"):
        for _ in range(2):
            runtime.run(machine_arn, {**_QUICK, "input_data_uri": uri, "cache": True})
    runtime.run(machine_arn, {**_QUICK, "input_data_uri": f"s3://{_RAW_BUCKET}/none/"})
    runtime.run_schedule(workflow.outputs["WorkflowScheduleName"])
    before = count(runtime, machine_arn)
    runtime.client("s3").put_object(Bucket=_RAW_BUCKET, Key="raw/_SUCCESS", Body=b"")
    eventually(lambda: count(runtime, machine_arn) > before)
    wait_for_all(runtime, machine_arn)
    # What Read evaluation says where there is no evaluation.
    _invoke(runtime, workflow, "ReadEvaluationFunction", _unevaluated(workflow))


def _unevaluated(workflow: Stack) -> dict[str, Any]:
    return {
        "EvaluationUri": f"s3://{workflow.outputs['BucketName']}/evaluation/none/",
        "MaxMse": 6.0,
        "MaxMseIncrease": 0.02,
        "Approval": "automatic",
        "ApprovalMinImprovement": 0.05,
    }


def _withdrawal(runtime: LocalRuntime, workflow: Stack) -> None:
    """A model that was registered and then could not be recorded."""
    fault = Fault("lambda", "Invoke", "ResourceNotFoundException", subject="RecordModelName")
    runtime.faults.append(fault)
    runtime.run(workflow.outputs["StateMachineArn"], _QUICK)


def _trials(runtime: LocalRuntime, workflow: Stack) -> None:
    """A trial that is there already, and a first one beside that of another execution."""
    _invoke(runtime, workflow, "StartTrialFunction", {"TrialName": "twice"})
    _invoke(runtime, workflow, "StartTrialFunction", {"TrialName": "twice"})
    # The other execution has made the experiment since this one was told that there is none.
    runtime.faults.append(Fault("sagemaker", "CreateTrial", "ResourceNotFound"))
    _invoke(runtime, workflow, "StartTrialFunction", {"TrialName": "beside"})


def _approvals(runtime: LocalRuntime, workflow: Stack) -> None:
    """Answers on the page, in the registry, and none, and some before anybody could ask."""
    ask = asking(runtime, workflow, _put_sample(runtime, workflow))
    on_page = ask(**_SOON_OVER)
    visit(on_page.link)
    post(on_page.link)
    on_page.end()
    refused = ask(**_SOON_OVER)
    refused.decide("Rejected")
    refused.end()
    stopped = ask()
    runtime.client("stepfunctions").stop_execution(executionArn=stopped.execution_arn)
    eventually(lambda: len(stopped.messages()) > 1)
    for decided in (on_page, refused):
        _invoke(runtime, workflow, "AskForApprovalFunction", _question(decided))


def _question(asked: Asked) -> dict[str, Any]:
    """Return a question about a package; its token was of a task that has ended."""
    return {
        "TaskToken": "spent",
        "ExecutionArn": asked.execution_arn,
        "ModelPackageArn": asked.package_arn,
        "ModelName": "decided",
        "Reason": "good enough",
        "ApprovalReason": "a person has to approve it",
        "Numbers": ["mse 4.9"],
        "Compared": None,
        "EvaluationUri": "s3://abalone/evaluation/decided/",
        "TimeoutSeconds": 60,
    }


def _public_data(account: Account) -> None:
    """A stack that has no data of its own, and no page."""
    bucket_name, key = _PUBLIC_DATA
    s3 = account.runtime.client("s3")
    s3.create_bucket(Bucket=bucket_name)
    s3.upload_file(str(SAMPLE_PATH), bucket_name, key)
    workflow = account.deploy("template.yaml", "abalone-public", ApprovalPage="false")
    account.runtime.run(workflow.outputs["StateMachineArn"], {**_QUICK, "cache": True})


def _invoke(runtime: LocalRuntime, workflow: Stack, name: str, event: dict[str, Any]) -> None:
    runtime.client("lambda").invoke(
        FunctionName=workflow.resources[name], Payload=json.dumps(event).encode()
    )
