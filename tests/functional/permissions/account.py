"""An emulated account in which every role does all that it does; what roles ask for is kept.

Each step is here for permissions that nothing before it needs.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.conftest import MONITOR_IMAGE_URI, OPEN_GATE, PROJECT_DIR, SAMPLE_PATH
from tests.functional.asking import Ask, asking, eventually
from tests.functional.permissions.findings import Held
from tests.functional.permissions.granted import Role, roles_of
from tests.functional.permissions.needed import Needed
from tests.functional.serving_command import encoded, raw_rows
from tests.functional.test_approval_links import post, visit
from workflow.errors import DeploymentError
from workflow.local.deploy import Stack
from workflow.local.runtime import ACCOUNT_ID, LocalRuntime

_RAW_BUCKET: Final = "abalone-raw"
_QUICK: Final = {"hyperparameters": {"num_round": 2}, **OPEN_GATE}
_WORKFLOW: Final = "abalone-prod"
_ENDPOINT: Final = "abalone-staging"
_KEY_ARN: Final = f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Deployed:
    """A stack, and the parameters that it was deployed with."""

    template: str
    stack: Stack
    parameters: Mapping[str, str]

    def values(self, region: str) -> dict[str, str]:
        """Return what needed.toml's placeholders stand for."""
        own = {"account": ACCOUNT_ID, "region": region, "stack": self.stack.name}
        return {**self.parameters, **self.stack.resources, **own}


@dataclass
class Account:
    """What was deployed so far, with the roles as they were then."""

    runtime: LocalRuntime
    deployed: list[Deployed] = field(default_factory=list)
    roles: list[tuple[Deployed, Role]] = field(default_factory=list)

    def deploy(self, template: str, stack_name: str, **parameters: str) -> Stack:
        """Deploy a template and look at its roles."""
        stack = self.runtime.deploy(
            PROJECT_DIR / template, stack_name=stack_name, parameters=parameters
        )
        self.add(Deployed(template, stack, parameters))
        # A stack may have given a policy to the role of another.
        for deployed in list(self.deployed):
            self.add(deployed)
        return stack

    def add(self, deployed: Deployed) -> None:
        """Look at a stack's roles; another look at the same stack takes the first one's place."""
        known = [item for item in self.deployed if item.stack.name != deployed.stack.name]
        self.deployed = [*known, deployed]
        kept = [pair for pair in self.roles if pair[0].stack.name != deployed.stack.name]
        found = roles_of(self.runtime, deployed.template, deployed.stack.resources)
        self.roles = [*kept, *((deployed, role) for role in found)]

    def held(self, needed: Iterable[Needed]) -> Iterator[Held]:
        """Yield every role of every stack, held against what was asked for and is needed."""
        entries = list(needed)
        used = self.runtime.enforcement.used or set()
        for deployed, role in self.roles:
            values = deployed.values(self.runtime.region)
            yield Held(
                role,
                tuple(item.access for item in used if item.role_arn == role.arn and item.allowed),
                tuple(
                    access
                    for entry in entries
                    if entry.template == role.template and role.name in entry.roles
                    for access in entry.accesses(values)
                ),
            )


def run(runtime: LocalRuntime) -> Account:
    """Do all that the roles of template.yaml and endpoint.yaml ever do."""
    runtime.enforcement.used = set()
    account = Account(runtime)
    workflow = _workflow(account)
    _executions(runtime, workflow)
    _approvals(runtime, asking(runtime, workflow, _put_sample(runtime, workflow)))
    _endpoint(account, workflow)
    _variants(account)
    _ends(account)
    return account


