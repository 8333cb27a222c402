"""A release on this machine: the pipeline's stages against an emulated AWS."""

import contextlib
import datetime
import sys
import tempfile
import time
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workflow import approval, bucket_files
from workflow.errors import WorkflowError
from workflow.local import environment
from workflow.local.warmup import Warmup
from workflow.release import environments
from workflow.release.builds import Builds, Commands, check_tools
from workflow.release.execution import NOT_RUN, Ended, Execution, Perform, View
from workflow.release.manual import Approvals, ask_in_terminal
from workflow.release.pipeline import Pipeline, read_pipeline
from workflow.release.source import Commit, Source, head_of
from workflow.release.stacks import Stacks
from workflow.release.training import Training
from workflow.release.view import stage_view, table_text

if TYPE_CHECKING:
    from workflow.local.runtime import LocalRuntime

REGION: Final = "us-east-1"
_ACCOUNT_ID: Final = "123456789012"
_SAMPLE_PATH: Final = Path(__file__).parents[2] / "data" / "abalone-sample.csv"
_PIPELINE_NAME: Final = "pipeline.yaml"
# The template asks for a connection where the source comes from one; here it is the folder itself.
_STAND_INS: Final[Mapping[str, str]] = {
    "ConnectionArn": f"arn:aws:codeconnections:{REGION}:{_ACCOUNT_ID}:connection/"
    "00000000-0000-0000-0000-000000000000",
    "FullRepositoryId": "local/source",
}


@dataclass(frozen=True)
class Request:
    """The command's arguments; see `workflow release --help`.

    Attributes:
        is_approved: the answer to every approval; None asks.
        variables: the pipeline's, over their defaults.
        parameters: of the template, over those of samconfig.toml's table `pipeline`.
    """

    source_dir: Path
    is_approved: bool | None
    variables: Mapping[str, str]
    parameters: Mapping[str, str]
    offline: bool
    output_dir: Path
    keep: bool = False


@dataclass(frozen=True)
class Release:
    """What is released, how it was asked for, and where its files go."""

    request: Request
    commit: Commit
    pipeline: Pipeline
    output_dir: Path


@dataclass(frozen=True)
class Account:
    """The emulated account that is released to, from one release to the next.

    Attributes:
        stacks: keeps what was deployed.
    """

    runtime: "LocalRuntime"
    stacks: Stacks


def release(request: Request) -> int:
    """Run the pipeline once in a new account; return 0 where every stage succeeded, else 1.

    Raises:
        WorkflowError: the arguments cannot be used, or the pipeline asks for what is not known.
    """
    planned = plan(request)
    if request.is_approved is None and not sys.stdin.isatty():
        raise WorkflowError(
            "there is no terminal to ask in, and the pipeline asks; give --approve or --reject"
        )
    with contextlib.ExitStack() as exits:
        warmup = Warmup()
        exits.callback(warmup.stop)
        exits.enter_context(environment.isolated())
        view = exits.enter_context(stage_view())
        view.note("starting an emulated AWS on this machine; nothing was deployed to it before")
        from workflow.local.runtime import LocalRuntime

        runtime = exits.enter_context(LocalRuntime(warmup, region=REGION))
        work_dir = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="workflow-")))
        bucket_files.put_sample(runtime, _SAMPLE_PATH)
        account = Account(runtime, Stacks(runtime, work_dir))
        ended = release_to(account, planned, view)
        _tell_endpoints(runtime, view)
        if request.keep and ended.succeeded:
            _stay(runtime, view)
    print(_report(ended))
    return 0 if ended.succeeded else 1


def plan(request: Request) -> Release:
    """Find out what is released, by which pipeline; see `Request` for its parameters.

    Raises:
        WorkflowError: there is no commit, or the pipeline asks for what is not known here.
    """
    commit = head_of(request.source_dir)
    parameters = {**_sam_parameters(request.source_dir), **request.parameters}
    connection = {} if "SourceProvider" in parameters else _STAND_INS
    pipeline = read_pipeline(
        request.source_dir / _PIPELINE_NAME,
        {**connection, **parameters},
        pseudo_parameters={
            "AWS::AccountId": _ACCOUNT_ID,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackName": "pipeline",
            "AWS::URLSuffix": "amazonaws.com",
        },
    )
    check_tools(pipeline)
    return Release(request, commit, pipeline, request.output_dir.resolve() / _release_name(commit))


