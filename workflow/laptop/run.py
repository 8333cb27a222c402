"""One execution of the deployed definition on this machine, from its arguments to its outcome."""

import contextlib
import datetime
import importlib
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pocketaws import Display, Warmup, display, isolated
from workflow.errors import ExecutionInputError
from workflow.laptop import bucket as bucket_files
from workflow.laptop import checks, held, input_data, warm, warm_runtime
from workflow.laptop import region as regions
from workflow.laptop.approval import NOBODY_TO_ASK
from workflow.laptop.emulated import Emulated
from workflow.laptop.ending import Ending
from workflow.laptop.execution_input import file_of, parse_execution_input
from workflow.laptop.input_data import InputObject
from workflow.laptop.outcome import (
    RunOutcome,
    outcome_of,
    report,
    write_result,
)
from workflow.laptop.stack import (
    REUSING,
    TEMPLATE_PATH,
    LocalWorkflow,
    deployed,
    import_emulator,
)
from workflow.project import project
from workflow.report.given import STARTED_BY, fields_given, flattened

# Of the name of an execution in a runtime in which others start some, too.
_OWN_CHARACTERS: Final = 4
CACHE: Final = "cache"
# Where a batch is put, and the data beside it: neither is below the other.
_BATCH_FOLDER: Final = "batches/"
_DATA_FOLDER: Final = "data/"
_ASKED_AT_THE_END: Final = ("logs", "sagemaker")


@dataclass(frozen=True)
class RunRequest:
    """The command's arguments, as they were given; see `workflow run --help`.

    Attributes:
        decision: answers an execution that waits for a person: Approved, Rejected, or None to ask.
        region: that is emulated; None is project.toml's.
        own: starts a runtime, though one may be up for this folder.
        reuses: whether jobs may be answered with what earlier ones made, unless the input says.
        batch: raw rows that the released model predicts for.
    """

    data: str | None
    execution_input: str
    execution_name: str | None
    output_dir: Path
    state_dir: Path
    fresh: bool
    result_path: Path | None
    decision: str | None = None
    region: str | None = None
    own: bool = False
    reuses: bool = True
    batch: Path | None = None


@dataclass(frozen=True)
class RunPlan:
    """A request whose arguments can be used.

    Attributes:
        folder: gets the execution's files, and has its name.
        objects: the raw data; the sample where the request names none.
        batch: the rows that are predicted for, if any.
    """

    request: RunRequest
    region: str
    folder: held.RunFolder
    execution_input: dict[str, Any]
    objects: list[InputObject]
    batch: InputObject | None = None


def run(request: RunRequest) -> int:
    """Run one execution and report it; return 0 where it succeeded, else 1.

    Raises:
        WorkflowError: the arguments cannot be used, or the emulator cannot be set up.
    """
    execution_input = parse_execution_input(request.execution_input)
    given = fields_given(execution_input)
    if request.data is not None and "input_data_uri" in given:
        raise ExecutionInputError(
            f"input_data_uri = {given['input_data_uri']!r}: cannot stand beside --data, "
            "which sets it; leave one of them out"
        )
    if request.batch is not None and "batch_data_uri" in given:
        raise ExecutionInputError(
            f"batch_data_uri = {given['batch_data_uri']!r}: cannot stand beside --batch, "
            "which sets it; leave one of them out"
        )
    if not request.reuses and given.get(CACHE, False) is not False:
        raise ExecutionInputError(
            f"{CACHE} = {given[CACHE]!r}: cannot stand beside --no-cache; leave one of them out"
        )
    _check_that_somebody_answers(request, given)
    checks.check_name(request.execution_name)
    checks.check_result(request.result_path, folders=(request.output_dir, request.state_dir))
    with Ending() as ending:
        outcome = _run(request, execution_input, ending)
        if request.result_path is not None:
            with ending.attempt(f"--result {request.result_path}"):
                write_result(outcome, request.result_path)
    return 0 if outcome.succeeded and not ending.failed else 1


