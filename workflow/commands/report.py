"""`workflow report`: the page of an execution, here or in an account."""

import argparse
from pathlib import Path
from typing import Final

from workflow.commands.record_arguments import add_places, record_named, write_page

DESCRIPTION: Final = (
    "Write one HTML file, which loads nothing, about an execution that runs or has ended: the "
    "verdict and what to do next, the state machine's graph, times, model, data, settings, and "
    "each state's input, output and log."
)
EXAMPLES: Final = """examples:
  python -m workflow report local-20261123T104726
  python -m workflow report --stack-name abalone-dev nightly-7 --output nightly-7.html
  python -m workflow report "$EXECUTION_ARN"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "execution",
        metavar="EXECUTION-ARN-or-NAME",
        help="of a run on this machine its name or folder; with --stack-name, an execution's name",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where the page goes (default: report-NAME.html)",
    )
    add_places(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the page and say where; return 0.

    Raises:
        WorkflowError: there is no such execution, the account cannot be asked, or the file not be
            written.
    """
    from pocketaws import plain
    from workflow.report.page import page_of

    record = record_named(arguments.execution, arguments)
    path = arguments.output or Path(f"report-{record.summary.name}.html")
    write_page(path, page_of(record))
    print(plain(f"{record.verdict.sentence}\n{path}"))
    return 0
