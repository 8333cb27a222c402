"""One execution in an emulated AWS that is there: with its data before, and its files after it."""

import contextlib
import importlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pocketaws import Display
from workflow.laptop import bucket as bucket_files
from workflow.laptop import held
from workflow.laptop.emulated import Emulated
from workflow.laptop.ending import Ending
from workflow.laptop.input_data import InputObject
from workflow.laptop.outcome import RunOutcome, outcome_of, report
from workflow.laptop.stack import LocalWorkflow
from workflow.report.given import STARTED_BY, flattened

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


def execute_keeping(plan: RunPlan, workflow: LocalWorkflow[Emulated], ending: Ending) -> RunOutcome:
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
        outcome = execute(plan, workflow, ending, before_record=keep)
        if outcome.model_parameter_name is not None:
            with ending.attempt(f"the recorded model, to {state_dir}"):
                workflow.remember_recorded_model(state_dir)
        keep(outcome)
        for kept in keeping:
            with ending.attempt(f"what the jobs made, to {state_dir}"):
                kept.result()
    return outcome


def execute(
    plan: RunPlan,
    workflow: LocalWorkflow[Emulated],
    ending: Ending,
    *,
    before_record: Callable[[RunOutcome], None] | None = None,
) -> RunOutcome:
    """Execute, and leave the files and the record of the execution in its folder.

    Args:
        plan: what to execute, and where its files go.
        workflow: the deployed stack.
        ending: is told how the execution ended, and what failed after it.
        before_record: is called once the files are taken, before the record is written.
    """
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
