"""Print, for each role, what it is granted and why, and what it lacks."""

import argparse
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from pocketaws.runtime import LocalRuntime
from tests.functional.permissions import pipeline
from tests.functional.permissions.necessity import unnecessary
from tests.functional.permissions.needed import needed_accesses
from tests.functional.permissions.report import Report, rows_of, text_of
from tests.functional.permissions.scenario import run
from tests.functional.permissions.table import LEGEND, tables

_WIDTH: Final = 110


def main() -> int:
    """Run everything with enforcement on; return 0 where every role is granted what it needs."""
    parser = argparse.ArgumentParser(prog="python -m tests.functional.permissions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there instead")
    arguments = parser.parse_args()
    report = _report()
    if arguments.json:
        report.write(arguments.json)
    else:
        _print(report)
    return 1 if report.problems else 0


def _report() -> Report:
    entries = needed_accesses()
    with LocalRuntime() as runtime:
        try:
            held = [*run(runtime).held(entries), *pipeline.release(runtime, entries)]
        except Exception as error:
            # What a role was refused is why the run cannot go on, most likely.
            for text in _refused(runtime):
                error.add_note(text)
            raise
        lacking = _refused(runtime) | {
            f"{' '.join(item.role.key)} needs and lacks {text_of(access)}"
            for item in held
            for access in item.denied()
        }
    return Report(tuple(rows_of(held)), tuple(sorted(lacking)), tuple(unnecessary(entries, held)))


def _refused(runtime: LocalRuntime) -> set[str]:
    return {
        f"{item.role_arn} was refused {text_of(item.access)}"
        for item in runtime.enforcement.used or ()
        if not item.allowed
    }


def _print(report: Report) -> None:
    console = Console(width=max(Console().width, _WIDTH))
    for table in tables(report):
        console.print(table)
    console.print(LEGEND, highlight=False)
    for problem in report.problems:
        console.print(problem, highlight=False, markup=False, soft_wrap=True)
    console.print(f"{len(report.rows)} statements, {len(report.problems)} problems")


if __name__ == "__main__":
    sys.exit(main())
