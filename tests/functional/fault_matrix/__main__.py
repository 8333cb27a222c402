"""Print the matrix as a table: states down, faults across, each cell what it ends as."""

import sys
import uuid
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.functional.fault_matrix.cases import cases_of, load_definition
from tests.functional.fault_matrix.faults import What
from tests.functional.fault_matrix.monitor import MonitorOutcome, run_monitor_matrix
from tests.functional.fault_matrix.runs import Outcome, Report, run_matrix
from tests.functional.monitored import Monitored

_CELL_WIDTH: Final = 18
_LEGEND: Final = """\
released, or the error that the execution ends with (without Lambda., SageMaker. and Exception);
-  the fault cannot happen there
*  nobody is told
!  not as designed, see below"""


def main() -> int:
    """Run the matrix; return 0 where every cell is as designed, else 1."""
    with LocalRuntime() as runtime:
        stack = runtime.deploy(
            PROJECT_DIR / "template.yaml",
            stack_name="abalone-faults",
        )
        cases = cases_of(load_definition(), prefix=f"faults-{uuid.uuid4().hex[:8]}")
        report = run_matrix(runtime, stack, cases)
        watched = run_monitor_matrix(Monitored(runtime))
    console = Console(width=max(Console().width, 30 + len(What) * (_CELL_WIDTH + 3)))
    console.print(_table(report))
    console.print(_LEGEND, highlight=False)
    console.print(_monitor_table(watched))
    problems = [*report.problems, *report.strangers]
    problems += [
        f"{one.case.state} | {one.case.what}: {problem}"
        for one in watched
        for problem in one.problems
    ]
    for problem in problems:
        console.print(f"not as designed: {problem}", highlight=False, markup=False)
    return 1 if problems else 0


def _table(report: Report) -> Table:
    table = Table(box=box.SIMPLE, title=f"{len(report.outcomes)} executions", show_lines=False)
    table.add_column("state")
    for what in What:
        table.add_column(str(what), max_width=_CELL_WIDTH, overflow="fold")
    by_cell = {(outcome.case.state, outcome.case.what): outcome for outcome in report.outcomes}
    for state in dict.fromkeys(outcome.case.state for outcome in report.outcomes):
        table.add_row(state, *(_cell(by_cell.get((state, what))) for what in What))
    return table


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    marks = "!" if outcome.problems else ""
    marks += "" if outcome.case.tells else "*"
    label = outcome.label.removeprefix("SageMaker.").removeprefix("Lambda.")
    return label.removesuffix("Exception") + marks


def _monitor_table(outcomes: list[MonitorOutcome]) -> Table:
    title = f"the monitor, {len(outcomes)} executions; whatever is not compared is told once"
    table = Table(box=box.SIMPLE, title=title, show_lines=False)
    table.add_column("state")
    for what in What:
        table.add_column(str(what), max_width=_CELL_WIDTH, overflow="fold")
    by_cell = {(outcome.case.state, outcome.case.what): outcome for outcome in outcomes}
    for state in dict.fromkeys(outcome.case.state for outcome in outcomes):
        cells = [by_cell.get((state, what)) for what in What]
        table.add_row(
            state, *("-" if one is None else one.label + "!" * bool(one.problems) for one in cells)
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
