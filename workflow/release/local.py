"""A release on this machine: the pipeline's stages against an emulated AWS."""

import contextlib
import datetime
import functools
import sys
import time
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pocketaws import Warmup, isolated, partition_of, shell_lines, signs_of_life
from workflow.errors import WorkflowError
from workflow.laptop import approval, held, input_data
from workflow.laptop import region as regions
from workflow.laptop.bucket import make_bucket
from workflow.laptop.ending import Ending
from workflow.laptop.endpoint import ENDPOINT_TEMPLATE_PATH
from workflow.laptop.input_data import InputObject
from workflow.laptop.stack import TEMPLATE_PATH
from workflow.project import project
from workflow.release import environments, kept
from workflow.release.builds import Builds, Commands, check_tools
from workflow.release.endpoints import tell_endpoints
from workflow.release.execution import NOT_RUN, Perform, PipelineEnd, PipelineExecution, View
from workflow.release.identities import RoleSessions
from workflow.release.manual import Approvals, ask_in_terminal
from workflow.release.pipeline import Pipeline, read_pipeline
from workflow.release.source import Commit, Source, head_of
from workflow.release.stacks import Stacks
from workflow.release.training import Training
from workflow.release.view import stage_view, table_text
from workflow.template import ACCOUNT_ID, pseudo_parameters

if TYPE_CHECKING:
    from pocketaws import LocalRuntime

_PIPELINE_NAME: Final = "pipeline.yaml"
# What it deploys.
_DEPLOYED_NAMES: Final = (TEMPLATE_PATH.name, ENDPOINT_TEMPLATE_PATH.name)


@dataclass(frozen=True)
class ReleaseRequest:
    """The command's arguments; see `workflow release --help`.

    Attributes:
        is_approved: the answer to every approval; None asks.
        variables: the pipeline's, over their defaults.
        parameters: of the template, over those of samconfig.toml's table `pipeline`.
        data: a path or S3 URI, as of `workflow run`; None takes the sample.
        state_dir: keeps what a release that succeeded left; None keeps nothing.
        fresh: whether to leave out what was kept.
        region: that is emulated; None is project.toml's.
    """

    source_dir: Path
    is_approved: bool | None
    variables: Mapping[str, str]
    parameters: Mapping[str, str]
    offline: bool
    output_dir: Path
    state_dir: Path | None = None
    fresh: bool = False
    keep: bool = False
    data: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Release:
    """What is released, how it was asked for, and where its files go.

    Attributes:
        pipeline_text: of the pipeline's template.
        parameters: that it was read with.
        data: stands for what the deployed workflow reads by default.
    """

    request: ReleaseRequest
    region: str
    commit: Commit
    pipeline: Pipeline
    pipeline_text: str
    parameters: Mapping[str, str]
    output_dir: Path
    data: Sequence[InputObject]


def release(request: ReleaseRequest) -> int:
    """Run the pipeline once; return 0 where every stage succeeded, else 1.

    The account is a new one, with what the last release that succeeded has left in it.

    Raises:
        WorkflowError: the arguments cannot be used, or the pipeline asks for what is not known.
    """
    planned = plan(request)
    request = planned.request
    if request.is_approved is None and not sys.stdin.isatty():
        raise WorkflowError(
            "there is no terminal to ask in, and the pipeline asks; give --approve or --reject"
        )
    with contextlib.ExitStack() as exits:
        ending = exits.enter_context(Ending())
        exits.enter_context(_state_held(request))
        before = _kept_before(planned)
        folder = exits.enter_context(_output_held(planned.output_dir))
        warmup = Warmup()
        exits.callback(warmup.stop)
        if request.data is not None:
            # An S3 URI is read with the user's own configuration.
            opened = input_data.open_objects(request.data, beside=warmup.home_dir)
            planned = replace(planned, data=exits.enter_context(opened))
        exits.enter_context(isolated())
        view = exits.enter_context(stage_view())
        empty = "" if before else "; nothing was deployed to it before"
        view.note(f"starting an emulated AWS on this machine{empty}")
        with signs_of_life(view.note, "still starting"):
            from pocketaws import LocalRuntime, additions_beside

            additions = additions_beside(request.source_dir)
            runtime = exits.enter_context(
                LocalRuntime(warmup, region=planned.region, additions=additions)
            )
        earlier = None if before is None else _put_back(before, planned, runtime, view)
        ended = release_to(runtime, planned, view, earlier=earlier)
        folder.is_complete = True
        ending.report = lambda: _report(ended)
        if ended.succeeded and request.state_dir is not None:
            with ending.attempt(f"what the release left, to {request.state_dir}"):
                kept.keep(request.state_dir, _succeeded(planned, ended), runtime)
        with ending.attempt("the endpoints"):
            tell_endpoints(runtime, view)
        if request.keep and ended.succeeded:
            _stay(runtime, view)
    return 0 if ended.succeeded and not ending.failed else 1


def _state_held(request: ReleaseRequest) -> contextlib.AbstractContextManager[object]:
    if request.state_dir is None:
        return contextlib.nullcontext()
    return held.state_folder(request.state_dir, "workflow release", _say, stays=request.keep)


