"""The matrix run for real: several executions at once, each meeting its own faults only.

A timeout of the deployed definition is a minute and more. The cases that wait for one run in a
second state machine, whose definition is the deployed one with nothing changed but the timeouts:
each is short, and given as TimeoutSeconds where it comes by path.
"""

import json
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution, execution_of
from tests.conftest import SAMPLE_PATH
from tests.functional.fault_matrix.account import Account, account
from tests.functional.fault_matrix.cases import THE_SAME_ROWS, Case
from tests.functional.fault_matrix.faults import SHORT_TIMEOUT_SECONDS, What
from tests.functional.report_sources import differences, history_of
from tests.functional.told import told_of
from tests.functional.unreported import unreported
from tests.pages import read_all
from workflow.report.in_account import record_in_account

_PACKAGE_ARN: Final = re.compile(r"^Model package: (arn:\S+)$", re.MULTILINE)
# As many as a model needs to be judged by.
_ROWS: Final = 600
_FAILED: Final = ("failed", "caught", "timed out", "stopped")
_AT_ONCE: Final = 8
_WAITING_AT_ONCE: Final = 5
_LOOK_SECONDS: Final = 0.2
_JOB_SECONDS: Final = 60
_TOLD_SECONDS: Final = 120
# Good enough for any model, and quick; a Choice's turn may ask for something else.
_BASE_INPUT: Final[Mapping[str, Any]] = {
    "max_mse": 1000.0,
    "max_mse_increase": 10.0,
    "if_not_comparable": "max_mse",
    "hyperparameters": {"num_round": 2},
}


@dataclass(frozen=True)
class Outcome:
    """How a case ended; `problems` says what is not as designed, and is empty where all is."""

    case: Case
    label: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """How the matrix ended.

    Attributes:
        strangers: changes of the account that belong to none of the cases.
    """

    outcomes: tuple[Outcome, ...]
    strangers: tuple[str, ...]

    @property
    def problems(self) -> list[str]:
        """What is not as designed in any of the cases."""
        return [
            f"{outcome.case.state} | {outcome.case.what}: {problem}"
            for outcome in self.outcomes
            for problem in outcome.problems
        ]


def run_matrix(runtime: LocalRuntime, stack: Stack, cases: Sequence[Case]) -> Report:
    """Run every case on a stack that has released a model, and look at what each left behind."""
    base_input = {"input_data_uri": _put_rows(runtime, stack), **_BASE_INPUT}
    deployed = stack.outputs["StateMachineArn"]
    machines = {
        case.name: _short_of_time(runtime, deployed, case.state)
        if case.what is What.TIMEOUT
        else deployed
        for case in cases
    }
    runtime.run(deployed, {**base_input, "cache": True})
    before = account(runtime, stack)
    with unreported(runtime, stack):
        executions = _Executions(runtime, machines, base_input).run(cases)
        _wait_until_told(runtime, cases)
    after = account(runtime, stack)
    names = [case.name for case in cases]
    # What is malformed fails who reads it.
    failing = {
        case.state: case
        for case in cases
        if case.expected.status == "FAILED" and case.what is not What.MALFORMED
    }
    untold = {
        case.name: tuple(_untold(runtime, case, executions[case.name])) for case in failing.values()
    }
    return Report(
        outcomes=tuple(
            _outcome(runtime, case, executions[case.name], before, after, untold.get(case.name, ()))
            for case in cases
        ),
        strangers=tuple(after.strangers(before, execution_names=names)),
    )


def _put_rows(runtime: LocalRuntime, stack: Stack) -> str:
    rows = SAMPLE_PATH.read_bytes().splitlines(keepends=True)[:_ROWS]
    bucket_name, key = stack.outputs["BucketName"], "input/faults/abalone.csv"
    runtime.client("s3").put_object(Bucket=bucket_name, Key=key, Body=b"".join(rows))
    return f"s3://{bucket_name}/{key}"


def _short_of_time(runtime: LocalRuntime, state_machine_arn: str, state_name: str) -> str:
    """Make a machine of which one state has little time; the others have theirs, however busy."""
    step_functions = runtime.client("stepfunctions")
    described = step_functions.describe_state_machine(stateMachineArn=state_machine_arn)
    machine = json.loads(described["definition"])
    state = machine["States"][state_name]
    state.pop("TimeoutSecondsPath", None)
    state["TimeoutSeconds"] = SHORT_TIMEOUT_SECONDS
    created = step_functions.create_state_machine(
        name=f"{described['name']}-{time.time_ns():x}",
        definition=json.dumps(machine),
        roleArn=described["roleArn"],
    )
    return str(created["stateMachineArn"])