def release_to(
    account: Account, planned: Release, view: View, *, earlier: Ended | None = None
) -> Ended:
    """Run the pipeline once in an account; `earlier` is the last execution there.

    Raises:
        WorkflowError: the request cannot be carried out; a failed action is no error.
    """
    commit = planned.commit
    planned.output_dir.mkdir(parents=True)
    view.note(f"source: {commit.repository} at {commit.commit_id} ({commit.branch})")
    if commit.changed:
        view.note(f"{commit.changed} changed files are not committed, and so not released")
    view.note(f"artifacts, logs and reports: {planned.output_dir}")
    account.runtime.client("s3").create_bucket(Bucket=planned.pipeline.bucket_name)
    execution = Execution(
        planned.pipeline,
        str(uuid.uuid4()),
        variables=planned.request.variables,
        performers=_performers(account, planned, view),
        view=view,
        earlier=earlier,
    )
    return execution.run()


def _performers(account: Account, planned: Release, view: View) -> dict[str, Perform]:
    request, output_dir = planned.request, planned.output_dir
    source = Source(planned.commit, output_dir)
    prepare = (
        environments.offline(request.source_dir.resolve(), view.note)
        if request.offline
        else environments.fresh
    )
    decisions = {True: approval.APPROVED, False: approval.REJECTED, None: None}
    return {
        "CodeStarSourceConnection": source,
        "CodeCommit": source,
        "S3": source,
        "CodeBuild": Builds(planned.pipeline.projects, REGION, prepare, output_dir, view.note),
        "Commands": Commands(output_dir),
        "CloudFormation": account.stacks,
        "StepFunctions": Training(
            account.runtime,
            account.stacks.deployed,
            decisions[request.is_approved],
            view.note,
            output_dir,
        ),
        "Manual": Approvals(request.is_approved, ask_in_terminal, view.note),
    }


def _release_name(commit: Commit) -> str:
    now = datetime.datetime.now().astimezone()
    return f"release-{now:%Y%m%dT%H%M%S}-{commit.commit_id[:8]}-{uuid.uuid4().hex[:4]}"


def _sam_parameters(source_dir: Path) -> dict[str, str]:
    """Return the parameters that `sam deploy --config-env pipeline` would give."""
    path = source_dir / "samconfig.toml"
    if not path.exists():
        return {}
    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WorkflowError(f"{path}: cannot be read: {error}") from error
    for key in ("pipeline", "deploy", "parameters"):
        table = table.get(key, {})
    pairs = (item.partition("=") for item in table.get("parameter_overrides", []))
    return {name: value for name, _, value in pairs}


def _tell_endpoints(runtime: "LocalRuntime", view: View) -> None:
    """Say what serves now, whatever became of the release."""
    sagemaker = runtime.client("sagemaker")
    for item in sagemaker.list_endpoints()["Endpoints"]:
        endpoint = sagemaker.describe_endpoint(EndpointName=item["EndpointName"])
        config = sagemaker.describe_endpoint_config(
            EndpointConfigName=endpoint["EndpointConfigName"]
        )
        (variant,) = config["ProductionVariants"]
        view.note(
            f"endpoint {endpoint['EndpointName']}: {endpoint['EndpointStatus']}, model "
            f"{variant['ModelName']}, {runtime.serving_url(endpoint['EndpointName'])}"
        )


def _stay(runtime: "LocalRuntime", view: View) -> None:
    view.note("the emulated AWS stays up until Ctrl-C; in another terminal:")
    view.note(f"  export AWS_ENDPOINT_URL={runtime.endpoint_url} AWS_DEFAULT_REGION={REGION}")
    view.note("  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)


def _report(ended: Ended) -> str:
    # In a terminal the live table stays.
    table = "" if sys.stdout.isatty() else f"{table_text(ended.rows)}\n"
    if ended.failure is None:
        return f"\n{table}\nevery stage succeeded"
    run = {row.stage for row in ended.rows if row.status != NOT_RUN}
    not_run = dict.fromkeys(row.stage for row in ended.rows if row.stage not in run)
    lines = ["", table, f"failed      {ended.failure}"]
    if not_run:
        lines.append(f"not run     {', '.join(not_run)}")
    return "\n".join(lines)
