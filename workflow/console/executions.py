"""The workflow's executions: listed, looked at, started and answered."""

import datetime
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.account import aws, executions
from workflow.console.watched import Watched
from workflow.definition import names
from workflow.errors import WorkflowError
from workflow.report.given import STARTED_BY, fields_given
from workflow.report.in_account import record_in_account, row_in_account
from workflow.report.record import Record
from workflow.report.rows import RunRow
from workflow.report.secrets import parsed

LISTED: Final = 200
# Of executions that have ended, each time that they are listed; each is read once.
_READ_AT_ONCE: Final = 10
_CONSOLE: Final = "console"
_RUNNING: Final = "RUNNING"
_PENDING: Final = "PendingManualApproval"
DECISIONS: Final = ("Approved", "Rejected")
# UpdateModelPackage takes 1,024 characters.
COMMENT_CHARACTERS: Final = 900
# An execution that runs is drawn again after so many seconds, though nothing has happened.
_SECONDS_SOON, _SECONDS_LATER = 2, 15
_FIRST_MINUTE: Final = 60


@dataclass(frozen=True)
class ListedExecution:
    """An execution as Step Functions lists it; `row` is None until it has been read."""

    name: str
    status: str
    started: datetime.datetime
    row: RunRow | None


class Executions:
    """The executions of a workflow; what was read of those that have ended is kept.

    Args:
        watched: the workflow.
    """

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._rows: dict[str, RunRow] = {}
        self._lock = threading.Lock()

    def listed(self) -> Sequence[ListedExecution]:
        """Return the newest executions, the newest first."""
        found = self._stepfunctions.list_executions(
            stateMachineArn=self._watched.state_machine_arn, maxResults=LISTED
        )["executions"]
        with self._lock:
            self._read_more(found)
        return [
            ListedExecution(
                item["name"],
                item["status"],
                item["startDate"],
                self._rows.get(item["executionArn"]),
            )
            for item in found
        ]

    def record(self, name: str) -> Record:
        """Return all that is known of an execution."""
        return record_in_account(self._arn(name), self._watched.clients)

    def version(self, name: str) -> tuple[str, bool]:
        """Return a text that changes whenever the execution has to be shown anew.

        Returns:
            The text, and whether the execution is running.
        """
        arn = self._arn(name)
        described = self._stepfunctions.describe_execution(executionArn=arn)
        (last,) = self._stepfunctions.get_execution_history(
            executionArn=arn, reverseOrder=True, maxResults=1, includeExecutionData=False
        )["events"]
        is_running = described["status"] == _RUNNING
        age = (_now() - last["timestamp"]).total_seconds() if is_running else 0
        step = _SECONDS_SOON if age < _FIRST_MINUTE else _SECONDS_LATER
        return f"{last['id']}-{described['status']}-{step}-{age // step:g}", is_running

    def start(self, execution_input: Mapping[str, Any], name: str = "") -> str:
        """Start an execution and return its name, which is made of the time where none is given.

        The input says that the console started it, unless it says who did.

        Raises:
            WorkflowError: Step Functions refused.
        """
        now = datetime.datetime.now().astimezone()
        with aws.actionable_errors():
            started = self._stepfunctions.start_execution(
                stateMachineArn=self._watched.state_machine_arn,
                input=json.dumps({STARTED_BY: _CONSOLE} | dict(execution_input)),
                name=name or f"console-{now:%Y%m%dT%H%M%S}",
            )
        return str(started["executionArn"]).rpartition(":")[2]

    def given_input(self, name: str) -> str:
        """Return the settings that an execution was started with, as JSON."""
        described = self._stepfunctions.describe_execution(executionArn=self._arn(name))
        given = parsed(described.get("input"))
        return json.dumps(fields_given(given), ensure_ascii=False)

    def waiting_package(self, name: str) -> str | None:
        """Return the model package that an execution asks about; None where it does not."""
        events = executions.last_events(self._arn(name), stepfunctions=self._stepfunctions)
        entered = [event for event in events if event["type"].endswith("StateEntered")]
        last = entered[-1]["stateEnteredEventDetails"] if entered else {}
        if last.get("name") != names.WAIT_FOR_APPROVAL or events[-1]["type"] != "TaskSubmitted":
            return None
        return str(json.loads(last["input"])["package"]["ModelPackageArn"])

    def decide(self, name: str, decision: str, comment: str) -> None:
        """Answer an execution in the model registry, whose event resumes it.

        Raises:
            WorkflowError: the answer is none, or nothing waits for one any more.
        """
        if decision not in DECISIONS:
            raise WorkflowError(f"{decision!r} is no answer: it must be one of {DECISIONS}")
        package_arn = self.waiting_package(name)
        sagemaker = self._watched.clients("sagemaker")
        with aws.actionable_errors():
            if package_arn is None or self._is_answered(package_arn):
                raise WorkflowError(f"{name} waits for no answer (any more)")
            text = f"in the console: {comment}" if comment else "in the console"
            sagemaker.update_model_package(
                ModelPackageArn=package_arn,
                ModelApprovalStatus=decision,
                ApprovalDescription=text[:COMMENT_CHARACTERS],
            )

    @property
    def _stepfunctions(self) -> Any:
        return self._watched.clients("stepfunctions")

    def _arn(self, name: str) -> str:
        return executions.arn_of(name, self._watched.state_machine_arn)

    def _is_answered(self, package_arn: str) -> bool:
        package = self._watched.clients("sagemaker").describe_model_package(
            ModelPackageName=package_arn
        )
        return bool(package["ModelApprovalStatus"] != _PENDING)

    def _read_more(self, found: Sequence[Mapping[str, Any]]) -> None:
        unread = [
            item["executionArn"]
            for item in found
            if item["status"] != _RUNNING and item["executionArn"] not in self._rows
        ]
        for arn in unread[:_READ_AT_ONCE]:
            self._rows[arn] = row_in_account(arn, self._watched.clients)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
