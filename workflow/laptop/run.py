"""One execution of the deployed definition on this machine, from its arguments to its outcome."""

import contextlib
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketaws import Display, Warmup, display, isolated, plain
from workflow.errors import ExecutionInputError
from workflow.laptop import bucket as bucket_files
from workflow.laptop import checks, held, input_data
from workflow.laptop.execution_input import parse_execution_input
from workflow.laptop.input_data import InputObject
from workflow.laptop.outcome import (
    Outcome,
    closing_summary,
    failure_report,
    outcome_of,
    write_result,
)
from workflow.laptop.stack import TEMPLATE_PATH, LocalWorkflow, deployed, import_emulator
from workflow.project import project


@dataclass(frozen=True)
class RunRequest:
    """The command's arguments, as they were given; see `workflow run --help`.

    `decision` answers an execution that waits for a person: Approved, Rejected, or None to ask.
    """

    data: str | None
    execution_input: str
    execution_name: str | None
    output_dir: Path
    state_dir: Path
    fresh: bool
    result_path: Path | None
    decision: str | None = None


@dataclass(frozen=True)
class Plan:
    """A request whose arguments can be used.

    Attributes:
        files_dir: gets the execution's files, and has its name.
        objects: the raw data; the sample where the request names none.
    """

    request: RunRequest
    files_dir: Path
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
    checks.check_name(request.execution_name)
    checks.check_result(request.result_path)
    source = str(project().sample_path) if request.data is None else request.data
    with contextlib.ExitStack() as exits:
        # The slowest imports begin now, in processes of their own.
        warmup = Warmup()
        exits.callback(warmup.stop)
        warmup.build(TEMPLATE_PATH)
        wait_for_checks = exits.enter_context(checks.asked(execution_input))
        objects = exits.enter_context(input_data.found(source))
        # From here on; an S3 URI of --data has been read with the user's own configuration.
        exits.enter_context(isolated())
        screen = exits.enter_context(display())
        exits.enter_context(held.state_folder(request.state_dir, "workflow run", screen.note))
        files_dir = exits.enter_context(_run_folder(request))
        screen.note("starting an emulated AWS on this machine")
        import_emulator()
        wait_for_checks()
        outcome = _execute(Plan(request, files_dir, execution_input, objects), warmup, screen)
    if request.result_path is not None:
        write_result(outcome, request.result_path)
    print(plain(closing_summary(outcome) if outcome.succeeded else failure_report(outcome)))
    return 0 if outcome.succeeded else 1


def _run_folder(request: RunRequest) -> contextlib.AbstractContextManager[Path]:
    now = datetime.datetime.now().astimezone()
    name = request.execution_name or f"local-{now:%Y%m%dT%H%M%S}"
    return held.run_folder(request.output_dir, name, numbered=request.execution_name is None)


def _execute(plan: Plan, warmup: Warmup, screen: Display) -> Outcome:
    request = plan.request
    with deployed(warmup, screen, stack_name=project().local_stack_name) as workflow:
        if not request.fresh:
            workflow.put_back_recorded_model(request.state_dir)
        ended = workflow.run(
            plan.files_dir.name, _with_data(plan, workflow), decision=request.decision
        )
        changed = bucket_files.take_files(workflow.runtime, workflow.bucket_name, plan.files_dir)
        for key, path in changed.items():
            screen.note(f"the object {key} stands in {path}: its key cannot be a path there")
        outcome = outcome_of(
            ended.execution,
            states=ended.states,
            jobs=workflow.runtime.jobs,
            messages=workflow.runtime.messages(),
            files_dir=plan.files_dir,
            parameter_name=workflow.stack.outputs["ModelParameterName"],
        )
        if outcome.model_parameter_name is not None:
            workflow.remember_recorded_model(request.state_dir)
        return outcome


def _with_data(plan: Plan, workflow: LocalWorkflow) -> dict[str, Any]:
    """Put the data where the execution will look for it and return its input.

    Without --data the execution's input stays as it is: the sample stands, in the emulated S3,
    for the public object that the stack's default names.
    """
    if plan.request.data is None:
        workflow.put_sample(plan.objects[0].path)
        return plan.execution_input
    return plan.execution_input | workflow.put_input_data(plan.objects)
