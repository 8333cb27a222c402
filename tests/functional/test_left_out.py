"""docs/local.md lists, by service, what the runtime refuses, and nothing else."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from moto.events.responses import EventsHandler
from moto.scheduler.responses import EventBridgeSchedulerResponse
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws import LocalRuntime
from pocketaws.gate.moto.missing import operations
from pocketaws.service_models import operation_names
from pocketaws.step_functions.integrations import left_out

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "local.md"


def listed(row: str) -> set[str]:
    """Return what stands in backticks in a row of the table."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (cells,) = [line for line in text.splitlines() if line.startswith(f"| {row} |")]
    return set(re.findall(r"`([^`]+)`", cells))


def test_the_integrations_that_are_not_run_are_listed() -> None:
    named = listed("Step Functions' integrations")
    whole = {name.removesuffix(":*") for name in named if name.endswith(":*")}

    not_run = left_out()
    assert {name for name in not_run if name.partition(":")[0] not in whole} == {
        name for name in named if not name.endswith(":*")
    }
    assert whole <= {name.partition(":")[0] for name in not_run}


@pytest.mark.parametrize(
    ("row", "service", "answering"),
    [
        ("Step Functions' API", "stepfunctions", StepFunctionResponse),
        ("EventBridge's API", "events", EventsHandler),
        ("EventBridge Scheduler's API", "scheduler", EventBridgeSchedulerResponse),
    ],
)
def test_the_operations_that_are_not_there_are_listed(
    pocketaws_runtime: LocalRuntime, row: str, service: str, answering: Any
) -> None:
    assert pocketaws_runtime.endpoint_url, "it has changed what moto answers"

    assert listed(row) == set(operation_names(service)) - set(operations(answering()))
