"""The command line: `python -m workflow COMMAND`, or `workflow COMMAND` once installed."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from workflow.commands import SUMMARIES

_DISTRIBUTION = "sagemaker-workflow"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 only where it did what was asked."""
    arguments = _parsed(sys.argv[1:] if argv is None else argv)
    # Help needs none of it.
    from pocketaws import in_order

    return in_order(lambda: _run(arguments))


def run_and_leave() -> NoReturn:
    """Run one command and leave at once."""
    exit_code = main()
    from pocketaws import leave

    leave(exit_code)


def _run(arguments: argparse.Namespace) -> int:
    from pocketaws import PocketawsError, plain, shown
    from workflow.errors import WorkflowError

    told = (WorkflowError, PocketawsError)
    try:
        return shown(lambda: int(arguments.run_command(arguments)), told=told)
    except told as error:
        print(plain(f"error: {error}"), file=sys.stderr)
        return 1


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    # No option stands before the command but those that end at once.
    named = next((item for item in argv if item in SUMMARIES), None)
    arguments, left = _parser(named).parse_known_args(argv)
    if left:
        import shlex

        given = [item for item in left if not item.startswith("-")]
        takes_data = given and "data" in arguments
        remedy = f"; rows are given with --data {shlex.quote(given[0])}" if takes_data else ""
        arguments.command_parser.error(f"unrecognized arguments: {shlex.join(left)}{remedy}")
    return arguments


class _Version(argparse.Action):
    """Print the installed version, which takes a moment to look up, and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import platform
        from importlib.metadata import version

        print(f"{parser.prog} {version(_DISTRIBUTION)}, Python {platform.python_version()}")
        parser.exit()


def _parser(named: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows the options of one command, and of the others their names."""
    parser = argparse.ArgumentParser(
        prog="workflow",
        description="Train, judge, release and watch a SageMaker model with Step Functions.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    # Told the name, argparse need not lay a usage out for it, which takes shutil.
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=parser.prog)
    for name, summary in SUMMARIES.items():
        command = commands.add_parser(
            name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == named:
            module = importlib.import_module(f"workflow.commands.{name}")
            command.description, command.epilog = module.DESCRIPTION, module.EXAMPLES
            module.add_arguments(command)
            command.set_defaults(run_command=module.run, command_parser=command)
    return parser


if __name__ == "__main__":
    run_and_leave()