class _Executions:
    """Runs executions side by side.

    Not by `LocalRuntime.wait`, of which every one would look at every event of all the others.
    """

    def __init__(
        self,
        runtime: LocalRuntime,
        machines: Mapping[str, str],
        base_input: Mapping[str, Any],
    ) -> None:
        self._runtime = runtime
        self._step_functions = runtime.client("stepfunctions")
        self._machines = machines
        self._base_input = base_input
        self._running: dict[str, Case] = {}
        self._answered: set[str] = set()

    def run(self, cases: Sequence[Case]) -> dict[str, Execution]:
        """Return the executions by name, all ended."""
        # Those that wait for a timeout do so while others work.
        slow = deque(case for case in cases if case.what is What.TIMEOUT)
        quick = deque(case for case in cases if case.what is not What.TIMEOUT)
        self._runtime.faults.extend(fault for case in cases for fault in case.faults)
        executions: dict[str, Execution] = {}
        try:
            while slow or quick or self._running:
                self._fill(slow, _WAITING_AT_ONCE, are_slow=True)
                self._fill(quick, _AT_ONCE, are_slow=False)
                time.sleep(_LOOK_SECONDS)
                self._answer()
                executions |= self._ended()
        finally:
            self._runtime.faults.clear()
        return executions

    def _fill(self, waiting: deque[Case], at_once: int, *, are_slow: bool) -> None:
        running = sum((case.what is What.TIMEOUT) == are_slow for case in self._running.values())
        while waiting and running < at_once:
            self._start(waiting.popleft())
            running += 1

    def _start(self, case: Case) -> None:
        rows = self._base_input["input_data_uri"]
        own = {
            name: rows if value == THE_SAME_ROWS else value
            for name, value in case.execution_input.items()
        }
        execution_input = {**self._base_input, **own}
        arn = self._runtime.start_execution(
            self._machines[case.name], execution_input, name=case.name
        )
        self._running[arn] = case

    def _ended(self) -> dict[str, Execution]:
        still = {
            item["executionArn"]
            for machine in {self._machines[case.name] for case in self._running.values()}
            for item in read_all(
                self._step_functions,
                "list_executions",
                stateMachineArn=machine,
                statusFilter="RUNNING",
            )["executions"]
        }
        ended = {}
        for arn in self._running.keys() - still:
            described = self._step_functions.describe_execution(executionArn=arn)
            ended[self._running.pop(arn).name] = execution_of(described)
        return ended

    def _answer(self) -> None:
        """Decide, in the registry, for those who are asked; each execution asks once."""
        for arn, case in self._running.items():
            if not case.questions or case.answer is None or arn in self._answered:
                continue
            for package_arn in _PACKAGE_ARN.findall("".join(_texts(self._runtime, case))):
                self._answered.add(arn)
                self._runtime.client("sagemaker").update_model_package(
                    ModelPackageArn=package_arn, ModelApprovalStatus=case.answer
                )
                break


def _texts(runtime: LocalRuntime, case: Case) -> list[str]:
    return [message.text for message in told_of(runtime, case.name)]


def _wait_until_told(runtime: LocalRuntime, cases: Sequence[Case]) -> None:
    """Wait for the messages about executions that could not send them themselves."""
    deadline = time.monotonic() + _TOLD_SECONDS
    for case in cases:
        while case.tells and time.monotonic() < deadline:
            if len(_texts(runtime, case)) >= case.questions + case.tells:
                break
            time.sleep(_LOOK_SECONDS)


def _outcome(
    runtime: LocalRuntime,
    case: Case,
    execution: Execution,
    before: Account,
    after: Account,
    untold: tuple[str, ...],
) -> Outcome:
    problems = (
        *_differences(runtime, case, execution),
        *_left_behind(runtime, case, execution, before, after),
        *untold,
    )
    return Outcome(case, label_of(execution.status, execution.error), problems)


def _untold(runtime: LocalRuntime, case: Case, execution: Execution) -> Iterator[str]:
    """Say what the record of an execution, as its report shows it, has wrong."""
    record = record_in_account(execution.arn, runtime.client)
    yield from differences(runtime, record)
    failed = [state.name for state in record.states if state.status in _FAILED]
    kinds = {"Model rejected": "rejected", "Model not approved": "refused"}
    kind = kinds.get(record.states[-1].name, "failed")
    if record.verdict.kind != kind:
        yield f"the verdict is {record.verdict.kind}, and it went on to {record.states[-1].name}"
    if case.state not in failed or (kind == "failed" and record.verdict.state_name not in failed):
        yield f"the report has {failed} as failed, and names {record.verdict.state_name}"


def label_of(status: str, error: str | None) -> str:
    """Return an execution's end in a word: the error, or that the model was released."""
    return "released" if status == "SUCCEEDED" else error or status


def _failures(runtime: LocalRuntime, execution: Execution) -> Iterator[str]:
    """Yield the errors of an execution's history, with their causes."""
    for event in history_of(runtime, execution.arn):
        for details in (value for value in event.values() if isinstance(value, dict)):
            if "error" in details:
                yield f"{event['type']} {details['error']}: {details.get('cause', '')[:300]}"


def _differences(runtime: LocalRuntime, case: Case, execution: Execution) -> Iterator[str]:
    expected = case.expected
    if (execution.status, execution.error) != (expected.status, expected.error):
        yield (
            f"ended as {execution.status} {execution.error or ''} ({execution.cause}), designed "
            f"is {expected.status} {expected.error or ''}; what failed: "
            f"{list(_failures(runtime, execution))}"
        )
    if case.times_left is not None and case.faults[-1].times != case.times_left:
        more = case.times_left - case.faults[-1].times
        yield f"the fault hit {abs(more)} calls {'more' if more > 0 else 'fewer'} than designed"
    sent = [text.partition("\n")[0] for text in _texts(runtime, case)]
    if len(sent) != case.questions + case.tells:
        yield (
            f"sent {sent}, designed are {case.tells} messages that tell the end and "
            f"{case.questions} that ask"
        )


def _left_behind(
    runtime: LocalRuntime, case: Case, execution: Execution, before: Account, after: Account
) -> Iterator[str]:
    written = after.written_by(before, execution.arn)
    if written and not case.records:
        yield f"wrote versions {[version.number for version in written]} of the parameter"
    approved = after.approved_for(before, execution.arn)
    if approved and not case.approves:
        yield f"left {approved} approved"
    for job in runtime.jobs:
        if f"{case.name}-" in job.name and not job.ended.wait(_JOB_SECONDS):
            yield f"left {job.name} running"
