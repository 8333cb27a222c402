"""`workflow invoke`: predictions of the endpoint for the rows of a file or of standard input."""

import argparse
from typing import Final

from workflow.account import aws
from workflow.commands import SUMMARIES

DESCRIPTION: Final = aws.described(SUMMARIES["invoke"])
EXAMPLES: Final = """examples:
  workflow invoke data/abalone-sample.csv
  workflow invoke rows.csv --endpoint-name abalone-production --output-format json
  head -3 data/abalone-sample.csv | workflow invoke --with-input
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="rows of CSV; - is standard input (default: -)",
    )
    aws.add_endpoint_name(parser)
    parser.set_defaults(is_encoded=False)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--raw",
        dest="is_encoded",
        action="store_false",
        help="the rows are as in the data set, with or without the label (default)",
    )
    form.add_argument(
        "--encoded",
        dest="is_encoded",
        action="store_true",
        help="the rows are encoded already: sent as they are",
    )
    parser.add_argument(
        "--output-format",
        choices=("csv", "json"),
        default="csv",
        help="a prediction a line (a number, or a class and its probability), or a JSON object a "
        "line (default: csv)",
    )
    parser.add_argument(
        "--with-input", action="store_true", help="put each row before its prediction"
    )
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="leave out rows that cannot be encoded (default: send nothing)",
    )
    aws.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a prediction for each row, in their order; return 0 where there is one for each.

    Raises:
        WorkflowError: the rows cannot be read or encoded, the endpoint's model takes other
            features, or the endpoint refused.
    """
    from workflow.commands.invoke_rows import print_predictions

    print_predictions(arguments)
    return 0
