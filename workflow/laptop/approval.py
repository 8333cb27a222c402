"""Answer an execution that waits for a person, from the command line.

The answer goes where any answer goes: to the model registry. Its event resumes the execution, here
as on AWS, and the approval page is open meanwhile.
"""

import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws import Display, Message
from workflow.definition import names

APPROVED: Final = "Approved"
REJECTED: Final = "Rejected"
_PENDING: Final = "PendingManualApproval"
_ANSWERS: Final[Mapping[str, str]] = {
    "y": APPROVED,
    "yes": APPROVED,
    "n": REJECTED,
    "no": REJECTED,
}


@dataclass(frozen=True)
class Registry:
    """The stack's model package group, where the answer goes."""

    sagemaker: Any
    group_name: str

    def decide(self, decision: str) -> str | None:
        """Give the newest pending version a status and return its ARN; None where none waits."""
        pending = self.sagemaker.list_model_packages(
            ModelPackageGroupName=self.group_name,
            ModelApprovalStatus=_PENDING,
            SortBy="CreationTime",
            SortOrder="Descending",
        )["ModelPackageSummaryList"]
        if not pending:
            return None
        arn = str(pending[0]["ModelPackageArn"])
        self.sagemaker.update_model_package(
            ModelPackageArn=arn,
            ModelApprovalStatus=decision,
            ApprovalDescription="on the command line",
        )
        return arn


class Approver:
    """Watches an execution's events and answers when it asks.

    Args:
        registry: where the answer goes.
        decision: what to answer; None asks in the terminal, where there is one.
        screen: where the question is shown.
    """

    def __init__(self, registry: Registry, decision: str | None, screen: Display) -> None:
        self._registry = registry
        self._decision = decision
        self._screen = screen
        self._state_name = ""
        self.asked = False

    def see(self, event: Mapping[str, Any], messages: list[Message]) -> None:
        """Take in the next event of the history, and answer where it says that it waits."""
        if event["type"].endswith("StateEntered"):
            self._state_name = event["stateEnteredEventDetails"]["name"]
        elif event["type"] == "TaskSubmitted" and self._state_name == names.WAIT_FOR_APPROVAL:
            self.asked = True
            self._show_question(messages)
            self._answer()

    def _show_question(self, messages: list[Message]) -> None:
        for line in messages[-1].text.splitlines() if messages else []:
            self._screen.note(line)

    def _answer(self) -> None:
        if self._decision is not None:
            self._decide(self._decision)
        elif sys.stdin.isatty():
            # Beside the execution, which may be answered on the page meanwhile.
            threading.Thread(target=self._ask, daemon=True).start()
        else:
            self._screen.note("waiting for an answer; --approve or --reject gives one at once")

    def _ask(self) -> None:
        while True:
            self._screen.note("approve this model? type yes or no, or answer on the page")
            line = sys.stdin.readline()
            if not line:
                return
            decision = _ANSWERS.get(line.strip().lower())
            if decision is not None:
                self._decide(decision)
                return

    def _decide(self, decision: str) -> None:
        arn = self._registry.decide(decision)
        self._screen.note(f"{decision}: {arn}" if arn else "nothing waits for an answer any more")