def _output_held(folder: Path) -> contextlib.AbstractContextManager[held.RunFolder]:
    # It holds clones of thousands of files; what the next command needs is in the state folder.
    return held.run_folder(folder.parent, folder.name, numbered=False, synced=False)


def _say(line: str) -> None:
    print(line, flush=True)


def _kept_before(planned: Release) -> kept.KeptRelease | None:
    request = planned.request
    if request.state_dir is None or request.fresh:
        return None
    return kept.recall(request.state_dir, planned.commit.repository, _reader(planned.region))


def _put_back(
    before: kept.KeptRelease, planned: Release, runtime: "LocalRuntime", view: View
) -> PipelineEnd | None:
    """Put back what was kept; return the execution that stages can be rolled back to."""
    kept.put_back(before, _performers(runtime, planned, view), runtime, view)
    earlier = before.earlier(planned.pipeline)
    if earlier is None:
        view.note("the pipeline has changed since, so no stage can be rolled back to that release")
    return earlier


def _succeeded(planned: Release, ended: PipelineEnd) -> kept.Succeeded:
    return kept.Succeeded(
        repository=planned.commit.repository,
        commit_id=planned.commit.commit_id,
        pipeline=planned.pipeline,
        pipeline_text=planned.pipeline_text,
        parameters=planned.parameters,
        ended=ended,
    )


def plan(request: ReleaseRequest) -> Release:
    """Find out what is released, by which pipeline; see `Request` for its parameters.

    Raises:
        WorkflowError: there is no commit, or the pipeline asks for what is not known here.
    """
    commit = head_of(request.source_dir)
    paths = [request.source_dir / name for name in _DEPLOYED_NAMES]
    region = regions.checked(request.region, *filter(Path.is_file, paths))
    if request.state_dir is not None:
        state_dir = regions.state_dir_in(request.state_dir, region)
        request = replace(request, state_dir=state_dir)
    given = {**_sam_parameters(request.source_dir), **request.parameters}
    parameters = {**({} if "SourceProvider" in given else _stand_ins(region)), **given}
    path = request.source_dir / _PIPELINE_NAME
    pipeline = _reader(region)(path, parameters)
    check_tools(pipeline)
    output_dir = request.output_dir.resolve() / _release_name(commit)
    text = path.read_text(encoding="utf-8")
    sample = project().sample_path
    data = [InputObject(sample.name, sample)]
    return Release(request, region, commit, pipeline, text, parameters, output_dir, data)


def _reader(region: str) -> kept.ReadPipeline:
    pseudo = pseudo_parameters(region, "pipeline")
    return functools.partial(read_pipeline, pseudo_parameters=pseudo)


def _stand_ins(region: str) -> dict[str, str]:
    """Return parameters for a connection that the source comes from; here it is the folder."""
    place = f"arn:{partition_of(region)}:codeconnections:{region}:{ACCOUNT_ID}"
    return {
        "ConnectionArn": f"{place}:connection/{uuid.UUID(int=0)}",
        "FullRepositoryId": "local/source",
    }


def release_to(
    runtime: "LocalRuntime", planned: Release, view: View, *, earlier: PipelineEnd | None = None
) -> PipelineEnd:
    """Run the pipeline once in an emulated account; `earlier` is the last execution there.

    Raises:
        WorkflowError: the request cannot be carried out; a failed action is no error.
    """
    commit = planned.commit
    planned.output_dir.mkdir(parents=True, exist_ok=True)
    view.note(f"source: {commit.repository} at {commit.commit_id} ({commit.branch})")
    if commit.changed:
        view.note(f"{commit.changed} changed files are not committed, and so not released")
    view.note(f"artifacts, logs and reports: {planned.output_dir}")
    make_bucket(runtime, planned.pipeline.bucket_name)
    execution = PipelineExecution(
        planned.pipeline,
        str(uuid.uuid4()),
        variables=planned.request.variables,
        performers=_performers(runtime, planned, view),
        view=view,
        earlier=earlier,
    )
    return execution.run()


def _performers(runtime: "LocalRuntime", planned: Release, view: View) -> dict[str, Perform]:
    request, output_dir = planned.request, planned.output_dir
    planned.pipeline.roles.make(runtime)
    identities = RoleSessions(runtime)
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
        "CodeBuild": Builds(
            planned.pipeline.projects, identities, planned.region, prepare, output_dir, view.note
        ),
        "Commands": Commands(identities, output_dir),
        "CloudFormation": Stacks(identities),
        "StepFunctions": Training(
            runtime,
            identities,
            decisions[request.is_approved],
            view.note,
            view.ask,
            output_dir,
            planned.data,
        ),
        "Manual": Approvals(request.is_approved, ask_in_terminal, view.note, view.ask),
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


def _stay(runtime: "LocalRuntime", view: View) -> None:
    view.note("the emulated AWS stays up until Ctrl-C; in another terminal:")
    say_how_to_reach(runtime, view)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)


def say_how_to_reach(runtime: "LocalRuntime", view: View) -> None:
    """Show what a shell carries out to reach the emulated AWS."""
    for line in shell_lines(runtime.exported):
        view.note(f"  {line}")


def _report(ended: PipelineEnd) -> str:
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
