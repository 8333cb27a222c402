"""Every permission of the three templates' roles is needed, and none is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR
from tests.functional.permissions.declared import (
    ENDPOINT,
    PIPELINE,
    WORKFLOW,
    Declared,
    declared_statements,
)
from tests.functional.permissions.report import Report, read_report

SECONDS = 300
# Of stacks in other regions, of which the run has none; tests/unit/test_regions.py holds it.
OF_OTHER_REGIONS = {(WORKFLOW, "StartTrialRole", "MakeModelPackageGroup")}
# Of stacks that log to an MLflow server, of which the run has none: nothing here is one of
# SageMaker's. tests/unit/test_tracking.py holds where they stand.
OF_MLFLOW = {
    (WORKFLOW, "WriteReportRole", sid)
    for sid in ("ReadTheModel", "LogToMlflow", "LogToAnMlflowApp")
}
DECLARED = [
    statement
    for statement in declared_statements(WORKFLOW, ENDPOINT, PIPELINE)
    if statement.key not in OF_OTHER_REGIONS | OF_MLFLOW
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What a run of everything says; in a process of its own, since a runtime is one a process."""
    path: Path = tmp_path_factory.mktemp("permissions") / "report.json"
    command = [sys.executable, "-m", "tests.functional.permissions", "--json", str(path)]
    done = subprocess.run(
        command, cwd=PROJECT_DIR, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    # 1 says that there are problems, which the tests name.
    assert done.returncode in (0, 1), done.stderr
    return read_report(path)


@pytest.mark.parametrize("statement", DECLARED, ids=lambda it: "-".join(it.key))
def test_without_the_statement_something_is_denied(report: Report, statement: Declared) -> None:
    missed = {row.key: row.missed for row in report.rows}

    # A statement that no stack of the run has is not among them: deploy one that has it.
    assert missed[statement.key]


def test_every_statement_that_a_stack_has_stands_in_a_template(report: Report) -> None:
    assert {row.key for row in report.rows} == {statement.key for statement in DECLARED}


def test_nothing_is_needed_and_not_granted(report: Report) -> None:
    assert report.lacking == ()


def test_no_action_resource_or_condition_is_granted_without_need(report: Report) -> None:
    assert [(row.key, row.unused) for row in report.rows if row.unused] == []


def test_every_entry_of_the_list_is_necessary(report: Report) -> None:
    assert report.unnecessary == ()
