"""`workflow compare A B`: two runs side by side."""

import argparse
from pathlib import Path
from typing import Final

from workflow.commands.record_arguments import add_places, record_named, write_page

DESCRIPTION: Final = (
    "Show settings, data, metrics and durations of two runs side by side; what differs is marked "
    "with an exclamation mark. A run is named by its folder, its name, or its execution's ARN."
)
EXAMPLES: Final = """examples:
  python -m workflow compare local-20261123T104726 local-20261123T110102
  python -m workflow compare local-20261123T104726 local-20261123T110102 --output both.html
  python -m workflow compare --stack-name abalone-dev first second --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("first", metavar="A", help="a run")
    parser.add_argument("second", metavar="B", help="another one")
    add_places(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write a page, HTML, instead of printing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the comparison; return 0.

    Raises:
        WorkflowError: a run is not there, the account cannot be asked, or the page not be written.
    """
    from pocketaws import plain
    from workflow.report import comparison
    from workflow.report.comparison_page import comparison_page_of

    first, second = (record_named(name, arguments) for name in (arguments.first, arguments.second))
    if arguments.output is not None:
        write_page(arguments.output, comparison_page_of(first, second))
        print(plain(str(arguments.output)))
    elif arguments.json:
        print(comparison.as_json(first, second))
    else:
        print(plain(comparison.as_text(first, second)))
    return 0
