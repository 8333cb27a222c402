"""`workflow run`: one execution of the deployed definition on this machine."""

import contextlib
import datetime
import gc
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workflow import input_data, recorded_model
from workflow.display import Display, display
from workflow.errors import ExecutionInputError, WorkflowError
from workflow.input_data import InputObject
from workflow.local import environment
from workflow.local.warmup import Warmup
from workflow.outcome import Outcome, closing_summary, failure_report, outcome_of, write_result
from workflow.progress import Progress

if TYPE_CHECKING:
    from workflow.local.deploy import Stack
    from workflow.local.runtime import LocalRuntime

PROJECT_DIR: Final = Path(__file__).parents[1]
TEMPLATE_PATH: Final = PROJECT_DIR / "template.yaml"
SAMPLE_PATH: Final = PROJECT_DIR / "data" / "abalone-sample.csv"
STACK_NAME: Final = "abalone-local"
_INPUT_PREFIX: Final = "input/"
# What an execution leaves in the bucket; the rest is its input and the job scripts.
_RESULT_PREFIXES: Final = ("preprocessing/", "training/", "evaluation/")


@dataclass(frozen=True)
class RunRequest:
    """The command's arguments, as they were given; see `workflow run --help`."""

    data: str | None
    execution_input: str
    execution_name: str | None
    output_dir: Path
    state_dir: Path
    fresh: bool
    result_path: Path | None


@dataclass(frozen=True)
class Plan:
    """A request whose arguments can be used.

    Attributes:
        objects: the raw data; the sample where the request names none.
    """

    request: RunRequest
    name: str
    execution_input: dict[str, Any]
    objects: list[InputObject]


def run(request: RunRequest) -> int:
    """Run one execution and report it; return 0 where it succeeded, else 1.

    Raises:
        WorkflowError: the arguments cannot be used, or the emulator cannot be set up.
    """
    execution_input = parse_execution_input(request.execution_input)
    if request.data is not None and "input_data_uri" in execution_input:
        raise ExecutionInputError(
            f"input_data_uri = {execution_input['input_data_uri']!r}: cannot stand beside --data, "
            "which sets it; leave one of them out"
        )
    name = request.execution_name or f"local-{datetime.datetime.now().astimezone():%Y%m%dT%H%M%S}"
    source = str(SAMPLE_PATH) if request.data is None else request.data
    with contextlib.ExitStack() as exits:
        # The slowest imports begin now, in processes of their own.
        warmup = Warmup()
        exits.callback(warmup.stop)
        warmup.build(TEMPLATE_PATH)
        objects = exits.enter_context(input_data.found(source))
        # From here on; an S3 URI of --data has been read with the user's own configuration.
        exits.enter_context(environment.isolated())
        screen = exits.enter_context(display())
        screen.note("starting an emulated AWS on this machine")
        outcome = _execute(Plan(request, name, execution_input, objects), warmup, screen)
    if request.result_path is not None:
        write_result(outcome, request.result_path)
    print(closing_summary(outcome) if outcome.succeeded else failure_report(outcome))
    return 0 if outcome.succeeded else 1


def parse_execution_input(text: str) -> dict[str, Any]:
    """Return the execution input of a command line: JSON, or @ and the path of a file of it.

    Raises:
        ExecutionInputError: it is not a JSON object, or the file cannot be read.
    """
    source = "--input"
    if text.startswith("@"):
        source = text[1:]
        try:
            text = Path(source).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ExecutionInputError(f"--input @{source}: cannot be read: {error}") from error
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ExecutionInputError(
            f"{source}: is not JSON ({error}); write it like '{{\"split_seed\": 7}}'"
        ) from error
    if not isinstance(value, dict):
        raise ExecutionInputError(f"{source}: must be a JSON object such as {{}}, got {text[:80]}")
    return value


