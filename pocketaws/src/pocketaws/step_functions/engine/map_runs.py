"""Map Runs: what became of the child executions of a distributed Map state.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
"""

import datetime
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.step_functions.engine.documents import now

_COUNTED: Final = (
    "pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten",
    "failuresNotRedrivable", "pendingRedrive",
)  # fmt: skip


@dataclass(frozen=True)
class ChildExecution:
    """A child execution that has ended.

    Attributes:
        items: how many it was given.
        error: and cause, where it failed.
        place: among the children.
    """

    arn: str
    name: str
    status: str
    input: Any
    output: Any
    items: int
    started: datetime.datetime
    stopped: datetime.datetime
    error: dict[str, str] = field(default_factory=dict)
    place: int = 0


@dataclass
class MapRun:
    """A Map Run."""

    arn: str
    execution_arn: str
    state_machine_arn: str
    max_concurrency: int
    tolerated_failure_count: int
    tolerated_failure_percentage: float
    total: int = 0
    items: int = 0
    status: str = "RUNNING"
    started: datetime.datetime = field(default_factory=now)
    stopped: datetime.datetime | None = None
    children: list[ChildExecution] = field(default_factory=list)
    results_written: bool = False

    @classmethod
    def named(cls, machine_arn: str, label: str | None, **more: Any) -> "MapRun":
        """Return a Map Run with a name of its own."""
        kind = label or str(uuid.uuid4())
        return cls(
            arn=f"{machine_arn.replace(':stateMachine:', ':mapRun:')}/{kind}:{uuid.uuid4()}",
            state_machine_arn=f"{machine_arn}/{kind}",
            **more,
        )

    def end(self, status: str) -> None:
        """Note how it ended."""
        self.status, self.stopped = status, now()

    def fails(self) -> bool:
        """Tell whether more items have failed than it tolerates."""
        failed = sum(child.items for child in self.children if child.status != "SUCCEEDED")
        percentage = 100 * failed / self.items if self.items else 0
        if not failed:
            return False
        count_exceeded = failed > self.tolerated_failure_count
        percentage_exceeded = percentage > self.tolerated_failure_percentage
        if self.tolerated_failure_count and not self.tolerated_failure_percentage:
            return count_exceeded
        if self.tolerated_failure_percentage and not self.tolerated_failure_count:
            return percentage_exceeded
        return count_exceeded or percentage_exceeded

    def described(self) -> dict[str, Any]:
        """Return what DescribeMapRun answers."""
        fields = {
            "mapRunArn": self.arn,
            "executionArn": self.execution_arn,
            "status": self.status,
            "startDate": self.started,
            "stopDate": self.stopped,
            "maxConcurrency": self.max_concurrency,
            "toleratedFailureCount": self.tolerated_failure_count,
            "toleratedFailurePercentage": self.tolerated_failure_percentage,
            "itemCounts": self._counts(self.items, [child.items for child in self.children]),
            "executionCounts": self._counts(self.total, [1] * len(self.children)),
            "redriveCount": 0,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def listed(self) -> dict[str, Any]:
        """Return what ListMapRuns answers of it."""
        fields = {
            "executionArn": self.execution_arn,
            "mapRunArn": self.arn,
            "stateMachineArn": self.state_machine_arn,
            "startDate": self.started,
            "stopDate": self.stopped,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def executions(self, status: str | None) -> list[dict[str, Any]]:
        """Return what ListExecutions answers of its children, the newest first.

        Args:
            status: of those that are wanted; None for all.
        """
        return [
            {
                "executionArn": child.arn,
                "stateMachineArn": self.state_machine_arn,
                "name": child.name,
                "status": child.status,
                "startDate": child.started,
                "stopDate": child.stopped,
                "mapRunArn": self.arn,
                "itemCount": child.items,
            }
            for child in sorted(self.children, key=lambda child: child.started, reverse=True)
            if status in {None, child.status}
        ]

    def _counts(self, total: int, weights: list[int]) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for child, weight in zip(self.children, weights, strict=True):
            counts[child.status.lower().replace("timed_out", "timedOut")] += weight
        counts["total"] = total
        counts["resultsWritten"] = counts["succeeded"]
        counts["running" if self.stopped is None else "aborted"] += total - sum(weights)
        return {name: counts[name] for name in _COUNTED}
