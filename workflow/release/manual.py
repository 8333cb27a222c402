"""The Manual approval action: a person is asked, or has answered beforehand."""

import select
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from workflow.answers import answer_in, unknown_answer
from workflow.errors import WorkflowError
from workflow.laptop.local_texts import without_console
from workflow.release.execution import ActionResult, Task

# CodePipeline's own, seven days.
_TIMEOUT_MINUTES: Final = 7 * 24 * 60
Ask = Callable[[float], str | None]


def ask_in_terminal(timeout_seconds: float) -> str | None:
    """Return the next line of standard input; None where none came in time, or none ever will."""
    ready, _, _ = select.select([sys.stdin], [], [], timeout_seconds)
    line = sys.stdin.readline() if ready else ""
    return line.strip() if line else None


@dataclass(frozen=True)
class Approvals:
    """Performs Manual approval actions.

    Attributes:
        decision: True approves, False refuses, None asks.
        ask: waits so many seconds for a line of the person's.
        note: shows a line that stays.
        show_question: shows one below everything else.
    """

    decision: bool | None
    ask: Ask
    note: Callable[[str], None]
    show_question: Callable[[str], None]

    def __call__(self, task: Task) -> ActionResult:
        """Show the question and take the answer; a refusal fails the action."""
        configuration = task.action.configuration
        for key in ("CustomData", "ExternalEntityLink"):
            if key in configuration:
                self.note(f"{task.action.name}: {without_console(configuration[key])}")
        if self.decision is not None:
            is_approved = self.decision
        else:
            is_approved = self._asked(task.action.timeout_minutes or _TIMEOUT_MINUTES)
        if not is_approved:
            raise WorkflowError("Rejected: approval was refused")
        return ActionResult("Approved")

    def _asked(self, timeout_minutes: int) -> bool:
        self.show_question("approve? type yes or no")
        while True:
            line = self.ask(timeout_minutes * 60)
            if line is None:
                raise WorkflowError(f"nobody answered within {timeout_minutes} minutes")
            answer = answer_in(line)
            if answer is not None:
                return answer
            self.show_question(unknown_answer(line))