def _execute(plan: Plan, warmup: Warmup, screen: Display) -> Outcome:
    # Imported here, while the warmed processes import what the jobs need. A collection would find
    # nothing among what is imported, and look through all of it again and again.
    gc.disable()
    from workflow import service_models

    with service_models.shared():
        from workflow.local.runtime import LocalRuntime

    gc.freeze()
    gc.enable()
    with LocalRuntime(warmup) as runtime:
        stack = runtime.deploy(TEMPLATE_PATH, stack_name=STACK_NAME)
        for logical_id, resource_type in stack.not_created:
            screen.note(f"not created here: {logical_id} ({resource_type})")
        _put_back_recorded_model(runtime, stack, plan, screen)
        state_machine_arn = stack.outputs["StateMachineArn"]
        execution_input = _with_input_data(runtime, stack, plan, screen)
        screen.note(f"execution {plan.name} of {state_machine_arn}")
        progress = Progress()

        def on_event(event: Any) -> None:
            progress.add(event)
            screen.show(progress.states)

        with _execution_errors():
            arn = runtime.start_execution(state_machine_arn, execution_input, name=plan.name)
        execution = runtime.wait(arn, on_event=on_event)
        files_dir = plan.request.output_dir / plan.name
        _take_files(runtime, stack, files_dir)
        outcome = outcome_of(
            execution,
            states=progress.states,
            jobs=runtime.jobs,
            messages=runtime.messages(),
            files_dir=files_dir,
            parameter_name=stack.outputs["ModelParameterName"],
        )
        _remember_recorded_model(runtime, plan, outcome)
        return outcome


def _put_back_recorded_model(
    runtime: "LocalRuntime", stack: "Stack", plan: Plan, screen: Display
) -> None:
    record = None if plan.request.fresh else recorded_model.recall(plan.request.state_dir)
    if record is None:
        return
    recorded_model.put_back(
        record,
        plan.request.state_dir,
        bucket_name=stack.outputs["BucketName"],
        role_arn=_role_arn(runtime, stack.resources["ModelRole"]),
        parameter_name=stack.outputs["ModelParameterName"],
        clients=runtime.client,
    )
    screen.note(f"in production, from {plan.request.state_dir}: {record.model_name}")


def _role_arn(runtime: "LocalRuntime", role_name: str) -> str:
    return str(runtime.client("iam").get_role(RoleName=role_name)["Role"]["Arn"])


def _remember_recorded_model(runtime: "LocalRuntime", plan: Plan, outcome: Outcome) -> None:
    if outcome.model_parameter_name is None or outcome.model_artifact is None:
        return
    recorded_model.remember(
        plan.request.state_dir,
        parameter_name=outcome.model_parameter_name,
        artifact_path=outcome.model_artifact,
        ssm=runtime.client("ssm"),
        sagemaker=runtime.client("sagemaker"),
    )


def _with_input_data(
    runtime: "LocalRuntime", stack: "Stack", plan: Plan, screen: Display
) -> dict[str, Any]:
    """Put the data where the execution will look for it and return its input.

    Without --data the execution's input stays as it is: the sample stands, in the emulated S3,
    for the public object that the stack's default names.
    """
    s3 = runtime.client("s3")
    if plan.request.data is None:
        bucket_name = f"sagemaker-example-files-prod-{runtime.region}"
        s3.create_bucket(Bucket=bucket_name)
        key = "datasets/tabular/uci_abalone/abalone.csv"
        s3.upload_file(str(plan.objects[0].path), bucket_name, key)
        screen.note(f"simulated rows of {SAMPLE_PATH.name} stand for s3://{bucket_name}/{key}")
        return plan.execution_input
    bucket_name = stack.outputs["BucketName"]
    for item in plan.objects:
        s3.upload_file(str(item.path), bucket_name, _INPUT_PREFIX + item.name)
    return plan.execution_input | {"input_data_uri": f"s3://{bucket_name}/{_INPUT_PREFIX}"}


def _take_files(runtime: "LocalRuntime", stack: "Stack", files_dir: Path) -> None:
    from workflow.local.objects import fetch

    s3 = runtime.client("s3")
    bucket_name = stack.outputs["BucketName"]
    for prefix in _RESULT_PREFIXES:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        for key in keys:
            if key.startswith(recorded_model.PREFIX):
                continue
            kind, _, rest = key.split("/", 2)
            path = files_dir / kind / rest
            path.parent.mkdir(parents=True, exist_ok=True)
            fetch(bucket_name, key, path, s3=s3)
    for job in runtime.jobs:
        for log_path in job.log_paths:
            log_name = f"{job.kind.arn_type}-{job.name}-{log_path.parent.name}.txt"
            target = files_dir / "logs" / log_name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(log_path.read_bytes() if log_path.exists() else b"")


@contextlib.contextmanager
def _execution_errors() -> Iterator[None]:
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        raise WorkflowError(
            f"the execution was not started: {details['Code']}: {details['Message']}"
        ) from error