def _workflow(account: Account) -> Stack:
    s3 = account.runtime.client("s3")
    s3.create_bucket(Bucket=_RAW_BUCKET)
    s3.upload_file(str(SAMPLE_PATH), _RAW_BUCKET, "raw/abalone.csv")
    s3.put_bucket_notification_configuration(
        Bucket=_RAW_BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return account.deploy(
        "template.yaml",
        _WORKFLOW,
        InputDataUri=f"s3://{_RAW_BUCKET}/raw/",
        MonitorImageUri=MONITOR_IMAGE_URI,
        MakeBaseline="true",
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
    runtime.run(machine_arn, _QUICK)
    runtime.run(machine_arn, {**_QUICK, "max_mse": 0.001})
    runtime.run(machine_arn, {**_QUICK, "input_data_uri": f"s3://{_RAW_BUCKET}/none/"})
    runtime.run_schedule(workflow.outputs["WorkflowScheduleName"])
    before = _count(runtime, machine_arn)
    runtime.client("s3").put_object(Bucket=_RAW_BUCKET, Key="raw/_SUCCESS", Body=b"")
    eventually(lambda: _count(runtime, machine_arn) > before)
    _wait_for_all(runtime, machine_arn)
    # What Read evaluation says where there is no evaluation.
    runtime.client("lambda").invoke(
        FunctionName=workflow.resources["ReadEvaluationFunction"],
        Payload=json.dumps(_unevaluated(workflow)).encode(),
    )


def _unevaluated(workflow: Stack) -> dict[str, Any]:
    return {
        "EvaluationUri": f"s3://{workflow.outputs['BucketName']}/evaluation/none/",
        "MaxMse": 6.0,
        "MaxMseIncrease": 0.02,
        "Approval": "automatic",
        "ApprovalMinImprovement": 0.05,
    }


def _approvals(runtime: LocalRuntime, ask: Ask) -> None:
    """Answers on the page, in the registry, and none, and one before anybody could ask."""
    on_page = ask()
    visit(on_page.link)
    post(on_page.link)
    on_page.end()
    refused = ask()
    refused.decide("Rejected")
    refused.end()
    stopped = ask()
    runtime.client("stepfunctions").stop_execution(executionArn=stopped.execution_arn)
    eventually(lambda: len(stopped.messages()) > 1)


def _endpoint(account: Account, workflow: Stack) -> None:
    """An endpoint, an update, drift that retrains, and a model whose known answers are gone."""
    runtime = account.runtime
    model_name = runtime.client("ssm").get_parameter(Name=workflow.outputs["ModelParameterName"])[
        "Parameter"
    ]["Value"]
    baseline = f"s3://{workflow.outputs['BucketName']}/monitoring/{model_name[:-9]}/baseline/"
    monitoring = {
        "CaptureSamplingPercentage": "100",
        "MonitorDataQuality": "true",
        "BaselineUri": baseline,
        "RetrainOnDrift": "true",
    }
    stack = _deploy_endpoint(account, **monitoring)
    rows = encoded(raw_rows(400, longer=1.3))
    for start in range(0, len(rows), 100):
        runtime.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=_ENDPOINT,
            ContentType="text/csv",
            Body="\n".join(rows[start : start + 100]).encode(),
        )
    before = _count(runtime, workflow.outputs["StateMachineArn"])
    for _ in range(2):
        runtime.run_monitoring(stack.resources["DataQualitySchedule"].rpartition("/")[2])
    eventually(lambda: _count(runtime, workflow.outputs["StateMachineArn"]) > before)
    _wait_for_all(runtime, workflow.outputs["StateMachineArn"])
    # The retrained model is switched to, with the rollback alarms looked at.
    _deploy_endpoint(account, **monitoring)
    runtime.run(workflow.outputs["StateMachineArn"], _QUICK)
    _forget_known_answers(runtime, workflow)
    with contextlib.suppress(DeploymentError):
        _deploy_endpoint(account, **monitoring)


def _deploy_endpoint(
    account: Account, stack_name: str = "abalone-endpoint-staging", **more: str
) -> Stack:
    names = {
        "ModelName": "model-name",
        "ModelRoleName": "model-role-name",
        "WorkflowBucketName": "bucket-name",
        "StateMachineArn": "state-machine-arn",
        "TopicArn": "topic-arn",
    }
    parameters = {key: f"/{_WORKFLOW}/{name}" for key, name in names.items()}
    return account.deploy(
        "endpoint.yaml", stack_name, **{"EndpointName": _ENDPOINT, **parameters, **more}
    )


def _forget_known_answers(runtime: LocalRuntime, workflow: Stack) -> None:
    s3, bucket_name = runtime.client("s3"), workflow.outputs["BucketName"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix="evaluation/")
    for item in [item for page in pages for item in page.get("Contents", [])]:
        if item["Key"].endswith("known-answers.json"):
            s3.delete_object(Bucket=bucket_name, Key=item["Key"])


def _variants(account: Account) -> None:
    """The stacks whose parameters give roles more than the ones above have."""


def _ends(account: Account) -> None:
    """Delete what custom resources have made."""
    for name in ("abalone-endpoint-staging", _WORKFLOW):
        account.runtime.client("cloudformation").delete_stack(StackName=name)


def _count(runtime: LocalRuntime, machine_arn: str) -> int:
    listed = runtime.client("stepfunctions").list_executions(stateMachineArn=machine_arn)
    return len(listed["executions"])


def _wait_for_all(runtime: LocalRuntime, machine_arn: str) -> None:
    listed = runtime.client("stepfunctions").list_executions(
        stateMachineArn=machine_arn, statusFilter="RUNNING"
    )
    for item in listed["executions"]:
        runtime.wait(item["executionArn"])
