"""`workflow rename`: give the project another name, wherever it must be spelt out."""

import argparse
from typing import Final

DESCRIPTION: Final = (
    "Change the project's name in project.toml, and in the files that the SAM CLI and "
    "CloudFormation read, which must spell it out. Do it before the first deployment: another name "
    "makes other stacks."
)
EXAMPLES: Final = """examples:
  python -m workflow rename houses
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens")


def run(arguments: argparse.Namespace) -> int:
    """Change the files and say which; return 0.

    Raises:
        ProjectError: the name cannot be one, or a file cannot be changed.
    """
    from workflow.project import PROJECT_DIR, check_name
    from workflow.starting.renaming import renamed

    check_name(arguments.name, where="NAME")
    for path in renamed(PROJECT_DIR, arguments.name):
        print(f"changed {path}")
    return 0
