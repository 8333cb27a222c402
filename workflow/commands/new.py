"""`workflow new`: make this project that of another table."""

import argparse
from pathlib import Path
from typing import Final

DESCRIPTION: Final = (
    "Read some rows of a table, propose its columns, draw a sample like it, measure a quick model, "
    "and write jobs/columns.py, data/NAME-sample.csv, the gate's default in template.yaml, and "
    "project.toml. Then `make run` runs."
)
EXAMPLES: Final = """examples:
  python -m workflow new houses.csv --label energy_kwh
  python -m workflow new patients.parquet --label outcome --problem binary --name outcomes
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, plain or gzip, or Parquet")
    parser.add_argument(
        "--label", metavar="NAME", help="the column to predict (default: asked, or the last one)"
    )
    parser.add_argument("--weight", metavar="NAME", help="a column of the rows' weights")
    parser.add_argument(
        "--problem",
        choices=("regression", "binary", "multiclass"),
        default="",
        help="what the label poses (default: by its values)",
    )
    parser.add_argument(
        "--name", metavar="NAME", help="of the project (default: made of the file's name)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files, and show what was found; return 0.

    Raises:
        WorkflowError: the file is no table to learn from, or the project cannot be changed.
    """
    from workflow.starting.table import begin

    begin(
        arguments.file,
        name=arguments.name,
        label=arguments.label,
        weight=arguments.weight,
        problem=arguments.problem,
    )
    return 0
