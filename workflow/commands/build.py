"""`workflow build`: render the state machine's definition."""

import argparse
from pathlib import Path
from typing import Final

SUMMARY: Final = "render the state machine's definition"
DESCRIPTION: Final = "Render the definition with the Data Science SDK, as Amazon States Language."
EXAMPLES: Final = """examples:
  python -m workflow build --output workflow/definition/definition.asl.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="where to write it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the definition; return 0."""
    # The SDK takes seconds to import, so only this command does.
    from workflow.definition.render import render

    arguments.output.write_text(render(), encoding="utf-8")
    print(f"wrote {arguments.output}")
    return 0
