"""`workflow build`: render the definition of a state machine."""

import argparse
from pathlib import Path
from typing import Final

from workflow.errors import DefinitionError, SdkNotInstalledError

DESCRIPTION: Final = "Render the definition with the Data Science SDK, as Amazon States Language."
EXAMPLES: Final = """examples:
  python -m workflow build --output workflow/definition/definition.asl.json
  python -m workflow build --machine monitor --output workflow/definition/monitor.asl.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--machine",
        choices=("workflow", "monitor"),
        default="workflow",
        help="which one (default: workflow)",
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="where to write it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Check and write the definition; return 0.

    Raises:
        DefinitionError: Step Functions would refuse it.
        SdkNotInstalledError: this environment is not the definition's.
    """
    # The SDK takes seconds to import, and has an environment of its own, so only this command does.
    try:
        from workflow.definition.render import render, render_monitor
    except ModuleNotFoundError as error:
        if error.name not in ("sagemaker", "stepfunctions"):
            raise
        raise SdkNotInstalledError(error.name) from error

    rendering = {"workflow": render, "monitor": render_monitor}[arguments.machine]
    write(rendering(), arguments.output)
    print(f"wrote {arguments.output}")
    return 0


def write(definition: str, path: Path) -> None:
    """Write a definition that Step Functions would create.

    Raises:
        DefinitionError: it would not; nothing is written.
    """
    # Only this command needs the checks, which are slow to import.
    from pocketaws import definition_problems, write_whole

    problems = definition_problems(definition, placeholders=True)
    if problems:
        raise DefinitionError(problems)
    write_whole(path, definition)
