"""Answer an execution that waits for a person, from the command line.

The answer goes where any answer goes: to the model registry. Its event resumes the execution, here
as on AWS, and the approval page is open meanwhile.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TextIO

from pocketaws import Display, Message
from workflow.answers import answer_in, unknown_answer
from workflow.definition import names

APPROVED: Final = "Approved"
REJECTED: Final = "Rejected"
NOBODY_TO_ASK: Final = (
    "a person is to decide, and there is no terminal to ask in; give --approve or --reject"
)
_PENDING: Final = "PendingManualApproval"


@dataclass(frozen=True)
class Registry:
    """The model registry, where the answer goes.

    Attributes:
        clients: called with a service's name, returns a client.
    """

    clients: Callable[[str], Any]

    def decide(self, decision: str, package_arn: str) -> bool:
        """Give a version that waits for it a status; return False where it waits no more."""
        sagemaker = self.clients("sagemaker")
        described = sagemaker.describe_model_package(ModelPackageName=package_arn)
        if described["ModelApprovalStatus"] != _PENDING:
            return False
        sagemaker.update_model_package(
            ModelPackageArn=package_arn,
            ModelApprovalStatus=decision,
            ApprovalDescription="on the command line",
        )
        return True


class Approver:
    """Watches an execution's events and answers when it asks.

    Args:
        registry: where the answer goes.
        decision: what to answer; None asks in the terminal.
        screen: where the question is shown.
        stop: stops the execution, with the reason, where nobody can be asked; None waits.
        terminal: where the answer is typed; None is standard input.
        local: returns a question's text as it is shown here.
    """

    def __init__(
        self,
        registry: Registry,
        decision: str | None,
        screen: Display,
        *,
        stop: Callable[[str], None] | None = None,
        terminal: TextIO | None = None,
        local: Callable[[str], str] = str,
    ) -> None:
        self._registry = registry
        self._decision = decision
        self._screen = screen
        self._stop = stop
        self._terminal = terminal or sys.stdin
        self._local = local
        self._state_name = ""
        self._package_arn = ""
        self.asked = False

    def see(self, event: Mapping[str, Any], messages: Callable[[], Sequence[Message]]) -> None:
        """Take in the next event of the history, and answer where it says that it waits.

        Args:
            event: of the history.
            messages: returns what has been published.
        """
        if event["type"].endswith("StateEntered"):
            entered = event["stateEnteredEventDetails"]
            self._state_name = entered["name"]
            if self._state_name == names.WAIT_FOR_APPROVAL:
                self._package_arn = json.loads(entered["input"])["package"]["ModelPackageArn"]
        elif event["type"] == "TaskSubmitted" and self._state_name == names.WAIT_FOR_APPROVAL:
            self.asked = True
            self._show_question(messages())
            self._answer()

    def _show_question(self, messages: Sequence[Message]) -> None:
        text = self._local(messages[-1].text) if messages else ""
        for line in text.splitlines():
            self._screen.note(line)

    def _answer(self) -> None:
        if self._decision is not None:
            self._decide(self._decision)
        elif self._terminal.isatty():
            # Beside the execution, which may be answered on the page meanwhile.
            threading.Thread(target=self._ask, daemon=True).start()
        elif self._stop is None:
            self._screen.note("waiting for an answer on the page or in the registry")
        else:
            self._screen.note(f"stopping the execution: {NOBODY_TO_ASK}")
            self._stop(NOBODY_TO_ASK)

    def _ask(self) -> None:
        self._screen.ask("approve this model? type yes or no, or answer on the page")
        for line in self._terminal:
            is_approved = answer_in(line)
            if is_approved is not None:
                self._decide(APPROVED if is_approved else REJECTED)
                return
            self._screen.ask(unknown_answer(line))

    def _decide(self, decision: str) -> None:
        is_answered = self._registry.decide(decision, self._package_arn)
        told = f"{decision}: {self._package_arn}"
        self._screen.note(told if is_answered else "nothing waits for an answer any more")
