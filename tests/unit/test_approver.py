"""An execution that waits for a person, as the command line answers it."""

import io
import json
from typing import Any

import pytest

from emulated.waiting import eventually
from workflow.definition import names
from workflow.laptop.approval import NOBODY_TO_ASK, Approver

PACKAGE_ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/abalone/1"


class FakeRegistry:
    def __init__(self) -> None:
        self.decided: list[str] = []

    def decide(self, decision: str, package_arn: str) -> bool:
        assert package_arn == PACKAGE_ARN
        self.decided.append(decision)
        return True


class FakeScreen:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def note(self, text: str) -> None:
        self.shown.append(("note", text))

    def ask(self, text: str) -> None:
        self.shown.append(("ask", text))

    def show(self, states: Any) -> None:
        """Show nothing."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def asked(approver: Approver) -> None:
    approver.see(
        {
            "type": "TaskStateEntered",
            "stateEnteredEventDetails": {
                "name": names.WAIT_FOR_APPROVAL,
                "input": json.dumps({"package": {"ModelPackageArn": PACKAGE_ARN}}),
            },
        },
        list,
    )
    approver.see({"type": "TaskSubmitted"}, list)


def test_a_wrong_answer_is_told_what_is_expected() -> None:
    registry, screen = FakeRegistry(), FakeScreen()

    asked(Approver(registry, None, screen, terminal=Terminal("maybe\n\nYES\n")))  # type: ignore[arg-type]

    assert eventually(lambda: registry.decided) == ["Approved"]
    assert [text for kind, text in screen.shown if kind == "ask"] == [
        "approve this model? type yes or no, or answer on the page",
        "'maybe' is no answer: type yes or no",
        "'' is no answer: type yes or no",
    ]


def test_where_nobody_can_answer_the_execution_is_stopped_at_once() -> None:
    registry, stopped = FakeRegistry(), list[str]()
    approver = Approver(
        registry,  # type: ignore[arg-type]
        None,
        FakeScreen(),
        stop=stopped.append,
        terminal=io.StringIO(),
    )

    asked(approver)

    assert stopped == [NOBODY_TO_ASK]
    assert registry.decided == []


@pytest.mark.parametrize("decision", ["Approved", "Rejected"])
def test_a_given_answer_needs_no_terminal(decision: str) -> None:
    registry = FakeRegistry()

    asked(
        Approver(
            registry,  # type: ignore[arg-type]
            decision,
            FakeScreen(),
            stop=pytest.fail,
            terminal=io.StringIO(),
        )
    )

    assert registry.decided == [decision]
