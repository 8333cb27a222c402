"""Whatever happens to whichever state: the execution ends as designed, is told once, harms nothing.

`make faults` prints the same as a table.
"""

import uuid

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.functional.fault_matrix.cases import cases_of, load_definition
from tests.functional.fault_matrix.runs import Report, run_matrix

# More than a hundred executions; on a busy machine they take their time.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def report(runtime: LocalRuntime, stack: Stack) -> Report:
    cases = cases_of(load_definition(), prefix=f"faults-{uuid.uuid4().hex[:8]}")
    return run_matrix(runtime, stack, cases)


def test_every_case_ends_as_the_definition_designs_it(report: Report) -> None:
    assert not report.problems, "\n".join(report.problems)


def test_no_execution_touches_what_is_not_its_own(report: Report) -> None:
    assert not report.strangers, "\n".join(report.strangers)
