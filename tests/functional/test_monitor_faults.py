"""Whatever happens to whichever state of the monitor: it ends as designed, and is told once."""

from collections.abc import Iterator

import pytest

from pocketaws.runtime import LocalRuntime
from tests.functional.fault_matrix.definition import task_names
from tests.functional.fault_matrix.faults import What
from tests.functional.fault_matrix.monitor import (
    MonitorOutcome,
    load_monitor,
    monitor_cases,
    run_monitor_matrix,
)
from tests.functional.monitored import Monitored

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def outcomes(runtime: LocalRuntime) -> Iterator[list[MonitorOutcome]]:
    monitored = Monitored(runtime)
    monitored.call(40)
    yield run_monitor_matrix(monitored)
    monitored.delete()


def test_every_fault_ends_as_the_definition_designs_it_and_is_told_once(
    outcomes: list[MonitorOutcome],
) -> None:
    problems = [
        f"{one.case.state} | {one.case.what}: {problem}"
        for one in outcomes
        for problem in one.problems
    ]

    assert not problems, "\n".join(problems)


def test_every_task_meets_every_fault_that_can_happen_to_its_kind() -> None:
    machine = load_monitor()
    cells = {(case.state, case.what) for case in monitor_cases(machine)}
    every = {*What} - {What.STOPPED, What.MALFORMED}

    for name in task_names(machine):
        assert {what for state, what in cells if state == name} >= every
    assert ("Find captures", What.MALFORMED) in cells
    assert ("Compare in a job", What.STOPPED) in cells


def test_only_throttling_that_ends_lets_a_window_be_compared() -> None:
    compared = {
        case.what for case in monitor_cases(load_monitor()) if case.expected.status == "SUCCEEDED"
    }

    assert compared == {What.THROTTLED}
