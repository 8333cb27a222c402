"""One execution of the deployed definition on this machine, from its arguments to its outcome."""

import contextlib
import datetime
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from pocketaws import Warmup, display, isolated
from workflow.errors import ExecutionInputError
from workflow.laptop import checks, held, input_data, warm, warm_runtime
from workflow.laptop import region as regions
from workflow.laptop.approval import NOBODY_TO_ASK
from workflow.laptop.ending import Ending
from workflow.laptop.execution_input import file_of, parse_execution_input
from workflow.laptop.outcome import RunOutcome, write_result
from workflow.laptop.run_execution import CACHE, RunPlan, RunRequest, execute, execute_keeping
from workflow.laptop.stack import (
    REUSING,
    TEMPLATE_PATH,
    deployed,
    import_emulator,
)
from workflow.project import project
from workflow.report.given import fields_given

# Of the name of an execution in a runtime in which others start some, too.
_OWN_CHARACTERS: Final = 4


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
    checks.check_tuning(given)
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
        batch_path = None if batch is None else batch.path
        wait_for_checks = exits.enter_context(checks.asked(execution_input, batch_path=batch_path))
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
            run_in = execute if found.serves else execute_keeping
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
        return execute_keeping(plan, own, ending)


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
