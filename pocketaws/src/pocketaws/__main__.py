"""The command line: `python -m pocketaws COMMAND`."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from pocketaws.commands import execute, run, up, validate
from pocketaws.commands.empty import empty_argument
from pocketaws.errors import PocketawsError
from pocketaws.terminal.ended import in_order, leave
from pocketaws.terminal.plain import plain
from pocketaws.terminal.standard_output import shown


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 only where it did what was asked."""
    parser = _parser()
    empty = empty_argument(sys.argv[1:] if argv is None else argv)
    if empty is not None:
        parser.error(empty)
    arguments = parser.parse_args(argv)
    return in_order(lambda: _run(arguments))


def run_and_leave() -> NoReturn:
    """Run one command and leave at once."""
    leave(main())


def _run(arguments: argparse.Namespace) -> int:
    try:
        return shown(lambda: int(arguments.run_command(arguments)), told=(PocketawsError,))
    except PocketawsError as error:
        print(plain(f"error: {error}"), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocketaws",
        description="An embedded AWS for deployed Step Functions workflows: real SageMaker jobs "
        "and Lambda functions on this machine, no Docker, no account.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (up, execute, run, validate):
        command = commands.add_parser(
            module.__name__.rpartition(".")[2],
            help=module.SUMMARY,
            description=module.DESCRIPTION,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run_command=module.run)
    return parser


if __name__ == "__main__":
    run_and_leave()