def _run(request: RunRequest, execution_input: dict[str, Any], ending: Ending) -> RunOutcome:
    # Before anything starts; the project's own region is looked at while things begin.
    region = None if request.region is None else regions.checked(request.region, TEMPLATE_PATH)
    source = str(project().sample_path) if request.data is None else request.data
    batch = None if request.batch is None else input_data.batch_object(request.batch)
    emulated = region or project().region
    request = replace(request, state_dir=regions.state_dir_in(request.state_dir, emulated))
    notes: list[str] = []
    found = None
    if not request.own:
        found = warm.find(request.state_dir, emulated, fresh=request.fresh, note=notes.append)
    with contextlib.ExitStack() as exits:
        # The slowest imports begin now, in processes of their own.
        warmup = None if found else exits.enter_context(_warmed(emulated))
        if region is None:
            regions.checked(None, TEMPLATE_PATH)
        wait_for_checks = exits.enter_context(checks.asked(execution_input))
        beside = warmup.home_dir if warmup else None
        objects = exits.enter_context(input_data.open_objects(source, beside=beside))
        read = [item.path for item in (*objects, *([batch] if batch else []))]
        input_file = file_of(request.execution_input)
        checks.check_result_is_not_read(
            request.result_path, [*read, *([input_file] if input_file else [])]
        )
        if beside is not None:
            objects = exits.enter_context(input_data.copied_early(objects, beside))
        # From here on; an S3 URI of --data has been read with the user's own configuration.
        exits.enter_context(isolated())
        screen = exits.enter_context(display())
        for note in notes:
            screen.note(note)
        if found is None or not found.serves:
            exits.enter_context(held.state_folder(request.state_dir, "workflow run", screen.note))
        folder = exits.enter_context(_run_folder(request, is_shared=found is not None))
        if warmup:
            import_emulator(screen)
        wait_for_checks()
        plan = RunPlan(request, emulated, folder, execution_input, objects, batch)
        if found:
            workflow = exits.enter_context(warm_runtime.used(found, screen, objects))
            run_in = _execute if found.serves else _execute_keeping
            return run_in(plan, workflow, ending)
        assert warmup is not None, "nothing was found"  # noqa: S101
        own = exits.enter_context(
            deployed(
                warmup,
                screen,
                stack_name=project().local_stack_name,
                region=emulated,
                parameters=REUSING,
            )
        )
        return _execute_keeping(plan, own, ending)


@contextlib.contextmanager
def _warmed(region: str) -> Iterator[Warmup]:
    warmup = Warmup()
    try:
        warmup.build(TEMPLATE_PATH, region)
        yield warmup
    finally:
        warmup.stop()


def _check_that_somebody_answers(request: RunRequest, given: dict[str, Any]) -> None:
    required = given.get("approval") == "required"
    if required and request.decision is None and not sys.stdin.isatty():
        raise ExecutionInputError(f'approval = "required": {NOBODY_TO_ASK}')


def _run_folder(
    request: RunRequest, *, is_shared: bool
) -> contextlib.AbstractContextManager[held.RunFolder]:
    """Make the folder, whose name is the execution's; one of its own where others name theirs."""
    now = datetime.datetime.now().astimezone()
    own = f"-{uuid.uuid4().hex[:_OWN_CHARACTERS]}" if is_shared else ""
    name = request.execution_name or f"local-{now:%Y%m%dT%H%M%S}{own}"
    return held.run_folder(request.output_dir, name, numbered=request.execution_name is None)


def _execute_keeping(
    plan: RunPlan, workflow: LocalWorkflow[Emulated], ending: Ending
) -> RunOutcome:
    """Execute with the model of the state folder in production, and keep there what is recorded."""
    state_dir = plan.request.state_dir
    workflow.put_back_recorded_model(state_dir, fresh=plan.request.fresh)
    workflow.leave_out_reports_of_ends()
    reuses = plan.request.reuses
    if reuses:
        workflow.put_back_cached_outputs(state_dir)
    with ThreadPoolExecutor(1) as beside:
        keeping: list[Future[None]] = []

        def keep(outcome: RunOutcome) -> None:
            if outcome.kept_outputs and not keeping:
                keeping.append(beside.submit(workflow.remember_cached_outputs, state_dir))

        # The disk writes, and checksums are made, while the record and the report are.
        outcome = _execute(plan, workflow, ending, before_record=keep)
        if outcome.model_parameter_name is not None:
            with ending.attempt(f"the recorded model, to {state_dir}"):
                workflow.remember_recorded_model(state_dir)
        keep(outcome)
        for kept in keeping:
            with ending.attempt(f"what the jobs made, to {state_dir}"):
                kept.result()
    return outcome


def _execute(
    plan: RunPlan,
    workflow: LocalWorkflow[Emulated],
    ending: Ending,
    *,
    before_record: Callable[[RunOutcome], None] | None = None,
) -> RunOutcome:
    request, files_dir = plan.request, plan.folder.path
    preparing = threading.Thread(target=_prepare_end, args=(workflow.runtime,), daemon=True)
    preparing.start()
    try:
        ended = workflow.run(
            files_dir.name,
            _with_data(plan, workflow),
            decision=request.decision,
            state_dir=request.state_dir,
        )
    finally:
        preparing.join()
    from workflow.laptop.run_record import last_document, prefixes_of, write_record

    outcome = outcome_of(
        ended.execution,
        states=ended.states,
        jobs=ended.jobs,
        messages=ended.messages,
        files_dir=files_dir,
        parameter_name=workflow.stack.outputs["ModelParameterName"],
        document=last_document(ended.events),
    )
    ending.report = lambda: report(outcome)
    with ending.attempt(f"the files of the execution, to {files_dir}"):
        taken = bucket_files.take_files(
            workflow.runtime,
            workflow.bucket_name,
            files_dir,
            prefixes=prefixes_of(ended.events),
            jobs=ended.jobs,
        )
        _tell_changed(taken, workflow.screen)
        outcome = replace(outcome, predictions=_predictions(taken))
        if before_record is not None:
            before_record(outcome)
        with ending.attempt("the record of the execution"):
            outcome = replace(outcome, **write_record(ended, workflow, taken, files_dir))
        plan.folder.is_complete = True
    return outcome


def _prepare_end(runtime: Emulated) -> None:
    """Get ready what is needed after the execution while it runs, so that its end need not wait.

    That is what writes the report, and clients, of which each reads its service's description.
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("workflow.laptop.run_record")
        importlib.import_module("fast_sugiyama")
    for service in _ASKED_AT_THE_END:
        runtime.client(service)


def _predictions(taken: bucket_files.Taken) -> list[Path]:
    """Return the files of a batch's predictions; docs/execution-input.md says what is in them."""
    return sorted(
        path
        for key, path in taken.objects.items()
        if key.startswith("batch/") and key.endswith(".out")
    )


def _tell_changed(taken: bucket_files.Taken, screen: Display) -> None:
    for key, path in taken.changed.items():
        screen.note(f"the object {key} stands in {path}: its key cannot be a path there")


def _with_data(plan: RunPlan, workflow: LocalWorkflow[Emulated]) -> dict[str, Any]:
    """Put the data where the execution will look for it and return its input.

    Without --data the sample stands, in the emulated S3, for the public object that the stack's
    default names. The input says that this command started the execution, unless it says who did,
    and has what the command's options say; nothing else, since it is shown as what the user set.
    """
    said = {STARTED_BY: "workflow run"} | ({} if plan.request.reuses else {CACHE: False})
    given = flattened(plan.execution_input)
    execution_input = {
        name: value for name, value in said.items() if name not in given
    } | plan.execution_input
    if plan.batch is not None:
        # Apart from those of others, who may run in the same runtime.
        folder = f"{_BATCH_FOLDER}{plan.folder.path.name}/"
        execution_input |= workflow.put_batch(plan.batch, folder=folder)
    if plan.request.data is None:
        workflow.put_sample(plan.objects[0].path)
        return execution_input
    folder = "" if plan.batch is None else _DATA_FOLDER
    return execution_input | workflow.put_input_data(plan.objects, folder=folder)
